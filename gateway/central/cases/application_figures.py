"""Figures of applications from one day to another: for the office's page and for its report."""

from collections import defaultdict

from gateway.central.cases.spread import spread
from gateway.central.cases.terms import days_between
from gateway.central.store import Transaction
from gateway.contract.applications import ApplicationFigures, IssuedOn, Turnaround, Waiting

Counts = dict[str, dict[int, int]]  # by ground: how often each number of days occurs


def figures(transaction: Transaction, first: str, last: str) -> ApplicationFigures:
    """Return what was handed in, decided and left waiting, both days included; an unknown day counts nowhere."""
    rows = transaction.applications
    days = _days(rows.decided_by_day(first, last))
    waiting = _waiting(rows.waiting(last), last)
    return ApplicationFigures(
        first=first,
        last=last,
        submitted=rows.submitted(first, last),
        approved=sum(day.approved for day in days),
        refused=sum(day.refused for day in days),
        withdrawn=sum(day.withdrawn for day in days),
        pending=sum(one.pending for one in waiting),
        busiest_day=max(days, key=lambda day: day.approved, default=None),
        days=days,
        turnaround=_turnaround(rows.turned_around(first, last)),
        waiting=waiting,
    )


def _days(counts: list[tuple[str, str, int]]) -> list[IssuedOn]:
    by_day: dict[str, dict[str, int]] = {}
    for day, decision, count in counts:
        by_day.setdefault(day, {"approved": 0, "refused": 0, "withdrawn": 0})[decision] = count
    return [IssuedOn(day=day, **found) for day, found in by_day.items()]


def _turnaround(rows: list[tuple[str, str, str, int]]) -> list[Turnaround]:
    counts: Counts = defaultdict(lambda: defaultdict(int))
    for ground, submitted_on, decided_on, count in rows:
        if submitted_on:
            counts[ground][days_between(submitted_on, decided_on)] += count
    return [_turned(ground, counts[ground]) for ground in sorted(counts)]


def _turned(ground: str, counts: dict[int, int]) -> Turnaround:
    found = spread(counts)
    return Turnaround(
        ground=ground,
        decided=found.number,
        median_days=found.median,
        slowest_tenth_days=found.slowest_tenth,
        longest_days=found.longest,
    )


def _waiting(rows: list[tuple[str, str, int, str]], last: str) -> list[Waiting]:
    counts: Counts = defaultdict(lambda: defaultdict(int))
    oldest: dict[str, tuple[int, str]] = {}
    pending: dict[str, int] = defaultdict(int)
    for ground, submitted_on, count, one in rows:
        pending[ground] += count
        if submitted_on:
            age = days_between(submitted_on, last)
            counts[ground][age] += count
            oldest[ground] = max(oldest.get(ground, (-1, "")), (age, one))
    return [_waited(ground, pending[ground], counts[ground], oldest.get(ground)) for ground in sorted(pending)]


def _waited(ground: str, pending: int, counts: dict[int, int], oldest: tuple[int, str] | None) -> Waiting:
    found = spread(counts)
    return Waiting(
        ground=ground,
        pending=pending,
        median_days=found.median,
        oldest_days=found.longest,
        oldest=oldest[1] if oldest else None,
    )
