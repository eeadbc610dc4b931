"""The airtime that outlives a restart: a share of the hour is written down before any of it is used.

An entry says what was on the air, minute by minute, and what may be from here on (the lease). A restart counts as no
time passed and takes the whole lease for used, so the law holds whatever was cut when. SPEC.md, "Airtime".
"""

import binascii
import struct

from checkpost.dutycycle import PACKED_BYTES, DutyCycle
from checkpost.ticks import elapsed_ms
from kiosk.flashmap import SECTOR, STATE_FIRST

LEASES = 8  # of the hour's airtime: at full use 240 entries a day, each of the two sectors erased 8 times: 34 years
RENEW_MS = 1_800_000  # an entry that says much more than is true any longer is written anew, at most this often

_PAGE = 256
_PAGES = SECTOR // _PAGE  # the first is the small state's
_MAGIC = b"CA\x01\x00"
_HEAD = "<4sII"  # and then the slots and CRC-32
_HEAD_SIZE = 12


class AirLedger:
    """One sender's airtime, in the pages behind the small state. `kept` is kiosk.kept.Kept, `flash` its chip.

    What was sent in another sub-band before the settings were changed counts in this one.
    """

    def __init__(self, flash, kept, duty_ppm, now_ms, first_sector=STATE_FIRST):
        self.duty = DutyCycle(duty_ppm, now_ms)
        self.opened = False
        self._flash = flash
        self._kept = kept
        self._first = first_sector
        self._generation = 0
        self._lease_ms = 0  # of it is left
        self._told_ms = 0  # spent, by the newest entry
        self._asked_ms = 0
        self._written_ms = now_ms
        self._at = 0  # which sector holds the newest entry
        self._page = _PAGES  # the next to try in it
        kept.follower = self

    def open(self, now_ms):
        """Read what was kept. Raises ChipError."""
        newest = None
        for which in (0, 1):
            for page in range(1, _PAGES):
                found = self._read(which, page)
                if found is not None and (newest is None or found[0] > newest[0]):
                    newest = found + (which,)
        self._page = 1
        self._at = self._kept.at
        if newest is not None:
            self._generation, lease_ms, slots, self._at = newest
            self.duty.unpack(slots, lease_ms, now_ms)
            self._told_ms = self.duty.spent_ms
            self._kept.begin_beside(self._at)
        self._lease_ms = 0
        self.opened = True

    def settled(self):
        """Return True if the sector that is not the small state's newest may be erased."""
        return self._at == self._kept.at or not self._generation

    def ready(self, airtime_ms, reserve_ms, now_ms):
        """Return True if a packet may be sent now that leaves `reserve_ms` of the hour; else ask for it."""
        self.duty.step(now_ms)
        if self.duty.always:
            return True
        if not self.opened or self.duty.room_ms < airtime_ms + reserve_ms:
            return False
        if self._lease_ms >= airtime_ms:
            return True
        self._asked_ms = max(airtime_ms, min(self.duty.limit_ms // LEASES, self.duty.room_ms))
        return False

    def note(self, airtime_ms):
        """Count a packet that begins now and that was `ready`."""
        if not self.duty.always:
            self.duty.note(airtime_ms)
            self._lease_ms -= airtime_ms

    def step(self, now_ms):
        """Write what is asked for, a page at most; wait while the chip erases. Raises ChipError."""
        self.duty.step(now_ms)
        if not self.opened or self._kept.broken:
            return
        if not self._asked_ms and (self._stale(now_ms) or not self.settled()):
            self._asked_ms = 1
        if self._asked_ms and not self._flash.busy():
            self._write(now_ms)

    def _stale(self, now_ms):
        """Return True if a restart now would take much more for used than is."""
        gone_ms = self._told_ms - self.duty.spent_ms
        return gone_ms > self.duty.limit_ms // 4 and elapsed_ms(now_ms, self._written_ms) >= RENEW_MS

    def _write(self, now_ms):
        """Write an entry into the next blank page of the newest sector; without one ask for a sector."""
        if self._at != self._kept.at:
            self._at, self._page = self._kept.at, 1
        while self._page < _PAGES and not self._blank(self._page):
            self._page += 1
        if self._page == _PAGES:
            self._kept.turn()
            return
        lease_ms = min(max(self._asked_ms, self._lease_ms), self.duty.room_ms)
        entry = _pack(self._generation + 1, lease_ms, self.duty.pack())
        page, self._page = self._page, self._page + 1
        self._flash.program(self._address(self._at, page), entry)
        found = self._read(self._at, page)
        if found is None or found[0] != self._generation + 1:
            return  # a worn page: the next one is tried
        self._generation += 1
        self._lease_ms = lease_ms
        self._told_ms = self.duty.spent_ms + lease_ms
        self._asked_ms = 0
        self._written_ms = now_ms

    def _blank(self, page):
        raw = bytearray(_PAGE)
        self._flash.read_into(self._address(self._at, page), raw)
        return raw == b"\xff" * _PAGE

    def _read(self, which, page):
        """Return (generation, lease, slots) of a whole entry, else None."""
        raw = bytearray(_HEAD_SIZE + PACKED_BYTES + 4)
        self._flash.read_into(self._address(which, page), raw)
        magic, generation, lease_ms = struct.unpack(_HEAD, raw[:_HEAD_SIZE])
        slots = bytes(raw[_HEAD_SIZE : _HEAD_SIZE + PACKED_BYTES])
        whole = magic == _MAGIC and raw == _pack(generation, lease_ms, slots)
        return (generation, lease_ms, slots) if whole else None

    def _address(self, which, page):
        return (self._first + which) * SECTOR + page * _PAGE


def _pack(generation, lease_ms, slots):
    packed = struct.pack(_HEAD, _MAGIC, generation, lease_ms) + slots
    return packed + struct.pack("<I", binascii.crc32(packed) & 0xFFFFFFFF)
