"""The JSON of the situation report, version 1. It counts; nobody is named in it."""

from pydantic import Field

from gateway.contract import Date, Model


class Figure(Model):
    """A number, and what it was in the span before; None: there is none."""

    name: str
    value: int | None
    before: int | None


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


class Report(Model):
    """GET /v1/report: the situation from one local day to another; `before`: the span of the same length before it.

    `changes`: what differs most from the span before, in words; `made_s`: Unix UTC seconds.
    """

    first: Date
    last: Date
    before_first: Date
    before_last: Date
    made_s: int
    changes: list[str]
    issues: list[str]
    parts: list[ReportPart]
