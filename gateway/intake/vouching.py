"""Up to when the centre holds all that this gateway's boards wrote: what verdicts elsewhere rest on."""

from collections.abc import Iterable
from typing import NamedTuple

from gateway.boards.port import BoardState
from gateway.contract import CONSOLE_LANE
from gateway.parts import Parts

SILENT_S = 900  # a board by radio tells its status every five minutes, and one in three of those may be lost


class Listened(NamedTuple):
    """`silent`: by point, up to when (Unix UTC s) its crossings are here. `heard`: points with all boards heard."""

    silent: dict[str, int]
    heard: frozenset[str]


class Vouching:
    """Remembers of each board when nothing of it waited. Steady time counts: a step of UTC vouches for nothing.

    Boards are looked at one by one: where cards are tapped all day, there is hardly a moment at which none has news.
    """

    def __init__(self, parts: Parts):
        self._parts = parts
        self._clear_ms: dict[tuple[int, int], int] = {}  # by board and epoch: nothing waited for the centre
        # The same: all was here, by the gateway's steady clock (ms) and the machine's (s).
        self._here: dict[tuple[int, int], tuple[int, float]] = {}

    def until(self, boards: Iterable[BoardState]) -> int | None:
        """Return the instant (Unix UTC seconds), or None when nobody can say.

        What a board writes after its last status is not vouched for. A gateway vouches for nothing before it has
        heard all from the centre: its store may be new, and it would not know its boards.
        """
        if not self._parts.freshness.connected:
            return None
        self._look(boards)
        since: list[int] = []
        for number, registered in self._parts.view.boards.items():
            if registered.lane == CONSOLE_LANE:
                if self._waits(number, registered.epoch):
                    return None  # what is typed may be of any time
                continue
            clear_ms = self._clear_ms.get((number, registered.epoch))
            if clear_ms is None:
                return None
            since.append(clear_ms)
        return self._utc_s(min(since)) if since else None

    def listened(self, boards: Iterable[BoardState], started: tuple[int, float], now_s: float) -> Listened:
        """Return which points are silent.

        `started`: since when boards are listened to, by the gateway's steady clock (ms) and the machine's (s), which is
        `now_s` now. A board that never wrote anything is waited for by nobody.
        """
        self._look(boards)
        now_ms = self._parts.clock.steady_ms()
        silent: dict[str, int] = {}
        unheard: set[str] = set()
        points: set[str] = set()
        for number, registered in self._parts.view.boards.items():
            place, code = (number, registered.epoch), registered.crossing_point
            points.add(code)
            if registered.lane == CONSOLE_LANE or not self._parts.held(*place).seq:
                continue
            here_ms, here_s = self._here.get(place, started)
            if place not in self._here:
                unheard.add(code)
            if now_ms - here_ms > SILENT_S * 1000 and now_s - here_s > SILENT_S:
                since_s = self._utc_s(here_ms)
                silent[code] = min(silent.get(code, since_s), since_s)
        return Listened(silent, frozenset(points - unheard - silent.keys()))

    def _look(self, boards: Iterable[BoardState]) -> None:
        for board in boards:
            status, told_ms, told_s = board.status, board.told_ms, board.told_s
            if status is None or told_ms is None or told_s is None:
                continue
            place = board.number, status.epoch
            if status.next_seq - 1 <= self._parts.held(*place).seq:
                self._here[place] = told_ms, told_s
                if not self._waits(*place):
                    self._clear_ms[place] = told_ms

    def _utc_s(self, at_ms: int) -> int:
        """Return when an instant of the steady clock was, Unix UTC s."""
        return (self._parts.clock.utc_ms() - (self._parts.clock.steady_ms() - at_ms)) // 1000

    def _waits(self, number: int, epoch: int) -> bool:
        held = self._parts.held(number, epoch)
        return held.seq > held.centre_seq
