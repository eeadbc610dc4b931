"""When a record was written: by its own clock, or by a clock-set record that came later. Pure.

Fed a board's records in sequence. SPEC.md, "Time of a record", says what holds and why; nothing is rewritten.
"""

import struct

from checkpost.record import (
    BOOT,
    CLOCK_SET,
    HOLDOVER,
    MAX_UNCERTAINTY_CODE,
    SYNCED,
    UNSET,
    VERSION,
    Record,
    log2_code,
    unpack_clock_set,
)
from checkpost.record_names import TRUSTS

ANCHORED = 3  # stands beside the trusts of a record, and in none
CLOCKS = TRUSTS + ("anchored",)

# The clock chip shows no earlier year than 2000, and no board runs for thirty years: a time below is an uptime.
UPTIME_BELOW_S = 946_684_800
# Uptime is counted by the processor's crystal, not by the clock chip: 30 ppm as made, as much over temperature, ageing.
UPTIME_PPM = 100
# A crossing is stamped at the card and written after the answer: others may stand before it with a later time.
SLACK_S = 10
_QUARTERS = 4  # a second's parts in an uncertainty code
_STATE = "<IIIIIB"


class Anchor:
    """At `uptime_s` it was `utc_s`: for the unset records from `first_seq` on. `uncertainty`: code, of `utc_s`."""

    def __init__(self, first_seq: int, uptime_s: int, utc_s: int, uncertainty: int):
        self.first_seq = first_seq
        self.uptime_s = uptime_s
        self.utc_s = utc_s
        self.uncertainty = uncertainty

    def time_of(self, seconds: int) -> tuple[int, int]:
        """Return (Unix UTC, uncertainty code) of a record of this start of the board, by its uptime."""
        apart_s = self.uptime_s - seconds
        # Either uptime is cut to whole seconds, which is one second together.
        quarters = _QUARTERS + abs(apart_s) * _QUARTERS * UPTIME_PPM // 1_000_000
        return max(0, self.utc_s - apart_s), _code(quarters, self.uncertainty)


class Told:
    """What one record says of time. `utc_s` (None: nobody can tell yet), `trust` (of CLOCKS), `uncertainty`: its own.

    `anchor`: of the unset records before it; `doubt`: (first sequence, uncertainty code) of records whose clock turned
    out to be off; `not_after`: no earlier record was written later than this. None: it says no such thing.
    """

    def __init__(self, utc_s: int | None = None, trust: int = UNSET, uncertainty: int = MAX_UNCERTAINTY_CODE):
        self.utc_s = utc_s
        self.trust = trust
        self.uncertainty = uncertainty
        self.anchor: Anchor | None = None
        self.doubt: tuple[int, int] | None = None
        self.not_after: int | None = None

    def corrects(self) -> bool:
        """Return True if it may change what earlier crossings were taken for."""
        return self.anchor is not None or self.doubt is not None or self.not_after is not None


class Times:
    """Reads the time of a board's records, each once, in sequence; what it remembers packs into a few bytes."""

    def __init__(self, first_seq: int = 1):
        """`first_seq`: of the first record that will come."""
        self._doubt_seq = 0  # first record of a clock that no gateway confirmed; 0: there is none
        self._begin(first_seq)

    def pack(self) -> bytes:
        """Return what `unpack_times` goes on from."""
        anchor = self._anchor or Anchor(0, 0, 0, 0)
        return struct.pack(
            _STATE,
            self._first_seq,
            self._up_s,
            self._doubt_seq,
            anchor.uptime_s,
            anchor.utc_s,
            anchor.uncertainty if self._anchor else 0xFF,
        )

    def feed(self, seq: int, record: Record | None) -> Told:
        """Return what the next record says; None: it cannot be read, so it may have been anything."""
        if record is None or record.version != VERSION or record.trust not in (UNSET, HOLDOVER, SYNCED):
            self._begin(seq + 1)
            self._doubt_seq = 0
            return Told()
        if record.kind == BOOT:
            self._begin(seq)
            if record.trust == UNSET:
                self._doubt_seq = 0
        if record.trust == UNSET:
            return self._unset(seq, record)
        told = Told(record.seconds, record.trust, record.uncertainty)
        if record.trust == SYNCED and (self._doubt_seq or record.kind == CLOCK_SET):
            told.not_after = record.seconds
        if record.kind == CLOCK_SET:
            self._clock_set(seq, record, told)
        if record.trust == SYNCED:
            self._doubt_seq = 0
        elif not self._doubt_seq:
            self._doubt_seq = seq
        return told

    def _begin(self, seq: int) -> None:
        """Begin a start of the board: no uptime from before has the same zero."""
        self._first_seq = seq
        self._up_s = 0
        self._anchor: Anchor | None = None

    def _uptime(self, seq: int, seconds: int) -> None:
        """Go on to an uptime; one that fell is of another start, whose boot record was not written."""
        if seconds + SLACK_S < self._up_s:
            self._begin(seq)
        self._up_s = max(self._up_s, seconds)

    def _unset(self, seq: int, record: Record) -> Told:
        self._uptime(seq, record.seconds)
        if self._anchor is None:
            return Told(None, UNSET, record.uncertainty)
        utc_s, uncertainty = self._anchor.time_of(record.seconds)
        return Told(utc_s, ANCHORED, uncertainty)

    def _clock_set(self, seq: int, record: Record, told: Told) -> None:
        before_s = unpack_clock_set(record.body)[0]
        if before_s < UPTIME_BELOW_S:
            self._uptime(seq, before_s)
            self._anchor = told.anchor = Anchor(self._first_seq, before_s, record.seconds, record.uncertainty)
        elif self._doubt_seq:
            off_s = abs(record.seconds - before_s)
            told.doubt = self._doubt_seq, _code(off_s * _QUARTERS, record.uncertainty)
            self._doubt_seq = 0


def unpack_times(raw: bytes) -> Times:
    """Return Times as `pack` left them."""
    first_seq, up_s, doubt_seq, uptime_s, utc_s, uncertainty = struct.unpack(_STATE, raw)
    times = Times(first_seq)
    times._up_s = up_s
    times._doubt_seq = doubt_seq
    if uncertainty != 0xFF:
        times._anchor = Anchor(first_seq, uptime_s, utc_s, uncertainty)
    return times


def place_between(times: list[int | None], orders: list[int], last: int) -> list[int]:
    """Return the order times of consecutive crossings: those with a time (just anchored) go between the others.

    `times`: UTC, None for one that stands where `orders` (non-decreasing) has it; `last`: UTC that ends the row.
    """
    placed = list(orders)
    for at in range(len(times) - 1, -1, -1):
        anchored_s = times[at]
        if anchored_s is None:
            last = orders[at]
        else:
            placed[at] = min(anchored_s, last)
    for at in range(len(placed)):
        placed[at] = max(placed[at], placed[at - 1] if at else orders[0])
    return placed


def _code(quarters: int, code: int) -> int:
    """Return the code of an uncertainty of `quarters` of a second on top of that of `code`; unknown stays unknown."""
    if code >= MAX_UNCERTAINTY_CODE:
        return MAX_UNCERTAINTY_CODE
    return log2_code(quarters + (1 << code), MAX_UNCERTAINTY_CODE)
