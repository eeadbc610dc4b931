"""The JSON of the situation report, version 1. It counts; nobody is named in it."""

from pydantic import Field

from gateway.contract import Date, Model


class Figure(Model):
    """A number, and what it was in what the report is compared with; None: there is none.

    `at_end`: it is of the end of the last day, not of all days; so it compares, however many days a report has.
    """

    name: str
    value: int | None
    before: int | None
    at_end: bool = False


class ReportTable(Model):
    """A table: its caption, the columns, and the rows in words and numbers."""

    caption: str
    columns: list[str]
    rows: list[list[str | int | None]]


class ReportChart(Model):
    """A chart: what it shows, and its SVG; a table or the figures beside it have the same numbers."""

    title: str
    svg: str


class ReportPart(Model):
    """One area: figures, tables, charts, and what is open, in words."""

    title: str
    figures: list[Figure]
    tables: list[ReportTable] = Field(default=[])
    charts: list[ReportChart] = Field(default=[])
    issues: list[str] = Field(default=[])


class ReportBody(Model):
    """POST /v1/reports: the local days of a report that is made, and kept."""

    first: Date
    last: Date


class Made(Model):
    """A report that was made: its number, its days, when (Unix UTC seconds), and by whom."""

    number: int
    first: Date
    last: Date
    made_s: int
    made_by: str


class MadePage(Model):
    """GET /v1/reports: reports that were made, newest first; `next`: where the next part begins, 0: nowhere."""

    reports: list[Made]
    next: int


class Report(Model):
    """GET /v1/report, POST /v1/reports: the situation from one local day to another.

    `since`: the last report that was made, with which it is compared; None: none was, and `before_first` to
    `before_last` is the span of the same length before. `number`: under which it is kept, 0: it is not.
    `changes`: what differs most, in words; `made_s`: Unix UTC seconds.
    """

    number: int = 0
    since: Made | None = None
    first: Date
    last: Date
    before_first: Date
    before_last: Date
    made_s: int
    changes: list[str]
    issues: list[str]
    parts: list[ReportPart]
