"""The centre's tables against the log that was pulled: crossings, chain heads, counts, and what was erased."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from checkpost.dates import format_date, parse_date
from checkpost.reasons import VERDICTS
from gateway.office.verifying.boards import BoardCheck
from gateway.office.verifying.findings import Finding, record_name
from gateway.office.verifying.states import Key, StateCheck

Counts = dict[tuple[Any, ...], tuple[int, int]]  # crossings and persons


class Tables:
    """Holds one snapshot's rows against a log that ends where the snapshot was taken."""

    def __init__(self, boards: BoardCheck, states: StateCheck):
        self._boards = boards
        self._states = states
        self._told = {key: (position, shown) for key, position, shown in states.current()}

    def compare(self, rows: Iterable[tuple[str, Any]]) -> tuple[int, list[Finding]]:
        """Return how many rows there were, and what of them the log does not say. A row is its table's name and it."""
        found: list[Finding] = []
        waiting = dict(self._told)
        others: dict[str, list[Any]] = defaultdict(list)
        count = 0
        for name, row in rows:
            count += 1
            if name == "crossing":
                key: Key = row["board"], row["epoch"], row["seq"]
                found += self._crossing(key, row, waiting.pop(key, None))
            else:
                others[name].append(row)
        found += [_crossing(key, "it is in the log and missing here") for key in waiting]
        found += self._heads(others["head"])
        found += self._erased(others["erased"])
        found += self._counts(others)
        found += _known(others["known"])
        return count, found

    def _crossing(self, key: Key, row: dict[str, Any], told: tuple[int, dict[str, Any]] | None) -> list[Finding]:
        if told is None:
            return [_crossing(key, "the log does not know it, or has it as erased")]
        position, shown = told
        expected = {"position": position, **shown, **self._states.beside(key)}
        wrong = [name for name, value in expected.items() if row.get(name) != value]
        wrong += ["corrected"] if row.get("corrected", []) != shown.get("corrected", []) else []
        return [_crossing(key, f"it has another {', '.join(dict.fromkeys(wrong))} than the log")] if wrong else []

    def _heads(self, rows: list[Any]) -> Iterator[Finding]:
        ends = self._boards.ends()
        for board, epoch, seq, head in rows:
            last, known = ends.pop((board, epoch), (0, b""))
            where = f"the centre's head of board {board}, epoch {epoch}"
            if seq != last:
                yield Finding(None, where, f"it stands at record {seq}, the log holds {last}")
            elif known and head != known.hex():
                yield Finding(None, where, f"it is not the chain's head after record {seq}")
        for (board, epoch), (last, _) in ends.items():
            where = f"the centre's head of board {board}, epoch {epoch}"
            yield Finding(None, where, f"it is missing, and the log holds {last} records")

    def _erased(self, rows: list[Any]) -> Iterator[Finding]:
        said = self._states.tombstones()
        for board, epoch, seq, position in rows:
            if said.pop((board, epoch, seq), 0) != position:
                where = f"the centre's list of erased records, {record_name(board, epoch, seq)}"
                yield Finding(None, where, f"the log does not say at position {position} that it was erased")
        for key in said:
            where = f"the centre's list of erased records, {record_name(*key)}"
            yield Finding(None, where, "it is missing, and the log says that it was erased")

    def _counts(self, others: dict[str, list[Any]]) -> Iterator[Finding]:
        erased = {(point, day, VERDICTS[verdict]): by for point, day, verdict, *by in others["erased_day"]}
        gone = sum(crossings for crossings, _ in erased.values())
        if gone != len(self._states.tombstones()):
            what = f"they sum up to {gone}, the log says that {len(self._states.tombstones())} were erased"
            yield Finding(None, "the centre's counts of erased crossings", what)
        days, cells, frequent = self._counted()
        for cell, by in erased.items():
            days[cell] = _sum(days.get(cell, (0, 0)), by)
        shown = {(row[0], row[1], VERDICTS[row[2]]): (row[3], row[4]) for row in others["day"]}
        yield from _differing("the centre's counts by day", days, shown, lambda at: (at[0], format_date(at[1]), at[2]))
        rows = {tuple(row[:3]): (row[3], row[4]) for row in others["cell"]}
        if erased:  # of them nobody keeps the reason: they are counted by point and verdict
            cells, rows = _by_verdict(cells), _by_verdict(rows)
            for (point, _, verdict), by in erased.items():
                cells[point, verdict] = _sum(cells.get((point, verdict), (0, 0)), by)
        yield from _differing("the centre's table of counts", cells, rows, lambda at: at)
        known = {(permit,): (count, 0) for permit, count in frequent.items()}
        seen = {(permit,): (count, 0) for permit, count in others["frequent"] if not permit.startswith("erased ")}
        if not erased:
            yield from _differing("the centre's list of frequent permits", known, seen, lambda at: at)

    def _counted(self) -> tuple[Counts, Counts, Counter[str]]:
        days: Counts = {}
        cells: Counts = {}
        frequent: Counter[str] = Counter()
        for _, shown in self._told.values():
            by = 1, shown["party"]
            point, verdict = shown["crossing_point"], shown["verdict"]
            day = point, parse_date(shown["local_time"][:10]), verdict
            cell = point, verdict, (shown["reasons"] or [""])[0]
            days[day], cells[cell] = _sum(days.get(day, (0, 0)), by), _sum(cells.get(cell, (0, 0)), by)
            if "frequent" in shown["notes"]:
                frequent[shown["permit"]] += 1
        return days, cells, frequent


def _crossing(key: Key, what: str) -> Finding:
    return Finding(None, f"the centre's table of crossings, {record_name(*key)}", what)


def _known(rows: Iterable[Any]) -> Iterator[Finding]:
    """Yield what of permits, cards, points, boards and the policy has not the mark of the centre's key."""
    for kind, key, revision, wrong in rows:
        if wrong:
            name = f"{kind.replace('_', ' ')} {key}".strip() if kind else f"revision {revision}"
            yield Finding(None, f"what the centre knows, {name}", wrong)


def _by_verdict(cells: Counts) -> Counts:
    found: Counts = {}
    for (point, verdict, _), by in cells.items():
        found[point, verdict] = _sum(found.get((point, verdict), (0, 0)), by)
    return found


def _differing(where: str, known: Counts, shown: Counts, name: Any) -> Iterator[Finding]:
    for at in sorted(known.keys() | shown.keys()):
        expected, found = known.get(at, (0, 0)), shown.get(at, (0, 0))
        if expected != found:
            place = ", ".join(str(part) for part in name(at) if part)
            what = f"it says {found[0]} crossings with {found[1]} persons, the log {expected[0]} with {expected[1]}"
            yield Finding(None, f"{where}, {place}", what)


def _sum(one: tuple[int, int], other: Iterable[int]) -> tuple[int, int]:
    crossings, persons = other
    return one[0] + crossings, one[1] + persons
