"""The situation report: a span of days beside the last report that was made. Each area says its part."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from checkpost.dates import format_date, format_local, parse_date
from gateway.central.access import Caller
from gateway.central.charts.drawing import Drawing
from gateway.central.charts.specifications import Chart
from gateway.central.problems import Problem
from gateway.central.store import Store
from gateway.central.store.reports import MadeRow
from gateway.central.words import word
from gateway.contract.report import Figure, Made, MadePage, Report, ReportChart, ReportPart, ReportTable

MAX_DAYS = 731  # two years: what an office looks back on at once; longer spans are several reports
MAX_CHANGES = 12  # told in words: more are a table, which stands below

Before = dict[tuple[str, str], int | None]  # by title of the part and name of the figure


@dataclass(frozen=True)
class Part:
    """What an area says of a span. `figures`: by what they are called, None where there is no number.

    `at_end`: names of those figures that are of the end of the last day.
    """

    title: str
    figures: Mapping[str, int | None]
    tables: Sequence[ReportTable] = ()
    charts: Sequence[Chart] = ()
    issues: Sequence[str] = field(default_factory=tuple)
    at_end: frozenset[str] = frozenset()


Maker = Callable[[str, str], Part]  # of a span, both days included, YYYY-MM-DD


class Reporter:
    """Puts the parts together. `utc_s`: when a report is made."""

    def __init__(self, store: Store, makers: Sequence[Maker], drawing: Drawing, utc_s: Callable[[], int]):
        self._store = store
        self._makers = makers
        self._drawing = drawing
        self._utc_s = utc_s
        folder = Path(__file__).resolve().parent / "templates"
        self._templates = Environment(loader=FileSystemLoader(folder), autoescape=select_autoescape())
        self._templates.filters["word"] = word
        self._templates.filters["moment"] = lambda utc_s: format_local(utc_s, 0)[:16].replace("T", " ") + " UTC"

    def look(self, first: str, last: str) -> Report:
        """Return the report of a span as it would be, and keep nothing; Problem when the days are none, or too many."""
        days = _days(first, last)
        with self._store.read() as transaction:
            made = transaction.reports.newest(last, days)
        parts = [maker(first, last) for maker in self._makers]
        if made:
            before_first, before_last, before = made.first, made.last, _kept(made, days)
        else:
            before_first, before_last = format_date(parse_date(first) - days), format_date(parse_date(first) - 1)
            earlier = [maker(before_first, before_last) for maker in self._makers]
            before = {(part.title, name): value for part in earlier for name, value in part.figures.items()}
        shown = [self._beside(part, before) for part in parts]
        return Report(
            first=first,
            last=last,
            since=_made(made) if made else None,
            before_first=before_first,
            before_last=before_last,
            made_s=self._utc_s(),
            changes=_changes(shown),
            issues=[f"{part.title}: {issue}" for part in parts for issue in part.issues],
            parts=shown,
        )

    def make(self, first: str, last: str, caller: Caller) -> Report:
        """Return the report of a span, and keep what it counts: the next one is compared with it."""
        report = self.look(first, last)
        figures = [[part.title, one.name, one.value, one.at_end] for part in report.parts for one in part.figures]
        text = json.dumps(figures, separators=(",", ":"))
        with self._store.write() as transaction:
            number = transaction.reports.next_number()
            row = MadeRow(number, first, last, _days(first, last), report.made_s, caller.name, text)
            transaction.reports.add(row)
        return report.model_copy(update={"number": number})

    def made(self, before: int, limit: int) -> MadePage:
        """Return reports that were made, newest first."""
        with self._store.read() as transaction:
            rows = transaction.reports.before(before, limit + 1)
        following = rows[limit - 1].number if len(rows) > limit else 0
        return MadePage(reports=[_made(row) for row in rows[:limit]], next=following)

    def page(self, report: Report) -> str:
        """Return it as one page that needs nothing else: to be read, printed and kept."""
        return self._templates.get_template("report.html").render(report=report)

    def _beside(self, part: Part, before: Before) -> ReportPart:
        figures = [
            Figure(name=name, value=value, before=before.get((part.title, name)), at_end=name in part.at_end)
            for name, value in part.figures.items()
        ]
        return ReportPart(
            title=part.title,
            figures=figures,
            tables=list(part.tables),
            charts=[ReportChart(title=chart.title, svg=self._drawing.svg(chart)) for chart in part.charts],
            issues=list(part.issues),
        )


def _made(row: MadeRow) -> Made:
    return Made(number=row.number, first=row.first, last=row.last, made_s=row.made_s, made_by=row.made_by)


def _kept(row: MadeRow, days: int) -> Before:
    """Return the figures of a report that compare with those of a span: sums only of as many days."""
    return {
        (title, name): value for title, name, value, at_end in json.loads(row.figures) if at_end or row.days == days
    }


def _days(first: str, last: str) -> int:
    """Return how many days a span has; Problem."""
    try:
        days = parse_date(last) - parse_date(first) + 1
        if not 0 < days <= MAX_DAYS:
            raise ValueError(f"from first to last there may be at most {MAX_DAYS} days, and at least one")
    except ValueError as error:
        errors = [{"pointer": "query: first, last", "detail": str(error)}]
        raise Problem(422, "not-valid", f"The request is not valid ({error}).", errors=errors) from error
    return days


def _changes(parts: Sequence[ReportPart]) -> list[str]:
    """Return what changed, the greatest change first."""
    found = []
    for part in parts:
        for one in part.figures:
            if one.value is None or one.before is None or one.value == one.before:
                continue
            by = one.value - one.before
            said = f"{part.title}, {one.name}: {one.value:,}, {'up' if by > 0 else 'down'} from {one.before:,}"
            found.append((abs(by) / max(one.before, 1), abs(by), said))
    found.sort(key=lambda change: (-change[0], -change[1], change[2]))
    return [said for _, _, said in found[:MAX_CHANGES]]
