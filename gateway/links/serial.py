"""A serial port in the event loop: bytes in, bytes out, opened again whenever it went away.

The path may be a symlink (udev's names, a virtual board's): when it leads somewhere else, the port is opened anew.
"""

import asyncio
import errno
import os
from collections.abc import Callable
from pathlib import Path

import serial
import structlog

from gateway.errors import OperatorError
from gateway.links.usb import device

READ_BYTES = 65_536  # more than a turn of a board
MAX_UNSENT = 65_536  # bytes that wait for a port that takes none: some turns, then the port counts as stuck
LOOK_S = 0.5  # how often it is looked whether the path leads to the same device still
FIRST_S = 0.1  # a virtual board is back at once, a USB adapter within a second
LONGEST_S = 2.0  # a cable that is plugged in is found within two seconds


class PortInUse(OperatorError):
    """Another process has the port; the message says which port and what to do."""


class SerialPort:
    """One port. `on_bytes` gets what comes in; `on_state` is told when it opens and closes."""

    def __init__(self, path: Path, baud: int, on_bytes: Callable[[bytes], None], on_state: Callable[[bool], None]):
        self.path = path
        self._baud = baud
        self._on_bytes = on_bytes
        self._on_state = on_state
        self._port: serial.Serial | None = None
        self._unsent = bytearray()
        self._gone = asyncio.Event()
        self.trouble = ""  # why the port is not open, for people; empty while it is
        self.opened = 0  # how often
        self._log = structlog.get_logger("checkpost.serial").bind(port=str(path))

    def check(self) -> None:
        """Raise PortInUse if another process has the port now; a port that is not there yet is waited for."""
        try:
            self._open_port().close()
        except OSError as error:
            self.trouble = _why(error)
            if _in_use(error):
                raise PortInUse(
                    f"The serial port {self.path} is in use by another process; end that one first."
                ) from error

    async def run(self) -> None:
        """Keep the port open until cancelled."""
        wait_s = FIRST_S
        try:
            while True:
                if self._open():
                    wait_s = FIRST_S
                    await self._stay()
                    self._close()
                await asyncio.sleep(wait_s)
                wait_s = min(LONGEST_S, wait_s * 2)
        finally:
            self._close()

    def write(self, data: bytes) -> None:
        """Send bytes; they are dropped while the port is closed, for the board asks again."""
        if self._port is None or not data:
            return
        if len(self._unsent) + len(data) > MAX_UNSENT:
            self._vanish(f"took no bytes, {len(self._unsent)} wait")
            return
        self._unsent += data
        self._send()

    def _open_port(self) -> serial.Serial:
        # Exclusive: two gateways on one line would answer each other's boards.
        return serial.Serial(device(self.path), self._baud, timeout=0, write_timeout=0, exclusive=True)

    def _open(self) -> bool:
        try:
            self._port = self._open_port()
        except (OSError, ValueError) as error:
            why = _why(error)
            if why != self.trouble:
                self._log.warning("port not open", why=why)
            self.trouble = why
            return False
        self.trouble = ""
        self.opened += 1
        self._gone.clear()
        self._unsent = bytearray()
        asyncio.get_running_loop().add_reader(self._port.fileno(), self._readable)
        self._log.info("port open")
        self._on_state(True)
        return True

    async def _stay(self) -> None:
        """Return when the port is gone, or the path leads elsewhere."""
        while not self._gone.is_set():
            try:
                await asyncio.wait_for(self._gone.wait(), LOOK_S)
            except TimeoutError:
                if not self._same_device():
                    self._vanish("leads to another device now")

    def _same_device(self) -> bool:
        assert self._port is not None
        try:
            there, here = os.stat(device(self.path)), os.fstat(self._port.fileno())
        except OSError:
            return False
        return (there.st_rdev, there.st_ino) == (here.st_rdev, here.st_ino)

    def _readable(self) -> None:
        assert self._port is not None
        try:
            data = os.read(self._port.fileno(), READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._vanish(_why(error))
            return
        if data:
            self._on_bytes(data)
        else:
            self._vanish("the other end is gone")

    def _send(self) -> None:
        assert self._port is not None
        loop, number = asyncio.get_running_loop(), self._port.fileno()
        try:
            sent = os.write(number, self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._vanish(_why(error))
            return
        self._unsent = self._unsent[sent:]
        if self._unsent:
            loop.add_writer(number, self._send)
        else:
            loop.remove_writer(number)

    def _vanish(self, why: str) -> None:
        if self._port is not None and not self._gone.is_set():
            self.trouble = why
            self._log.warning("port lost", why=why)
            loop, number = asyncio.get_running_loop(), self._port.fileno()
            loop.remove_reader(number)
            loop.remove_writer(number)
            self._gone.set()

    def _close(self) -> None:
        if self._port is None:
            return
        port, self._port = self._port, None
        loop = asyncio.get_running_loop()
        loop.remove_reader(port.fileno())
        loop.remove_writer(port.fileno())
        port.close()
        self._on_state(False)


def _in_use(error: OSError) -> bool:
    return error.errno in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK) or "exclusively lock" in str(error)


def _why(error: Exception) -> str:
    return (os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)).strip()
