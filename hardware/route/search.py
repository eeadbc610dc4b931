"""The way of one connection: A* over the cells of both layers."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

from hardware.route.field import Field

_STRAIGHT, _DIAGONAL = 10, 14
_BACK_EXTRA = 3  # the back is the ground plane: keep it whole
_VIA_COST = 90  # as much as 2.25 mm of track
_CROSSING_COST = 120  # for each cell near another net's track, which is then taken up and laid again
_LIMIT = 600_000  # cells looked at; more than a board of this size has


@dataclass
class Job:
    """One connection to find: whose, how wide, where it must be narrow, from which cells to which."""

    net: int
    kind: int
    narrow: int
    neck: set[int]
    starts: set[int]
    goals: set[int]
    may_cross: bool


def way(field: Field, job: Job, blame: dict[int, int]) -> list[int] | None:
    """Return the cells from a start to a goal, or None; `blame` adds cost where nets have been fought over."""
    far = _distance(field, job.goals)
    best = dict.fromkeys(job.starts, 0)
    came: dict[int, int] = {}
    queue = [(far(cell), cell) for cell in sorted(job.starts)]
    heapq.heapify(queue)
    steps = _steps(field)
    seen = 0
    done: set[int] = set()
    while queue and seen < _LIMIT:
        _, cell = heapq.heappop(queue)
        if cell in done:
            continue
        done.add(cell)
        seen += 1
        if cell in job.goals:
            return _trace(came, cell)
        cost = best[cell]
        for other, price in _moves(field, job, steps, cell):
            total = cost + price + blame.get(other, 0)
            if total < best.get(other, 1 << 60):
                best[other] = total
                came[other] = cell
                heapq.heappush(queue, (total + far(other), other))
    return None


def _distance(field: Field, goals: set[int]) -> Callable[[int], int]:
    columns, rows = field.grid.columns, field.grid.rows
    xs = [cell % columns for cell in goals]
    ys = [cell // columns % rows for cell in goals]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)

    def far(cell: int) -> int:
        x, y = cell % columns, cell // columns % rows
        dx = left - x if x < left else x - right if x > right else 0
        dy = top - y if y < top else y - bottom if y > bottom else 0
        return _STRAIGHT * (dx + dy) - 6 * min(dx, dy)

    return far


def _steps(field: Field) -> list[tuple[int, int]]:
    across = field.grid.columns
    straight = [(step, _STRAIGHT) for step in (1, -1, across, -across)]
    return straight + [(step, _DIAGONAL) for step in (across + 1, across - 1, -across + 1, -across - 1)]


def _moves(field: Field, job: Job, steps: list[tuple[int, int]], cell: int) -> list[tuple[int, int]]:
    layer_cells = field.grid.columns * field.grid.rows
    on_back = cell >= layer_cells
    more = _BACK_EXTRA if on_back else 0
    neck, kind, narrow = job.neck, job.kind, job.narrow
    hard, soft = field.hard, field.soft
    found = []
    for step, price in steps:
        other = cell + step
        at = narrow if other in neck else kind
        if hard[at].get(other, job.net) != job.net:
            continue
        if other in soft[at]:
            extra = _crossing(field, job, at, other)
            if extra is None:
                continue
            price += extra
        found.append((other, price + more))
    other = cell - layer_cells if on_back else cell + layer_cells
    here, there = _cost(field, job, field.via, cell), _cost(field, job, field.via, other)
    landing = _cost(field, job, narrow if other in neck else kind, other)
    if here is not None and there is not None and landing is not None:
        found.append((other, _VIA_COST + here + there))
    return found


def _cost(field: Field, job: Job, kind: int, cell: int) -> int | None:
    """Return what it costs to be on a cell beyond the step itself, or None where the net cannot be."""
    if field.hard[kind].get(cell, job.net) != job.net:
        return None
    return _crossing(field, job, kind, cell)


def _crossing(field: Field, job: Job, kind: int, cell: int) -> int | None:
    counts = field.soft[kind].get(cell)
    if counts is None or (len(counts) == 1 and job.net in counts):
        return 0
    return _CROSSING_COST if job.may_cross else None


def _trace(came: dict[int, int], cell: int) -> list[int]:
    path = [cell]
    while cell in came:
        cell = came[cell]
        path.append(cell)
    return path[::-1]
