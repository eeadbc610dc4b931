"""An insert that says what becomes of a row that is there already, in the words of SQLite and of PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Put:
    """Build one at module level for each use: building a statement costs more than running it."""

    def __init__(self, table: Table, newest: Sequence[str] = (), sums: Sequence[str] = (), key: Sequence[str] = ()):
        """Of a row with the same key, `newest` columns take the new value and `sums` columns add it; neither: it stays.

        `key`: columns of a unique index; the primary key where none are given.
        """
        at = list(key) or [column.name for column in table.primary_key]
        self._statements: dict[str, Any] = {}
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
        """Put rows; none is no error."""
        if not rows:
            return
        if connection.dialect.name != "sqlite":
            connection.execute(self._statements[connection.dialect.name], rows)
            return
        names = tuple(rows[0])
        if names not in self._words:
            compiled = self._statements["sqlite"].compile(dialect=connection.dialect, column_keys=names)
            self._words[names] = str(compiled), list(compiled.positiontup)
        sql, order = self._words[names]
        connection.exec_driver_sql(sql, [tuple(row[name] for name in order) for row in rows])
