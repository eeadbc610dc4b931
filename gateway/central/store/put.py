"""An insert that says what becomes of a row that is there already, in the words of SQLite and of PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from gateway.central.store.add import TYPES
from gateway.central.store.ask import sqlite as driver

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Put:
    """Build one at module level for each use: building a statement costs more than running it."""

    def __init__(self, table: Table, newest: Sequence[str] = (), sums: Sequence[str] = (), key: Sequence[str] = ()):
        """Of a row with the same key, `newest` columns take the new value and `sums` columns add it; neither: it stays.

        `key`: columns of a unique index; the primary key where none are given.
        """
        at = list(key) or [column.name for column in table.primary_key]
        self._statements: dict[str, Any] = {}
        self._table, self._at, self._newest, self._sums = table, at, newest, sums
        self._words: dict[tuple[str, ...], tuple[str, list[str]]] = {}  # for SQLite, by the columns of the rows
        for dialect, insert in _INSERTS.items():
            order: Any = insert(table)
            changes = {name: order.excluded[name] for name in newest}
            changes |= {name: table.c[name] + order.excluded[name] for name in sums}
            self._statements[dialect] = (
                order.on_conflict_do_update(index_elements=at, set_=changes)
                if changes
                else order.on_conflict_do_nothing(index_elements=at)
            )

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows; none is no error. Where columns are summed up, no two rows have the same key."""
        if not rows:
            return
        if connection.dialect.name != "sqlite":
            if self._sums and len(rows) > 1:
                self._sum_up(connection, rows)
                return
            connection.execute(self._statements[connection.dialect.name], rows)
            return
        names = tuple(rows[0])
        if names not in self._words:
            compiled = self._statements["sqlite"].compile(dialect=connection.dialect, column_keys=names)
            self._words[names] = str(compiled), list(compiled.positiontup)
        sql, order = self._words[names]
        driver(connection).executemany(sql, [tuple([row[name] for name in order]) for row in rows])

    def _sum_up(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put rows of different keys as one statement: the server would spend more on hundreds than on their rows."""
        names = list(rows[0])
        name = self._table.name
        types = (TYPES[type(self._table.c[column].type)] for column in names)
        changes = [f"{column} = excluded.{column}" for column in self._newest]
        changes += [f"{column} = {name}.{column} + excluded.{column}" for column in self._sums]
        values = ", ".join(f"%s::{one}[]" for one in types)
        connection.exec_driver_sql(
            f"INSERT INTO {name} ({', '.join(names)}) SELECT * FROM unnest({values}) "
            f"ON CONFLICT ({', '.join(self._at)}) DO UPDATE SET {', '.join(changes)}",
            tuple([row[column] for row in rows] for column in names),
        )
