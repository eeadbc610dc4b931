"""A query that is written out once for each dialect: for what every tap asks, and building costs more than asking."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Update
from sqlalchemy.sql.selectable import SelectBase

Words = tuple[str, list[str] | None, dict[str, Any]]  # SQL, its parameters' names in order (None: by name), constants


class Ask:
    """Build one at module level for each use. Its parameters are bound ones, none of them a list: see Among."""

    def __init__(self, query: SelectBase | Insert | Update | Delete):
        self._query = query
        self._written: dict[str, Words] = {}

    def run(self, connection: Connection, **values: Any) -> Any:
        """Return a cursor over the rows, tuples, for the values of the parameters."""
        sql, order, constants = self._words(connection.dialect)
        given: Mapping[str, Any] = {**constants, **values}
        return tell(connection, sql, given if order is None else tuple([given[name] for name in order]))

    def first(self, connection: Connection, **values: Any) -> tuple[Any, ...] | None:
        """Return the first row, None where there is none."""
        row: tuple[Any, ...] | None = self.run(connection, **values).fetchone()
        return row

    def value(self, connection: Connection, **values: Any) -> Any:
        """Return the first row's first value, None where there is no row."""
        row = self.first(connection, **values)
        return None if row is None else row[0]

    def each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for the values of each row; every row has all of them."""
        if connection.dialect.name != "sqlite":
            order: Any = self._query
            connection.execute(order, rows)
            return
        sql, order, constants = self._words(connection.dialect)
        given = [{**constants, **row} for row in rows]
        sqlite(connection).executemany(sql, [tuple([row[name] for name in order or ()]) for row in given])

    def _words(self, dialect: Dialect) -> Words:
        if dialect.name not in self._written:
            self._written[dialect.name] = written(self._query, dialect)
        return self._written[dialect.name]


def tell(connection: Connection, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> Any:
    """Run a statement in the words of a dialect's driver; return a cursor over its rows, tuples.

    SQLite is asked without SQLAlchemy between: its wrapping of a result costs three times what SQLite takes over one.
    """
    if connection.dialect.name == "sqlite":
        return sqlite(connection).execute(sql, values)
    return connection.exec_driver_sql(sql, values)


def sqlite(connection: Connection) -> Any:
    """Return SQLite's own connection (`sqlite3.Connection`), within the transaction that SQLAlchemy opened on it."""
    return connection.connection.driver_connection


def written(query: SelectBase | Insert | Update | Delete, dialect: Dialect) -> Words:
    """Return a query in the words of a dialect's driver."""
    compiled = query.compile(dialect=dialect)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled), getattr(compiled, "positiontup", None), constants
