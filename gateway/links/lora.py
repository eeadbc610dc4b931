"""The gateway's radio: a board in the modem's role at a USB port. Frames out and in, and what it reports."""

from collections.abc import Callable
from pathlib import Path

import structlog

from checkpost import modemline
from gateway.links.serial import SerialPort

USB_BAUD = 115_200  # of no meaning on USB
MAX_LINE = 1024  # twice the longest: what has no end is not ours
MAX_TOKEN = 0xFFFF

Heard = Callable[[bytes, int], None]


class Radio:
    """One modem. `on_frame(frame, dBm)` gets what it hears, `on_report()` is told when it said how it is."""

    def __init__(
        self, path: Path, on_frame: Heard, on_report: Callable[[], None], port_of: type[SerialPort] = SerialPort
    ):
        self.port = port_of(path, USB_BAUD, self._bytes, self._state)
        self.report: dict[str, object] | None = None
        self.outcomes = dict.fromkeys(modemline.HOW, 0)
        self._on_frame = on_frame
        self._on_report = on_report
        self._waiting = b""
        self._token = 0
        self._log = structlog.get_logger("checkpost.radio").bind(port=str(path))

    def send(self, frame: bytes, within_ms: int, urgent: bool) -> None:
        """Have a frame sent; it is dropped when it could not begin in time, and the board asks again."""
        self._token = self._token % MAX_TOKEN + 1
        self.port.write(modemline.pack_send(self._token, within_ms, urgent, frame) + b"\n")

    def facts(self) -> dict[str, object]:
        """Return what `status` shows of the radio."""
        return (self.report or {}) | {"outcomes": {how: count for how, count in self.outcomes.items() if count}}

    def _state(self, is_open: bool) -> None:
        self._waiting = b""
        self.report = None
        if is_open:
            self.port.write(b"\n" + modemline.line(modemline.ASK) + b"\n")

    def _bytes(self, data: bytes) -> None:
        *lines, rest = (self._waiting + data).split(b"\n")
        self._waiting = rest if len(rest) <= MAX_LINE else b""
        for text in lines:
            found = modemline.parse(text.rstrip(b"\r"))
            if found is not None:
                self._take(*found)

    def _take(self, kind: int, body: bytes) -> None:
        if kind == modemline.HEARD:
            heard = modemline.parse_heard(body)
            if heard is not None:
                self._on_frame(heard[2], heard[0])
        elif kind == modemline.DONE:
            done = modemline.parse_done(body)
            if done is not None:
                self.outcomes[modemline.HOW[done[1]]] += 1
        elif kind == modemline.REPORT:
            report = modemline.parse_report(body)
            if report is not None:
                self.report = report
                self._on_report()
