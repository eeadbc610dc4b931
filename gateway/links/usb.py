"""Serial ports by what is plugged in: `usb:VID:PID:SERIAL` is the device of that identity, whatever its path is now."""

from pathlib import Path

from serial.tools import list_ports

PREFIX = "usb:"


class TwoDevices(OSError):
    """More than one device has the identity: neither is used, for one of them would answer for the other."""


def check(name: str) -> None:
    """Raise ValueError for an identity that is none."""
    parts = name.removeprefix(PREFIX).split(":")
    if len(parts) != 3 or not all(parts):
        raise ValueError("a USB identity is usb:VENDOR:PRODUCT:SERIAL, as usb:2e8a:0005:e66118604b1234")
    for number in parts[:2]:
        int(number, 16)


def device(path: Path) -> str:
    """Return the device that a port's name means now; a plain path is itself. OSError: not there, or twice."""
    name = str(path)
    if not name.startswith(PREFIX):
        return name
    vendor, product, serial = name.removeprefix(PREFIX).split(":")
    wanted = (int(vendor, 16), int(product, 16), serial.lower())
    found = [
        port for port in list_ports.comports() if (port.vid, port.pid, (port.serial_number or "").lower()) == wanted
    ]
    if not found:
        raise FileNotFoundError("it is not plugged in")
    if len(found) > 1:
        names = " and ".join(sorted(port.device for port in found))
        raise TwoDevices(f"{names} both have this identity; unplug one of them")
    return str(found[0].device)
