"""Records that nobody can read any more, and what they leave open of a permit's history. Pure.

A hole may hide a crossing, or the outcome of one. SPEC.md, "Holes", says what follows, and why.
"""

from checkpost.calendar import DAY_S
from checkpost.permit import Permit, Usage

# A guard records an outcome, or puts it right, within two minutes of the crossing; as long again for a slow lane.
OUTCOME_WITHIN_S = 240


class Hole:
    """One unreadable record of a board at a border point.

    `after_s`: the order of time of its board's last tap before it, 0 where nothing is known; `before_s`: of the first
    one behind it, None where none is known yet.
    """

    def __init__(self, board: int, epoch: int, seq: int, point: str, after_s: int, before_s: int | None):
        self.board = board
        self.epoch = epoch
        self.seq = seq
        self.point = point
        self.after_s = after_s
        self.before_s = before_s

    def may_precede(self, key: tuple[int, int, int, int]) -> bool:
        """Return True if what it hides may have been before a step."""
        if self.after_s == key[0] and (self.board, self.epoch) == key[1:3]:
            return self.seq < key[3]
        return self.after_s <= key[0]

    def precedes(self, key: tuple[int, int, int, int]) -> bool:
        """Return True if what it hides was certainly before a step."""
        if self.before_s == key[0] and (self.board, self.epoch) == key[1:3]:
            return self.seq < key[3]
        return self.before_s is not None and self.before_s < key[0]

    def between(self, first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> bool:
        """Return True if it lies between two records of its own board."""
        return (self.board, self.epoch) == first[1:3] == second[1:3] and first[3] < self.seq < second[3]


class Missing:
    """What holes leave open along the steps of one permit, which come in the order of time."""

    def __init__(self, holes: tuple[Hole, ...], permit: Permit | None):
        """A stay may begin or end at any border point: a guard can admit where the permit names none."""
        self._points = permit.points if permit else ()
        self._holes = [hole for hole in holes if permit and concerns(hole, permit)]
        self._ahead = self._holes
        self._of_stay: list[Hole] = []  # behind which no crossing is known yet that says whether the holder is inside
        self._of_count = False

    def narrow(self, usage: Usage, key: tuple[int, int, int, int] | None) -> None:
        """Take from `usage` what may be missing before a step; None: before whatever comes next."""
        self._meet([hole for hole in self._ahead if key is None or hole.may_precede(key)])
        usage.lost = bool(self._of_stay)
        if usage.lost:
            usage.complete = False
        if self._of_count:
            usage.counted = False

    def hides_outcome(self, key: tuple[int, int, int, int]) -> bool:
        """Return True if a hole behind a step may be its outcome, or put it right: from then on it counts as met.

        In the step's own second it may have been met before, by a step of another board.
        """
        behind = [hole for hole in self._holes if _may_be_outcome(hole, key)]
        self._meet(behind)
        return bool(behind)

    def doubt(self, key: tuple[int, int, int, int], point: str) -> None:
        """Note a step of which nobody can tell whether it passed: it leaves open what a hole in its place would."""
        self._meet([Hole(key[1], key[2], key[3], point, key[0], key[0])])

    def passed(self, key: tuple[int, int, int, int]) -> None:
        """Note a step that passed a border point: what was certainly before it leaves the stay open no more."""
        self._of_stay = [hole for hole in self._of_stay if not hole.precedes(key)]

    def _meet(self, holes: list[Hole]) -> None:
        if holes:
            self._of_stay += holes
            if not self._points or any(hole.point in self._points for hole in holes):
                self._of_count = True  # of entries elsewhere none is granted, and none is counted on
            self._ahead = [hole for hole in self._ahead if hole not in holes]


def concerns(hole: Hole, permit: Permit) -> bool:
    """Return True if a hole may hide use of a permit: it was not over before the permit was valid."""
    # A local day begins up to 16 hours from UTC's.
    return (
        hole.before_s is None or permit.valid_from_day is None or hole.before_s >= permit.valid_from_day * DAY_S - DAY_S
    )


def _may_be_outcome(hole: Hole, key: tuple[int, int, int, int]) -> bool:
    return (hole.board, hole.epoch) == key[1:3] and hole.seq > key[3] and hole.after_s - key[0] <= OUTCOME_WITHIN_S
