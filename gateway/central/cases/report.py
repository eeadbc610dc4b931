"""The situation report: one span of days beside the one before. Each area says its part through one interface."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from checkpost.dates import format_date, format_local, parse_date
from gateway.central.problems import Problem
from gateway.contract_report import Figure, Report, ReportChart, ReportPart, ReportTable

MAX_DAYS = 731  # two years: what an office looks back on at once; longer spans are several reports
MAX_CHANGES = 12  # told in words: more are a table, which stands below


@dataclass(frozen=True)
class Part:
    """What an area says of a span. `figures`: by what they are called, None where there is no number."""

    title: str
    figures: Mapping[str, int | None]
    tables: Sequence[ReportTable] = ()
    charts: Sequence[ReportChart] = ()
    issues: Sequence[str] = field(default_factory=tuple)


Maker = Callable[[str, str], Part]  # of a span, both days included, YYYY-MM-DD


class Reporter:
    """Puts the parts together. `utc_s`: when a report is made."""

    def __init__(self, makers: Sequence[Maker], utc_s: Callable[[], int]):
        self._makers = makers
        self._utc_s = utc_s
        folder = Path(__file__).resolve().parent / "templates"
        self._templates = Environment(loader=FileSystemLoader(folder), autoescape=select_autoescape())
        self._templates.filters["moment"] = lambda utc_s: format_local(utc_s, 0)[:16].replace("T", " ") + " UTC"

    def make(self, first: str, last: str) -> Report:
        """Return the report of a span; Problem when the days are none, or too many."""
        before_first, before_last = _before(first, last)
        parts = []
        for maker in self._makers:
            part, earlier = maker(first, last), maker(before_first, before_last).figures
            figures = [Figure(name=name, value=value, before=earlier.get(name)) for name, value in part.figures.items()]
            parts.append(
                ReportPart(
                    title=part.title,
                    figures=figures,
                    tables=list(part.tables),
                    charts=list(part.charts),
                    issues=list(part.issues),
                )
            )
        return Report(
            first=first,
            last=last,
            before_first=before_first,
            before_last=before_last,
            made_s=self._utc_s(),
            changes=_changes(parts),
            issues=[f"{part.title}: {issue}" for part in parts for issue in part.issues],
            parts=parts,
        )

    def page(self, report: Report) -> str:
        """Return it as one page that needs nothing else: to be read, printed and kept."""
        return self._templates.get_template("report.html").render(report=report)


def _before(first: str, last: str) -> tuple[str, str]:
    """Return the span of the same length before; Problem."""
    try:
        first_day, last_day = parse_date(first), parse_date(last)
        if not 0 <= last_day - first_day < MAX_DAYS:
            raise ValueError(f"from first to last there may be at most {MAX_DAYS} days, and at least one")
    except ValueError as error:
        errors = [{"pointer": "query: first, last", "detail": str(error)}]
        raise Problem(422, "not-valid", f"The request is not valid ({error}).", errors=errors) from error
    return format_date(first_day - (last_day - first_day) - 1), format_date(first_day - 1)


def _changes(parts: Sequence[ReportPart]) -> list[str]:
    """Return what changed since the span before, the greatest change first."""
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
