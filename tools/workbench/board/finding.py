"""Boards by their USB identity."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from serial.tools import list_ports

from workbench.board.wire import BoardTrouble

# MicroPython's rp2 port as a USB device (ports/rp2/mpconfigport.h): Raspberry Pi's vendor number, product 0005.
USB_IDENTITY = (0x2E8A, 0x0005)
MAX_BOARDS = 8  # at once: a hub's worth; more only wait for each other on the bus


def find_ports(listed: Iterable[Any] | None = None) -> list[str]:
    """Return the serial ports of all kiosk boards on USB, in the order of their names."""
    ports = list_ports.comports() if listed is None else listed
    return sorted(port.device for port in ports if (port.vid, port.pid) == USB_IDENTITY)


def choose_ports(given: Sequence[str]) -> list[str]:
    """Return the ports that were named, else those that are found. Raises BoardTrouble."""
    ports = list(dict.fromkeys(given)) or find_ports()
    if not ports:
        raise BoardTrouble(
            "no board is on USB: plug one in (a new board needs MicroPython first: hold BOOTSEL, copy the .uf2), "
            "or name its port with --port"
        )
    if len(ports) > MAX_BOARDS:
        raise BoardTrouble(f"{len(ports)} boards are on USB: at most {MAX_BOARDS} at once; name some with --port")
    return ports


def choose_port(given: str | None) -> str:
    """Return the one port that was named or found. Raises BoardTrouble."""
    ports = [given] if given else choose_ports(())
    if len(ports) > 1:
        raise BoardTrouble(f"several boards are on USB: name one with --port ({', '.join(ports)})")
    return ports[0]


def same_port(one: str, other: str) -> bool:
    """Return True if two names lead to the same port."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)
