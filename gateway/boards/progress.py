"""How long a board's update still takes: at the pace so far, and before there is one by what its carrier allows."""

from typing import NamedTuple

LEAST_PERCENT = 3  # that came while this gateway ran: of less, nobody can tell a pace
RECENT_PERCENT = 10
PACE, RULES = "pace", "rules"


class Left(NamedTuple):
    """Seconds that are left. `by`: the pace so far, or the carrier's rules, for all of the bundle and a quiet air."""

    seconds: int
    by: str


class Progress:
    """One board's update as this gateway saw it. Times are steady milliseconds."""

    def __init__(self) -> None:
        self._bundle = b""
        self._marks: list[tuple[int, int]] = []  # when each percent was reached

    def note(self, bundle: bytes, percent: int, now_ms: int) -> None:
        """Take down how far a bundle is at a board; another one, or one that begins anew, starts over."""
        if bundle != self._bundle or (self._marks and percent < self._marks[-1][1]):
            self._bundle, self._marks = bundle, []
        if not self._marks or percent != self._marks[-1][1]:
            self._marks.append((now_ms, percent))

    def left(self, now_ms: int, size: int, room: int, piece_ms: int) -> Left | None:
        """Return what is left; None where nothing can be said.

        `size`: of the whole bundle; `room`: bytes a piece; `piece_ms`: what the carrier allows a piece to take, 0: any.
        The pace is that of the newest RECENT_PERCENT: a break that is over soon counts no more, one that lasts does.
        """
        percent = self._marks[-1][1] if self._marks else 0
        since = [mark for mark in self._marks if percent - mark[1] >= RECENT_PERCENT][-1:] or self._marks[:1]
        gained = percent - since[0][1] if since else 0
        if gained >= LEAST_PERCENT:
            return Left((now_ms - since[0][0]) * (100 - percent) // gained // 1000, PACE)
        if not piece_ms or not size:
            return None
        pieces = -(-size * (100 - percent) // (100 * room))
        return Left(pieces * piece_ms // 1000, RULES)


def words(seconds: int) -> str:
    """Return a duration for people, as coarse as it is known."""
    for unit, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 1.5 * unit:
            return f"{round(seconds / unit)} {name}"
    return "a minute"
