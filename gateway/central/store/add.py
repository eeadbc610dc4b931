"""Adds rows that nobody holds yet: by COPY into PostgreSQL, as one prepared insert into SQLite."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table

Row = tuple[Any, ...]


class Add:
    """Build one at module level for each table."""

    def __init__(self, table: Table, columns: Iterable[str] = ()):
        """`columns`: of the rows, in their order; all of the table's where none are given."""
        names = list(columns) or [column.name for column in table.columns]
        into = f"{table.name} ({', '.join(names)})"
        self._copy = f"COPY {into} FROM STDIN"
        self._insert = f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})"

    def run(self, connection: Connection, rows: list[Row]) -> None:
        """Add rows; a key that is held already fails the transaction; no rows are no error."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(self._insert, rows)
            return
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(self._copy) as copy:
            for row in rows:
                copy.write_row(row)
