"""Carries a whole store from one database into another, whichever they are."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, select, text

from gateway.central.store import months
from gateway.central.store.add import Add, Row
from gateway.central.store.tables import ABOUT, METADATA

ROWS = 2000  # at once: some megabytes of the widest table


def carry(source: Connection, target: Connection) -> None:
    """Copy every row as it is in one snapshot into a store that was laid and holds nothing yet."""
    target.execute(delete(ABOUT))  # the log keeps its name
    for table in METADATA.sorted_tables:
        adding = Add(table)
        for rows in _runs(source, table):
            if "arrived_s" in table.columns:
                at = list(table.columns.keys()).index("arrived_s")
                months.ready_for(target, {row[at] for row in rows})
            adding.run(target, rows)
        if target.dialect.name == "postgresql" and (counted := _counted(table)) is not None:
            _count_on(target, table, counted)


def holds(connection: Connection) -> bool:
    """Return True if anything but its name was ever written into a store."""
    return any(
        connection.execute(select(table).limit(1)).first() is not None
        for table in METADATA.sorted_tables
        if table is not ABOUT
    )


def _runs(source: Connection, table: Table) -> Iterator[list[Row]]:
    query = source.execute(select(table), execution_options={"yield_per": ROWS})
    with query:
        for some in query.partitions(ROWS):
            yield [tuple(row) for row in some]


def _counted(table: Table) -> Column[Any] | None:
    """Return the column that counts itself up, if there is one."""
    return table.autoincrement_column


def _count_on(target: Connection, table: Table, column: Column[Any]) -> None:
    """Let PostgreSQL count on from the highest number; where nothing counts by itself there is nothing to do."""
    sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
    names = {"table": table.name, "column": column.name}
    if target.execute(sequence, names).scalar() is not None:
        newest = f"SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name}"
        count_on = text(f"SELECT setval(pg_get_serial_sequence(:table, :column), ({newest}), false)")
        target.execute(count_on, names)
