"""A few bytes that outlive a restart, in two sectors in turn; the newest whole entry counts. SPEC.md, "Small state"."""

import binascii
import struct

from checkpost.const import const
from checkpost.ticks import elapsed_ms
from kiosk.flashmap import SECTOR, STATE_FIRST

MAX_SIZE = 238  # bytes kept: the entry is one page, so that one operation writes it
EVERY_MS = 600_000  # between two writes: 100,000 erases a sector last four years even if every word is another one

_PAGE = const(256)
_MAGIC = b"CS\x01\x00"
_HEAD = "<4sHHIH"  # and then the data and CRC-32
_HEAD_SIZE = const(14)
_TRIES = const(3)  # writes that do not read back right, until the sectors count as broken


class Kept:
    """The bytes of one board's epoch. `flash` has the methods of the W25Q driver."""

    def __init__(self, flash, board, epoch, first_sector=STATE_FIRST):
        self.broken = False  # what is kept is not written any more
        self.follower = None  # airledger.AirLedger, whose entries follow in the pages behind
        self.at = 1  # which of the two sectors holds the newest entry
        self._flash = flash
        self._board = board
        self._epoch = epoch
        self._first = first_sector
        self._generation = 0
        self._held = b""
        self._wanted = None
        self._turning = False  # the follower wants a blank sector
        self._erasing = False
        self._failed = 0
        self._written_ms = None

    def open(self):
        """Return what was put last and became durable, b"" for nothing. Two reads. Raises ChipError."""
        self._generation = 0
        self._held = b""
        self._erasing = False
        for which in (0, 1):
            found = self._read(which)
            if found is not None and found[0] > self._generation:
                self._generation, self._held = found
                self.at = which
        return self._held

    def put(self, data):
        """Keep `data` (up to MAX_SIZE bytes) instead of what is held; `step` writes it in quiet moments."""
        if len(data) > MAX_SIZE:
            raise ValueError("an entry holds at most %d bytes" % MAX_SIZE)
        self._wanted = None if data == self._held else data

    def begin_beside(self, which):
        """Leave a sector alone that the follower's newest entry lies in, when none of ours says which is the newest."""
        if not self._generation:
            self.at = which

    def turn(self):
        """Write the same again into the other sector, whose pages behind it are then blank."""
        self._turning = True

    def step(self, now_ms):
        """Do a slice of writing what waits: start an erase, or program a page. Raises ChipError."""
        if (self._wanted is None and not self._turning) or self.broken or self._flash.busy():
            return
        if self._erasing:
            self._erasing = False
            self._finish(now_ms)
        elif self.follower is not None and not self.follower.settled():
            return  # its newest entry lies in the sector that would be erased, until it has written one beside ours
        elif self._turning or self._written_ms is None or elapsed_ms(now_ms, self._written_ms) >= EVERY_MS:
            self._flash.erase_start(self._address(1 - self.at))
            self._erasing = True

    def _finish(self, now_ms):
        data = self._held if self._wanted is None else self._wanted
        entry = _pack(self._board, self._epoch, self._generation + 1, data)
        self._flash.program(self._address(1 - self.at), entry)
        if self._read(1 - self.at) != (self._generation + 1, data):
            self._failed += 1
            self.broken = self._failed >= _TRIES
            return
        self.at = 1 - self.at
        self._generation += 1
        self._held, self._wanted = data, None
        self._turning = False
        self._failed = 0
        self._written_ms = now_ms

    def _read(self, which):
        """Return (generation, data) of a whole entry of this board and epoch, else None."""
        raw = bytearray(_PAGE)
        self._flash.read_into(self._address(which), raw)
        magic, board, epoch, generation, size = struct.unpack(_HEAD, raw[:_HEAD_SIZE])
        if magic != _MAGIC or size > MAX_SIZE or (board, epoch) != (self._board, self._epoch):
            return None
        data = bytes(raw[_HEAD_SIZE : _HEAD_SIZE + size])
        whole = _pack(board, epoch, generation, data)
        return (generation, data) if raw[: len(whole)] == whole else None

    def _address(self, which):
        return (self._first + which) * SECTOR


def _pack(board, epoch, generation, data):
    """Return an entry."""
    packed = struct.pack(_HEAD, _MAGIC, board, epoch, generation, len(data)) + data
    return packed + struct.pack("<I", binascii.crc32(packed) & 0xFFFFFFFF)
