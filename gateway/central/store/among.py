"""A query for rows whose column is among given values: one form of words however many they are."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Select, Text, any_, bindparam, cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import NullType

from gateway.central.store.ask import Words, sqlite, written

_NAME = "among"
_LIST = f"(__[POSTCOMPILE_{_NAME}])"  # as SQLAlchemy writes a list whose length it does not know yet


class Among:
    """Build one at module level for each use."""

    def __init__(self, query: Select[Any], column: Column[Any]):
        """`query`: with its other conditions, as bound parameters."""
        # A list of hundreds is an array for PostgreSQL: one parameter, and a statement that is prepared once.
        array = cast(
            bindparam(_NAME, type_=NullType()), ARRAY(BigInteger() if isinstance(column.type, BigInteger) else Text())
        )
        self._queries = {
            "sqlite": query.where(column.in_(bindparam(_NAME, expanding=True))),
            "postgresql": query.where(column == any_(array)),
        }

        self._words: Words | None = None  # of SQLite, which is asked in the driver's own words

    def run(self, connection: Connection, values: Sequence[Any], **more: Any) -> list[Any]:
        """Return the rows; `more` are the query's other parameters. `parts.chunks` cuts what is too long at once."""
        if connection.dialect.name == "postgresql":
            query = self._queries["postgresql"]
            return list(connection.execute(query, {**more, _NAME: _array(values)}).all())
        self._words = self._words or written(self._queries["sqlite"], connection.dialect)
        sql, order, constants = self._words
        given = {**constants, **more}
        listed: list[Any] = []
        for name in order or ():
            listed += values if name == _NAME else [given[name]]
        sql = sql.replace(_LIST, f"({', '.join('?' * len(values))})")
        found: list[Any] = sqlite(connection).execute(sql, listed).fetchall()
        return found


def _array(values: Iterable[Any]) -> str:
    """Return values as PostgreSQL writes an array: psycopg takes sixteen times as long over a list of words."""
    words = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{word}"' for word in words) + "}"
