"""By how much the office's counts move when crossings are new or change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from checkpost.calendar import local_day
from checkpost.reasons import CAUSES, FREQUENT, REASONS, VERDICTS, names
from gateway.central.crossing import NOT_JUDGED, CrossingState
from gateway.central.store.tallies import By, Cell, DayCell, Moves

Before = Mapping[tuple[int, int, int], CrossingState]


def moves(changed: Iterable[CrossingState], before: Before) -> Moves:
    """Return what is counted now and was not, less what was and is not. `before`: crossings as stored, by place."""
    # Few of a batch's crossings differ in what is counted, so each is added to its kind and the kinds are spelt out.
    kinds: dict[tuple[str, int, int, int, int], By] = defaultdict(lambda: (0, 0))
    frequent: dict[str, int] = defaultdict(int)
    for state, sign in _versions(changed, before):
        day = local_day(state.utc_s, state.offset_quarters)
        kind = state.crossing_point, state.verdict, state.reasons, state.causes, day
        crossings, persons = kinds[kind]
        kinds[kind] = crossings + sign, persons + sign * state.party
        if state.notes & FREQUENT:
            frequent[state.permit] += sign
    cells: dict[Cell, By] = defaultdict(lambda: (0, 0))
    days: dict[DayCell, By] = defaultdict(lambda: (0, 0))
    for (point, verdict, reasons, causes, day), by in kinds.items():
        primary = (names(reasons, REASONS) + names(causes, CAUSES) + [""])[0]
        cell, day_cell = (point, VERDICTS[verdict], primary), (day, point, verdict)
        cells[cell] = _sum(cells[cell], by)
        days[day_cell] = _sum(days[day_cell], by)
    return Moves(cells, days, frequent)


def _versions(changed: Iterable[CrossingState], before: Before) -> Iterator[tuple[CrossingState, int]]:
    """Yield each crossing as it is, to be added, and as it was, to be taken off."""
    for state in changed:
        yield state, 1
        stood = before.get((state.board, state.epoch, state.seq))
        if stood is not None and stood.verdict != NOT_JUDGED:
            yield stood, -1


def _sum(one: By, other: By) -> By:
    return one[0] + other[0], one[1] + other[1]
