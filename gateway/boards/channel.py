"""A radio channel and the boards on it: as a serial port's, but frames are packets and answers have a window."""

from collections import deque
from pathlib import Path

from checkpost.airtime import time_on_air_us
from checkpost.carrier import Carrier
from checkpost.gateway_link import GatewayLink
from checkpost.limits import LORA_REPLY_MS
from checkpost.lora import lora
from checkpost.regions import SPREADING_FACTORS, max_frame_bytes
from gateway.boards.firmware import UNDER_WAY
from gateway.boards.port import BoardPort
from gateway.links.lora import Radio
from gateway.links.serial import SerialPort
from gateway.parts import Parts

MAX_FRAMES = 256  # that wait for the loop: minutes of a full channel
UPDATE_SHARE = 2  # an update uses the hour's airtime up to one part in so many: the rest is for travellers
WISH_SPACING = 20  # longest frames between two wishes of a board: SPEC.md, "Firmware over the link"
FRAME_AROUND = 25  # bytes of a frame beside a piece's data: its header and tag, the message's and the piece's heads
HOUR_MS = 3_600_000
SPACING = 2  # times its own time on air: how much later the next frame of a turn may begin
UNKNOWN_FACTOR = 12  # until the modem says its own; nothing is heard before that


def profile(spreading_factor: int) -> Carrier:
    """Return the carrier's profile of a channel."""
    return lora(max_frame_bytes(spreading_factor), lambda size: _airtime_ms(size, spreading_factor))


class AirPort(BoardPort):
    """One modem and the boards that it hears. The channel is what the modem reports; its settings say it once."""

    def __init__(self, path: Path, parts: Parts, port_of: type[SerialPort] = SerialPort):
        super().__init__(path, 0, parts, port_of)
        self.radio = Radio(path, self._frame, self._reported, port_of)
        self.port = self.radio.port
        self.factor = UNKNOWN_FACTOR
        self.twin = ""  # the port of another radio of this one's identity
        self.signals: dict[int, int] = {}  # dBm of each board's last frame
        parts.slots.wanted = True  # on the air boards name cards by their slots
        self._frames: deque[tuple[bytes, int]] = deque(maxlen=MAX_FRAMES)  # with when they were heard
        self._heard_at_ms = 0
        self._tune(UNKNOWN_FACTOR)

    def _tune(self, factor: int) -> None:
        """Begin anew on a channel: its sessions are made there."""
        self.factor = factor
        self._carrier = profile(factor)
        slots = self._parts.slots.card_of
        self.link = GatewayLink(self._parts.link_key, self._parts.random_bytes, self._carrier, slots)
        self.boards.clear()

    def _reported(self) -> None:
        assert self.radio.report is not None
        factor = int(str(self.radio.report["spreading_factor"]))
        if factor in SPREADING_FACTORS and factor != self.factor:
            self._tune(factor)
        self.trouble = "" if self.radio.report["radio_ok"] else "its radio chip does not work"
        identity = str(self.radio.report["identity"])
        self.twin = self._parts.radios.claim(identity, str(self.port.path), self._now_ms())
        if self.twin:
            self.trouble = f"the radio at {self.twin} has the same identity, {identity}; unplug one of them"

    def _spare(self) -> bool:
        """Return True while the modem has used less than half of what the law gives it for this hour."""
        report = self.radio.report or {}
        limit_ms, spent_ms = (int(str(report.get(name, 0))) for name in ("airtime_limit_ms", "airtime_ms"))
        return spent_ms * UPDATE_SHARE < limit_ms

    def _piece_ms(self, size: int) -> int:
        """Return what a piece takes at least: the board spaces its wishes, and all boards share half of the hour."""
        frame_ms = _airtime_ms(min(size + FRAME_AROUND, max_frame_bytes(self.factor)), self.factor)
        spaced_ms = WISH_SPACING * _airtime_ms(max_frame_bytes(self.factor), self.factor)
        limit_ms = int(str((self.radio.report or {}).get("airtime_limit_ms", 0)))
        wishes = self._parts.view.firmware
        sharing = sum(1 for number in self.boards if number in wishes and wishes[number].state in UNDER_WAY)
        lawful_ms = sharing * frame_ms * HOUR_MS * UPDATE_SHARE // limit_ms if limit_ms else 0
        return max(spaced_ms, lawful_ms) + frame_ms + LORA_REPLY_MS

    def _frame(self, frame: bytes, dbm: int) -> None:
        if self.radio.report is None or self.twin:
            return
        self._frames.append((frame, self._now_ms()))
        if len(frame) >= 3:
            self.signals[frame[1] | frame[2] << 8] = dbm
        self._news.set()

    def _received(self) -> list[object]:
        """Return the events of the oldest frame that waits; the next one has its turn after them."""
        if not self._frames:
            return []
        frame, self._heard_at_ms = self._frames.popleft()
        if self._frames:
            self._news.set()
        return self.link.receive_frame(frame, self._now_ms())

    def _say(self, frames: list[bytes], urgent: bool) -> None:
        """Send the frames of a turn, if the board still listens for them."""
        within_ms = LORA_REPLY_MS - (self._now_ms() - self._heard_at_ms)
        for frame in frames:
            if within_ms <= 0:
                self.failed_turns += 1
                return
            self.radio.send(frame, within_ms, urgent)
            within_ms += SPACING * _airtime_ms(len(frame), self.factor)


def _airtime_ms(size: int, factor: int) -> int:
    return (time_on_air_us(size, factor) + 999) // 1000
