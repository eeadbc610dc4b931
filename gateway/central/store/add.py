"""Adds rows that nobody holds yet: by COPY into PostgreSQL, as one prepared insert into SQLite."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BigInteger, Connection, LargeBinary, Table, Text

from gateway.central.store.ask import sqlite

Row = tuple[Any, ...]
TYPES = {BigInteger: "int8", Text: "text", LargeBinary: "bytea"}  # of `columns.py`, as COPY's binary form knows them


class Add:
    """Build one at module level for each table."""

    def __init__(self, table: Table, columns: Iterable[str] = ()):
        """`columns`: of the rows, in their order; all of the table's where none are given."""
        names = list(columns) or [column.name for column in table.columns]
        into = f"{table.name} ({', '.join(names)})"
        self._copy = f"COPY {into} FROM STDIN (FORMAT BINARY)"
        self._types = [TYPES[type(table.c[name].type)] for name in names]
        self._insert = f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})"

    def run(self, connection: Connection, rows: list[Row]) -> None:
        """Add rows; a key that is held already fails the transaction; no rows are no error."""
        with self.running(connection, rows):
            pass

    @contextmanager
    def running(self, connection: Connection, rows: list[Row]) -> Iterator[None]:
        """As `run`, while the `with` block works on what comes next: PostgreSQL takes the rows meanwhile.

        Within the block nothing can be asked of the database.
        """
        if not rows:
            yield
        elif connection.dialect.name == "sqlite":
            sqlite(connection).executemany(self._insert, rows)
            yield
        else:
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor, cursor.copy(self._copy) as copy:
                copy.set_types(self._types)
                for row in rows:
                    copy.write_row(row)
                yield
