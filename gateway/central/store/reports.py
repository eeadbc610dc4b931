"""Rows of situation reports that were made; they are only ever added."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, insert, select

from gateway.central.store.tables_reporting import REPORTS


@dataclass(frozen=True)
class MadeRow:
    """A report: its local days and how many they are, who made it and when (Unix UTC s), its figures as JSON."""

    number: int
    first: str
    last: str
    days: int
    made_s: int
    made_by: str
    figures: str


class MadeReports:
    """Each report keeps what it counted on the day when it was made."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def next_number(self) -> int:
        """Return the number of the next report."""
        return (self._connection.execute(select(func.max(REPORTS.c.number))).scalar() or 0) + 1

    def add(self, row: MadeRow) -> None:
        """Keep a report."""
        self._connection.execute(insert(REPORTS), [asdict(row)])

    def newest(self, before: str, days: int) -> MadeRow | None:
        """Return the newest report whose last day lies before a day: one of as many days, where there is one."""
        query = select(REPORTS).where(REPORTS.c.last < before).order_by(REPORTS.c.number.desc()).limit(1)
        for found in (query.where(REPORTS.c.days == days), query):
            row = self._connection.execute(found).first()
            if row:
                return MadeRow(*row)
        return None

    def before(self, number: int, limit: int) -> list[MadeRow]:
        """Return at most `limit` reports with a smaller number (0: all), newest first."""
        query = select(REPORTS).where(REPORTS.c.number < number) if number else select(REPORTS)
        return [MadeRow(*row) for row in self._connection.execute(query.order_by(REPORTS.c.number.desc()).limit(limit))]
