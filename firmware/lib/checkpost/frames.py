"""Frames: the header that every carrier has in common, and COBS for the serial line. SPEC.md, "Frames".

COBS: Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999.
"""

from checkpost.const import const
from checkpost.limits import HEADER_SIZE, MAX_CODED, MAX_FRAME

VERSION = 1

SEALED = 1
HELLO = 2
WELCOME = 3
REOPEN = 4

_DOWN = const(0x20)
_TURN = const(0x10)
_DELIMITER = b"\0"
_RUN = const(254)  # data bytes of the longest COBS block


class Header:
    """The five bytes before every payload: version, direction, turn, type, board, counter."""

    def __init__(self, kind: int, board: int, counter: int, down: bool, turn: bool = True):
        """`down`: from the gateway; `turn`: the sender has finished speaking; `counter`: of the sender, 16 bits."""
        self.version = VERSION
        self.kind = kind
        self.board = board
        self.counter = counter
        self.down = down
        self.turn = turn

    def pack(self) -> bytes:
        """Return the five bytes."""
        first = self.version << 6 | (_DOWN if self.down else 0) | (_TURN if self.turn else 0) | self.kind
        return bytes([first, self.board & 0xFF, self.board >> 8, self.counter & 0xFF, self.counter >> 8])


def parse_header(frame: bytes) -> Header | None:
    """Return the header of a frame, of any version, or None when it is too short for one."""
    if len(frame) < HEADER_SIZE:
        return None
    first = frame[0]
    counter = frame[3] | frame[4] << 8
    header = Header(first & 15, frame[1] | frame[2] << 8, counter, bool(first & _DOWN), bool(first & _TURN))
    header.version = first >> 6
    return header


def encode(frame: bytes) -> bytes:
    """Return a frame of at most MAX_FRAME bytes as it goes on a serial line: COBS, and the delimiter."""
    coded = bytearray()
    at = 0
    end = len(frame)
    while True:
        zero = frame.find(_DELIMITER, at, at + _RUN)
        stop = zero if zero >= 0 else min(at + _RUN, end)
        coded.append(stop - at + 1)
        coded.extend(frame[at:stop])
        if zero >= 0:
            at = zero + 1
            continue
        at = stop
        if at == end:  # a run that ends the frame stands for no zero
            break
    coded.append(0)
    return bytes(coded)


def decode(coded: bytes) -> bytes | None:
    """Return the frame in COBS bytes without their delimiter, or None when they are none."""
    frame = bytearray()
    at = 0
    end = len(coded)
    while at < end:
        code = coded[at]
        if not code or at + code > end:
            return None
        frame.extend(coded[at + 1 : at + code])
        at += code
        if code <= _RUN and at < end:
            frame.append(0)
    return bytes(frame)


class StreamDecoder:
    """Cuts a byte stream into frames. Holds at most one frame; garbage costs at most the frame that it touches."""

    def __init__(self, counters: dict[str, int]):
        """`counters`: "garbage" counts what is not COBS, "long" what is longer than any frame."""
        self._counters = counters
        self._buffer = bytearray(MAX_CODED)
        self._fill = 0
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the frames that `data` completes, in order."""
        found: list[bytes] = []
        at = 0
        while at < len(data):
            zero = data.find(_DELIMITER, at)
            self._take(data, at, zero if zero >= 0 else len(data))
            if zero < 0:
                break
            self._finish(found)
            at = zero + 1
        return found

    def _take(self, data: bytes, at: int, end: int) -> None:
        size = end - at
        if self._skipping or self._fill + size > MAX_CODED:
            self._skipping = True
            return
        self._buffer[self._fill : self._fill + size] = data[at:end]
        self._fill += size

    def _finish(self, found: list[bytes]) -> None:
        """End a frame at its delimiter; two delimiters in a row enclose nothing."""
        if self._skipping:
            self._counters["long"] += 1
        elif self._fill:
            frame = decode(bytes(self._buffer[: self._fill]))
            if frame is None:
                self._counters["garbage"] += 1
            elif len(frame) > MAX_FRAME:
                self._counters["long"] += 1
            else:
                found.append(frame)
        self._skipping = False
        self._fill = 0
