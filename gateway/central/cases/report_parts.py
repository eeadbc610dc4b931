"""The parts of the situation report, each from the figures of its own area."""

from collections import defaultdict
from collections.abc import Sequence

from checkpost import reasons as why
from checkpost.dates import format_date, parse_date
from gateway.central.cases.applications import Applications
from gateway.central.cases.batches import BatchOffice
from gateway.central.cases.programmes import Programmes
from gateway.central.cases.report import MAX_DAYS, Maker, Part
from gateway.central.cases.reviews import Reviews
from gateway.central.cases.stations import StationOffice
from gateway.central.charts.specifications import PLAIN, Series, columns, lying, named, spans
from gateway.central.officetime import OfficeTime
from gateway.central.statistics import Statistician
from gateway.central.store import Store
from gateway.contract.report import ReportTable

Cells = list[str | int | None]
# Figures of the end of the last day; all others are sums over the days.
AT_END = frozenset(
    ("pending", "here at the end", "stay over", "overdue", "oldest days", "certificates asked", "waiting now")
) | {"overdue now", "never answered"}
WORDS = {"permitted": "permitted", "refer": "referred", "unverifiable": "cannot verify"}
SLOW_DAYS = 30  # an application that waits longer is named among what is open
DAYS_LATE = 15  # of the reception policy: who stays longer is named


def crossings(statistician: Statistician, store: Store) -> Maker:
    """Return the part of what crossed, and of what was not permitted, by point."""

    def make(first: str, last: str) -> Part:
        counts = statistician.by_day(first, last, MAX_DAYS).counts
        by_verdict = {name: sum(one.crossings for one in counts if one.verdict == name) for name in why.VERDICTS}
        days: dict[tuple[str, str], int] = defaultdict(int)
        for one in counts:
            days[one.day, one.verdict] += one.crossings
        with store.read() as transaction:
            rows = transaction.reporting.unpermitted(parse_date(first), parse_date(last))
        by_point: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for point, mask, number in rows:
            by_point[point][(why.names(mask, why.REASONS) or ["no reason is kept"])[0]] += number
        referred = sorted(((point, sum(found.values())) for point, found in by_point.items()), key=lambda row: -row[1])
        reasons: list[Cells] = [
            [point, reason, number]
            for point, _ in referred
            for reason, number in sorted(by_point[point].items(), key=lambda row: (-row[1], row[0]))
        ]
        figures = {"crossings": sum(by_verdict.values()), "persons": sum(one.persons for one in counts)}
        figures |= {WORDS[name]: by_verdict[name] for name in why.VERDICTS}
        shown = spans(first, last)
        series = [
            Series(name, WORDS[name], [sum(days[day, name] for day in some) for some in shown]) for name in why.VERDICTS
        ]
        charts = [columns("Crossings by day and verdict", named(shown), series)] if counts else []
        if referred:
            charts.append(lying("Referred crossings by point", referred))
        tables = [
            ReportTable(
                caption="Referred, by point and first reason", columns=["Point", "Reason", "Crossings"], rows=reasons
            )
        ]
        return Part("Crossings", figures, tables if reasons else (), charts)

    return make


def applications(office: Applications) -> Maker:
    """Return the part of applications, their age, and permits issued."""

    def make(first: str, last: str) -> Part:
        found = office.figures(first, last)
        figures = {name: getattr(found, name) for name in ("submitted", "approved", "refused", "withdrawn", "pending")}
        busiest = found.busiest_day
        figures["permits on the busiest day"] = busiest.approved if busiest else None
        turned: list[Cells] = [
            [_plain(one.ground), one.decided, one.median_days, one.slowest_tenth_days, one.longest_days]
            for one in found.turnaround
        ]
        waiting = [
            [_plain(one.ground), one.pending, one.median_days, one.oldest_days, one.oldest] for one in found.waiting
        ]
        tables = [
            ReportTable(
                caption="Decided in these days: days from handing in to decision",
                columns=["Ground", "Decided", "Median", "Slowest tenth", "Longest"],
                rows=turned,
            ),
            ReportTable(
                caption="Undecided at their end: age in days",
                columns=["Ground", "Pending", "Median", "Oldest", "The oldest one"],
                rows=waiting,
            ),
        ]
        shown = spans(first, last)
        issued = {one.day: one.approved for one in found.days}
        series = [Series(PLAIN, "permits issued", [sum(issued.get(day, 0) for day in some) for some in shown])]
        issues = [
            f"{one.pending} undecided for {_plain(one.ground)}, the oldest ({one.oldest}) since {one.oldest_days} days"
            for one in found.waiting
            if (one.oldest_days or 0) > SLOW_DAYS
        ]
        chart = columns("Permits issued", named(shown), series)
        return Part(
            "Applications",
            figures,
            [one for one in tables if one.rows],
            [chart] if any(issued.values()) else (),
            issues,
            AT_END,
        )

    return make


def reception(office: StationOffice) -> Maker:
    """Return the part of the reception stations."""

    def make(first: str, last: str) -> Part:
        found = office.figures(first, last)
        sums = ("arrivals_without_permit", "released", "released_early", "left_without_release", "medical_checks")
        figures: dict[str, int | None] = {"arrivals": found.arrivals, "travel passes": found.passes}
        figures |= {name.replace("_", " "): sum(getattr(one, name) for one in found.stations) for name in sums}
        figures["most travel passes in a day"] = found.most_passes_in_a_day
        figures["here at the end"] = sum(one.here for one in found.stations)
        figures["stay over"] = sum(one.over for one in found.stations)
        rows: list[Cells] = [
            [one.station, one.arrivals, one.released, one.here, one.beds, one.over] for one in found.stations
        ]
        table = ReportTable(
            caption="Stations",
            columns=["Station", "Arrivals", "Released", "Here at the end", "Beds", "Over"],
            rows=rows,
        )
        longer = f"longer than {DAYS_LATE} days"
        issues = [
            f"{one.station}: {said}"
            for one in found.stations
            for said in _many(one.over, f"person stays {longer}", f"persons stay {longer}")
        ]
        issues += [
            f"{one.station}: {one.here:,} persons for {one.beds:,} beds"
            for one in found.stations
            if one.here > one.beds
        ]
        issues += [
            f"{one.station}: {one.left_without_release} left without a release; ask, nobody is accused by that"
            for one in found.stations
            if one.left_without_release
        ]
        charts = [lying("Arrivals by station", [(one.station, one.arrivals) for one in found.stations])]
        return Part("Reception", figures, [table] if rows else (), charts if found.arrivals else (), issues, AT_END)

    return make


def programmes(office: Programmes) -> Maker:
    """Return the part of programmes for technical personnel."""

    def make(first: str, last: str) -> Part:
        found = office.figures(first, last)
        names = (
            "plans",
            "plans_late",
            "trainee_places",
            "worker_places",
            "contracts_concluded",
            "health_checks",
            "diplomas",
            "diplomas_verified",
            "certificates_asked",
            "certificates_attached",
        )
        figures = {name.replace("_", " "): getattr(found, name) for name in names}
        figures["contracts concluded late"] = found.contracts_late_count
        late, over = _table("Contracts concluded late", found.contracts_late), _table("Over quota", found.over_quota)
        start = "concluded less than four months before"
        issues = [
            *_many(
                len(found.over_quota),
                "plan is asked for more places than it has",
                "plans are asked for more places than they have",
            ),
            *_many(
                found.contracts_late_count, f"contract was {start} its start", f"contracts were {start} their start"
            ),
            *_many(found.plans_late, "plan came after 31 December", "plans came after 31 December"),
        ]
        return Part("Programmes", figures, [one for one in (late, over) if one.rows], (), issues, AT_END)

    return make


def exchange(office: BatchOffice) -> Maker:
    """Return the part of cases put to the other side: what waits for an answer, and for how long."""

    def make(first: str, last: str) -> Part:
        found = office.figures(first, last)
        names = [name for name in type(found).model_fields if name not in ("first", "last", "oldest_case")]
        figures = {
            name.replace("_", " "): getattr(found, name) for name in names if isinstance(getattr(found, name), int)
        }
        oldest = f"the oldest, {found.oldest_case}, since {found.oldest_days} days"
        issues = _many(found.overdue, f"answer is overdue; {oldest}", f"answers are overdue; {oldest}")
        return Part("Exchange with the other side", figures, (), (), issues, AT_END)

    return make


def reviews(office: Reviews, store: Store, time: OfficeTime) -> Maker:
    """Return the part of questions and reviews; what waits is known of today only."""

    def make(first: str, last: str) -> Part:
        first_s, last_s = _instants(time, first, last)
        with store.read() as transaction:
            opened = transaction.reporting.reviews_opened(first_s, last_s)
            decided = transaction.reporting.reviews_decided(first_s, last_s)
        current = last >= time.today()
        waiting, overdue = office.counts(time.now_s()) if current else (None, None)
        figures = {"opened": opened, "decided": sum(decided.values()), "waiting now": waiting, "overdue now": overdue}
        figures |= {name.replace("-", " "): decided[name] for name in sorted(decided)}
        issues = _many(overdue or 0, "review is overdue", "reviews are overdue")
        points = sorted(office.by_point().items(), key=lambda row: (-row[1], row[0])) if waiting else []
        charts = [lying("Open questions by point", points)] if points else []
        return Part("Questions and reviews", figures, (), charts, issues, AT_END)

    return make


def rights(store: Store, time: OfficeTime) -> Maker:
    """Return the part of the rights of travellers."""

    def make(first: str, last: str) -> Part:
        first_s, last_s = _instants(time, first, last)
        with store.read() as transaction:
            asked = transaction.reporting.erasures_asked(first_s, last_s)
            reads = transaction.reporting.reads(first_s, last_s)
        figures = {"reads of personal data": reads, "erasures asked for": sum(asked.values())}
        figures |= {f"erasures {state}": number for state, number in sorted(asked.items())}
        open_now = asked.get("open", 0)
        issues = _many(open_now, "erasure waits for a second person", "erasures wait for a second person")
        return Part("Rights of travellers", figures, (), (), issues)

    return make


def _instants(time: OfficeTime, first: str, last: str) -> tuple[int, int]:
    """Return the first and the last second of a span of the office's days, Unix UTC."""
    return time.begins_s(first), time.begins_s(format_date(parse_date(last) + 1)) - 1


def _many(count: int, one: str, more: str) -> list[str]:
    """Return a count in words, for one or for more; nothing for none."""
    return [f"{count:,} {one if count == 1 else more}"] if count else []


def _plain(name: str) -> str:
    """Return a name as people read it."""
    return name.replace("_", " ")


def _table(caption: str, rows: Sequence[object]) -> ReportTable:
    """Return a table of models, with their fields as columns."""
    dumped = [row.model_dump(mode="json") for row in rows]  # type: ignore[attr-defined]
    names = list(dumped[0]) if dumped else []
    return ReportTable(
        caption=caption,
        columns=[name.replace("_", " ") for name in names],
        rows=[[_cell(name, row[name]) for name in names] for row in dumped],
    )


def _cell(name: str, value: object) -> str | int | None:
    counts = isinstance(value, int) and name != "year"  # a year is no number to be read with a comma
    return str(value) if value is not None and not counts else value  # type: ignore[return-value]
