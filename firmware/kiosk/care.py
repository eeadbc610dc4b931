"""Self-care: the watchdog, what is broken, what is worn, and what to do about an error that nobody foresaw."""

from checkpost.const import const
from checkpost.record import FAULT
from checkpost.ticks import elapsed_ms
from kiosk.faults import BEGAN, pack_fault

LOOPS = ("buttons", "cards", "link", "panel", "journal")  # each reports every turn; the watchdog wants all of them
_BATTERY_EVERY_MS = const(10_000)
BATTERY_LOW_MV = 11_400  # a 12 V lead battery at rest with about a fifth of its charge
_BATTERY_GOOD_MV = const(11_900)
BATTERY_QUARTERS_MV = (11_650, 12_000, 12_250, 12_500)  # of a 12 V lead battery at rest: a quarter, half, more, full
BATTERY_WIRED_MV = 3000  # the board cannot run below this: a lower reading means that nothing is measured
_STUCK_MS = const(30_000)  # nobody holds a button this long
# Of the heap free after a collection: below it the largest piece may be too small for a turn.
_MEMORY_LOW_EIGHTHS = const(1)
_MEMORY_GOOD_EIGHTHS = const(2)


class Care:
    """`watchdog` has feed, or is None; `battery` has millivolts; `memory` is like `gc`, or None."""

    def __init__(self, watchdog, battery, buttons, memory, faults):
        self._watchdog = watchdog
        self._memory = memory
        self._battery = battery
        self._buttons = buttons
        self._faults = faults
        self._reported = 0
        self._measured_ms = None
        self._down_ms = {}
        self.battery_mv = 0

    def report(self, loop):
        """A part of LOOPS did its turn."""
        self._reported |= 1 << LOOPS.index(loop)

    def step(self, now_ms):
        """Feed the watchdog when all have reported; look after battery and buttons."""
        if self._reported == (1 << len(LOOPS)) - 1:
            self._reported = 0
            if self._watchdog is not None:
                self._watchdog.feed()
        if self._measured_ms is None or elapsed_ms(now_ms, self._measured_ms) >= _BATTERY_EVERY_MS:
            self._measured_ms = now_ms
            self._measure()
            self._look_for_stuck(now_ms)
            if self._memory is not None:
                self._look_at_memory()

    def battery_quarters(self):
        """Return how full the battery is, 0 to 4; -1 where none is measured."""
        if self.battery_mv < BATTERY_WIRED_MV:
            return -1
        quarters = 0
        while quarters < len(BATTERY_QUARTERS_MV) and self.battery_mv >= BATTERY_QUARTERS_MV[quarters]:
            quarters += 1
        return quarters

    def _look_at_memory(self):
        """Collect when it looks short (that takes some 20 ms), and call it short only if it still is."""
        free, heap = self._memory.mem_free(), self._memory.mem_free() + self._memory.mem_alloc()
        if free * 8 < heap * _MEMORY_GOOD_EIGHTHS:
            self._memory.collect()
            free = self._memory.mem_free()
        if free * 8 < heap * _MEMORY_LOW_EIGHTHS:
            self._faults.begin("memory", "%d free" % free)
        elif free * 8 >= heap * _MEMORY_GOOD_EIGHTHS:
            self._faults.end("memory")

    def _measure(self):
        self.battery_mv = self._battery.millivolts()
        if BATTERY_WIRED_MV <= self.battery_mv < BATTERY_LOW_MV:
            self._faults.begin("battery", "%d mV" % self.battery_mv)
        elif not BATTERY_LOW_MV <= self.battery_mv < _BATTERY_GOOD_MV:
            self._faults.end("battery")

    def _look_for_stuck(self, now_ms):
        stuck = ""
        for name in self._buttons:
            if not self._buttons[name].down():
                self._down_ms[name] = None
            elif self._down_ms.get(name) is None:
                self._down_ms[name] = now_ms
            elif elapsed_ms(now_ms, self._down_ms[name]) >= _STUCK_MS:
                stuck = name
        if stuck:
            self._faults.begin("buttons", stuck)
        else:
            self._faults.end("buttons")


def crash(error, log, panel, now_ms):
    """Write an unforeseen error down and show it, each step even if one before it failed; return what failed, too."""
    failed = []
    cause = type(error).__name__ + " " + str(error)
    for action, arguments in (
        (log.write, (FAULT, pack_fault("program", BEGAN, cause))),
        (panel.sound, ("fault", now_ms)),
        (panel.light, ("fault",)),
        (panel.show, ("fault", None, "stopped", "restart")),
    ):
        try:
            action(*arguments)
        except Exception as second:
            failed.append(second)
    return failed
