"""Up to when no use of a permit can be missing: what the centre says of other points, and this gateway of its own."""

import json
from collections.abc import Collection, Mapping

NEVER = -(1 << 40)  # of a point of which no news ever came
COMPLETE_TO = "complete_to"  # JSON: for each point with a board, up to when the centre held all its crossings
OWN_SILENT = "own_silent"  # JSON: for each point with a board here that is silent, up to when its crossings are here


class Completeness:
    """The instants of the border points, Unix UTC s. What is younger than the policy allows counts as the present."""

    def __init__(self, values: Mapping[str, object], points: Mapping[str, bool], as_of_s: int, age_s: int):
        """`values`: of the store, by the names above. `points`: each border point, True where a board here serves it.

        `as_of_s`: when the centre last said that all is known here; `age_s`: the policy's `history_max_age_s`.
        """
        self._points = set(points)
        self._own = {code for code, own in points.items() if own}
        self._told: dict[str, int] = json.loads(str(values.get(COMPLETE_TO, "{}")))
        silent = values.get(OWN_SILENT)
        noted: dict[str, int] = json.loads(str(silent)) if silent else {}
        self._silent = {code: since_s for code, since_s in noted.items() if code in self._own}
        self._was_silent = silent is not None
        self._as_of_s, self._age_s = as_of_s, age_s
        self.whole = self._own == self._points and not self._silent  # nothing can be missing

    def until(self, named: Collection[str]) -> int | None:
        """Return up to when the use of a permit that names these points is known; None: none of it can be missing.

        A board of this gateway that is silent may hold some as well.
        """
        points = self._of(named)
        ends = [since_s + self._age_s for code, since_s in self._silent.items() if code in points]
        elsewhere = self._elsewhere(points)
        if elsewhere is not None:
            ends.append(elsewhere)
        return min(ends) if ends else None

    def elsewhere(self, named: Collection[str]) -> int | None:
        """Return the same, of what other gateways' boards may hold: what a board can know that has its own roster."""
        return self._elsewhere(self._of(named))

    def settled(self, now_s: int) -> int | None:
        """Return up to when verdicts can be judged with all that was missing; None: nothing ever was."""
        until_s = self.until(())
        return now_s if until_s is None and self._was_silent else until_s

    def _of(self, named: Collection[str]) -> set[str]:
        return self._points.intersection(named) or self._points

    def _elsewhere(self, points: set[str]) -> int | None:
        others = points - self._own
        # A point that the centre did not name had no board when it was heard last.
        return min(self._told.get(code, self._as_of_s) for code in others) + self._age_s if others else None
