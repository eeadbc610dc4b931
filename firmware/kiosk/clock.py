"""The board's time: the DS3231, how far it is to be trusted, and when the gateway sets it.

Trust and uncertainty go into every record. A clock that is unset gives uptime; nothing is judged by date then.
While the board runs, its processor counts along: a chip that jumps, or stops and begins anew, is put back at once.
"""

from checkpost.const import const
from checkpost.record import CLOCK_SET, MAX_UNCERTAINTY_CODE, SYNCED, UNSET, log2_code, pack_clock_set
from checkpost.ticks import elapsed_ms

DRIFT_PPM = 5  # DS3231SN: 3.5 ppm from -40 to 85 degrees and 1 ppm of ageing a year, rounded up
_READ_MS = const(1000)  # the chip counts whole seconds
_SAMPLE_MAX_MS = const(5000)  # an older or vaguer answer says less about the time than the clock itself
_CHECK_EVERY_MS = const(60_000)  # drift in a minute is 0.3 ms: more often tells nothing
_EARLIEST_S = const(946_684_800)  # 2000-01-01; a gateway that started without the time says 1970
_LATEST_S = 4_102_444_800  # 2100-01-01, where the chip's leap years end; too large for a number in place
_FROM_GATEWAY = const(1)  # source in a clock-set record
_APART_S = const(2)  # chip and count are both cut to whole seconds: they differ by less
_TELL_EVERY_S = const(3600)  # a chip that stands still jumps every few seconds
_COUNT_PPM = const(100)  # the processor's crystal, which counts the uptime
QUARTERS = 4  # a second's parts in an uncertainty code


class Stamp:
    """A moment as a record holds it: Unix UTC `seconds` (uptime when `trust` is UNSET), quarter hours of `offset`."""

    def __init__(self, seconds, offset, trust, uncertainty):
        self.seconds = seconds
        self.offset = offset
        self.trust = trust
        self.uncertainty = uncertainty

    def uncertainty_s(self):
        """Return what the code stands for, seconds, rounded up."""
        return uncertainty_s(self.uncertainty)


def uncertainty_s(code):
    """Return the seconds that an uncertainty code (log2 of quarter seconds) stands for, rounded up."""
    return ((1 << code) + QUARTERS - 1) // QUARTERS


def grown_ms(error_ms, elapsed_s):
    """Return an error, ms, as the clock's drift made it in some seconds."""
    return error_ms + max(0, elapsed_s) * DRIFT_PPM // 1000


def _code(error_ms):
    return log2_code((error_ms * QUARTERS + 999) // 1000, MAX_UNCERTAINTY_CODE)


class Clock:
    """`rtc` has read, write and stopped as the DS3231 driver; `ticks` is like `time`; `offset` is in quarter hours.

    A replay moves the time of day on its own: its `ticks` say so (`leaps`), and the chip is not watched.
    """

    def __init__(self, rtc, ticks, offset, faults):
        self._rtc = rtc
        self._ticks = ticks
        self._watched = not getattr(ticks, "leaps", False)
        self._faults = faults
        self._offset = offset
        self._change_s = 0
        self._next_offset = offset
        self._trust = UNSET
        self._base_ms = 0
        self._since_s = 0
        self._tick_ms = ticks.ticks_ms()
        self._up_ms = 0
        self._up_s = 0
        self._mark_s = 0  # what the chip showed when it was last set or confirmed; 0: never since the start
        self._mark_up_s = 0
        self._mark_ms = 0  # its error then
        self._told_up_s = None  # when the log was last told that it jumped
        self._checked = None

    def start(self, records):
        """Find out what the clock is worth; `records` are the newest of the journal, any kind, newest first."""
        from kiosk.resume import clock_worth

        self._trust, self._base_ms, self._since_s = clock_worth(self._rtc, records, self._faults)
        if self._trust != UNSET:
            self._mark(self._faults.attempt("clock", 0, self._rtc.read))

    def step(self, now_ms):
        """Count the uptime; called at least every few days, before ticks come round."""
        self._up_ms += elapsed_ms(now_ms, self._tick_ms)
        self._tick_ms = now_ms
        while self._up_ms >= 1000:
            whole = self._up_ms // 1000
            self._up_s += whole
            self._up_ms -= whole * 1000

    def now(self):
        """Return the Stamp of this moment; reads the chip. A chip that fails is a fault and an unset clock."""
        if self._trust == UNSET:
            return self._uptime()
        now_s = self._read()
        if not now_s:
            return self._uptime()
        return Stamp(now_s, self.offset(now_s), self._trust, _code(self._error_ms(now_s)))

    def offset(self, utc_s):
        """Return the local offset at an instant, quarter hours."""
        return self._next_offset if self._change_s and utc_s >= self._change_s else self._offset

    def hear(self, time, received_ms, log):
        """Take the gateway's time (an event of the link); step the clock, with a record, when it is off.

        A sample says when it was sent within its round trip and the time it waited here; nothing finer is read from it.
        """
        self._offset = time.offset_quarters
        self._change_s = time.next_change_utc_s
        self._next_offset = time.next_offset
        if self._checked is not None and self._trust == SYNCED:
            if elapsed_ms(received_ms, self._checked) < _CHECK_EVERY_MS:
                return
        before = self.now()
        age_ms = elapsed_ms(self._ticks.ticks_ms(), received_ms)
        error_ms = time.rtt_ms + time.uncertainty_ms + age_ms + _READ_MS
        if error_ms > _SAMPLE_MAX_MS:
            return
        self._checked = received_ms
        right_s = time.utc_s + (time.ms + age_ms + time.rtt_ms // 2 + 500) // 1000
        if not _EARLIEST_S <= right_s < _LATEST_S:
            return
        if before.trust == UNSET or abs(right_s - before.seconds) * 1000 > error_ms:
            self._set(right_s, before, error_ms, log)
        elif self._trust != SYNCED or error_ms <= self._error_ms(before.seconds):
            self._trust = SYNCED
            self._base_ms = error_ms
            self._since_s = before.seconds
            self._mark(before.seconds)

    def _read(self):
        """Return what the chip shows, Unix UTC, if that fits what the processor counted; 0 if the chip fails."""
        self.step(self._ticks.ticks_ms())
        shown_s = self._faults.attempt("clock", 0, self._rtc.read)
        if shown_s and self._jumped(shown_s):
            shown_s = self._faults.attempt("clock", 0, self._rtc.read)  # or a bit fell on the bus
            if shown_s and self._jumped(shown_s):
                shown_s = self._put_back(shown_s)
        return shown_s

    def _jumped(self, shown_s):
        if not (self._watched and self._mark_s):
            return False
        apart_s = self._up_s - self._mark_up_s
        return abs(shown_s - self._mark_s - apart_s) > _APART_S + apart_s * _COUNT_PPM // 1_000_000

    def _put_back(self, shown_s):
        """Set a chip that jumped to what was counted; return that, or 0 if it cannot be set. The log says how far."""
        counted_s = self._up_s - self._mark_up_s
        due_s = self._mark_s + counted_s
        if self._told_up_s is None or self._up_s - self._told_up_s >= _TELL_EVERY_S:
            self._told_up_s = self._up_s
            self._faults.begin("clock", "off " + str(shown_s - due_s) + " s")
        if not self._faults.attempt("clock", False, self._write, due_s):
            return 0
        self._base_ms = self._mark_ms + _APART_S * 1000 + counted_s * _COUNT_PPM // 1000
        self._since_s = due_s
        return due_s

    def _mark(self, now_s):
        """From here on the count goes along with the chip, which shows this now."""
        self.step(self._ticks.ticks_ms())
        self._mark_s = now_s
        self._mark_up_s = self._up_s
        self._mark_ms = self._error_ms(now_s)

    def _set(self, right_s, before, error_ms, log):
        """Step the clock; the record comes first, so that no power cut hides a step. Without it the clock stays."""
        stamp = Stamp(right_s, self.offset(right_s), SYNCED, _code(error_ms))
        before_s = self._up_s if before.trust == UNSET else before.seconds
        if not log.write(CLOCK_SET, pack_clock_set(before_s, _FROM_GATEWAY), stamp):
            return
        self._trust = SYNCED
        self._base_ms = error_ms
        self._since_s = right_s
        self._mark(right_s)
        self._faults.attempt("clock", False, self._write, right_s)

    def _write(self, unix):
        self._rtc.write(unix)
        return True

    def _error_ms(self, now_s):
        return grown_ms(self._base_ms, now_s - self._since_s)

    def _uptime(self):
        self.step(self._ticks.ticks_ms())
        return Stamp(self._up_s, self._offset, UNSET, MAX_UNCERTAINTY_CODE)
