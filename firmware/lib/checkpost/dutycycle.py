"""How much of the hour a sender has been on the air, in minutes' slots. SPEC.md, "Airtime".

The law speaks of any hour. A packet counts in the minute that it begins in and may reach into the next, so an hour
touches at most 62 slots: as long as no 62 in a row hold more than the limit, no hour does.
"""

from array import array

from checkpost.regions import ALWAYS, DUTY_WINDOW_MS
from checkpost.ticks import elapsed_ms

SLOT_MS = 60_000  # longer than any packet
SLOTS = DUTY_WINDOW_MS // SLOT_MS + 2
PACKED_BYTES = 2 * SLOTS
_UNIT_MS = 8  # of a packed slot, rounded up: restarts can heap the whole hour's share, 360 s, into one minute


class DutyCycle:
    """Milliseconds on the air, by minute; call `step` at least once in ten days."""

    def __init__(self, duty_ppm: int, now_ms: int):
        """`duty_ppm`: the share of any hour that the law gives."""
        self.limit_ms = DUTY_WINDOW_MS // 1000 * duty_ppm // 1000
        self.always = duty_ppm == ALWAYS
        self._slots = array("I", [0] * SLOTS)  # 0 is the minute that runs
        self._since_ms = now_ms
        self.spent_ms = 0

    def step(self, now_ms: int) -> None:
        """Let time pass."""
        passed = elapsed_ms(now_ms, self._since_ms) // SLOT_MS
        if not passed:
            return
        self._since_ms = self._since_ms + passed * SLOT_MS & (1 << 30) - 1
        slots = self._slots
        for at in range(SLOTS - 1, -1, -1):
            slots[at] = slots[at - passed] if at >= passed else 0
        self.spent_ms = sum(slots)

    def note(self, airtime_ms: int) -> None:
        """Count a packet that begins now."""
        self._slots[0] += airtime_ms
        self.spent_ms += airtime_ms

    @property
    def room_ms(self) -> int:
        """What may be sent now."""
        return max(0, self.limit_ms - self.spent_ms)

    def pack(self) -> bytes:
        """Return the slots, newest first, two bytes each, in units of 8 ms."""
        out = bytearray(PACKED_BYTES)
        for at in range(SLOTS):
            units = min(0xFFFF, (self._slots[at] + _UNIT_MS - 1) // _UNIT_MS)
            out[2 * at] = units & 0xFF
            out[2 * at + 1] = units >> 8
        return bytes(out)

    def unpack(self, packed: bytes, more_ms: int, now_ms: int) -> None:
        """Take slots as if they were packed this moment, and `more_ms` in this minute."""
        for at in range(SLOTS):
            self._slots[at] = (packed[2 * at] | packed[2 * at + 1] << 8) * _UNIT_MS
        self._slots[0] += more_ms
        self._since_ms = now_ms
        self.spent_ms = sum(self._slots)
