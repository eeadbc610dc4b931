"""The months of PostgreSQL's partitioned tables: each is made before anything arrives in it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from gateway.central.store.tables import CROSSINGS, RECORDS

_LONGEST = timedelta(days=31)
_HELD = text("SELECT to_regclass(:name) IS NOT NULL")
_BOTH_HELD = text("SELECT to_regclass(:name) IS NOT NULL AND to_regclass(:following) IS NOT NULL")


def ready(connection: Connection, arrived_s: int) -> None:
    """Make the month of an instant (Unix UTC s) and the one after it, if they are missing; SQLite has no months."""
    if connection.dialect.name != "postgresql":
        return
    month = _month(arrived_s)
    following = _next(month)
    names = {"name": _name(CROSSINGS.name, month), "following": _name(CROSSINGS.name, following)}
    if connection.execute(_BOTH_HELD, names).scalar():
        return
    for first in (month, following):
        if not _held(connection, first):
            _make(connection, first)


def ready_for(connection: Connection, instants: Iterable[int]) -> None:
    """Make every month in which something of these instants (Unix UTC s) is to be put."""
    if connection.dialect.name == "postgresql":
        for arrived_s in {_month(instant).timestamp() for instant in instants}:
            ready(connection, int(arrived_s))


def _make(connection: Connection, first: datetime) -> None:
    """Make a month beside its table and attach it: that waits for no reader, and lets none wait."""
    bounds = f"FROM ({first.timestamp():.0f}) TO ({_next(first).timestamp():.0f})"
    for table in (RECORDS.name, CROSSINGS.name):
        name = _name(table, first)
        connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        connection.exec_driver_sql(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES {bounds}")


def _held(connection: Connection, first: datetime) -> bool:
    return bool(connection.execute(_HELD, {"name": _name(CROSSINGS.name, first)}).scalar())


def _name(table: str, first: datetime) -> str:
    return f"{table}_{first:%Y_%m}"


def _month(instant_s: int) -> datetime:
    return datetime.fromtimestamp(instant_s, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next(month: datetime) -> datetime:
    return (month + _LONGEST).replace(day=1)
