"""A query for rows whose column is among given values: one form of words however many they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

_NAME = "among"


class Among:
    """Build one at module level for each use."""

    def __init__(self, query: Select[Any], column: Column[Any]):
        """`query`: with its other conditions, as bound parameters."""
        # A list of hundreds is an array for PostgreSQL: one parameter, and a statement that is prepared once.
        array = bindparam(_NAME, type_=ARRAY(column.type))
        self._queries = {
            "sqlite": query.where(column.in_(bindparam(_NAME, expanding=True))),
            "postgresql": query.where(column == any_(array)),
        }

    def run(self, connection: Connection, values: Sequence[Any], **more: Any) -> list[Any]:
        """Return the rows; `more` are the query's other parameters. `parts.chunks` cuts what is too long at once."""
        return list(connection.execute(self._queries[connection.dialect.name], {**more, _NAME: list(values)}).all())
