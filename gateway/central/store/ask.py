"""A query that is written out once for each dialect: for what every tap asks, and building costs more than asking."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Delete, Dialect
from sqlalchemy.sql.selectable import SelectBase

Words = tuple[str, list[str] | None, dict[str, Any]]  # SQL, its parameters' names in order (None: by name), constants


class Ask:
    """Build one at module level for each use. Its parameters are bound ones, none of them a list: see Among."""

    def __init__(self, query: SelectBase | Delete):
        self._query = query
        self._written: dict[str, Words] = {}

    def run(self, connection: Connection, **values: Any) -> CursorResult[*tuple[Any, ...]]:
        """Return the result for the values of the parameters."""
        dialect = connection.dialect
        if dialect.name not in self._written:
            self._written[dialect.name] = written(self._query, dialect)
        sql, order, constants = self._written[dialect.name]
        given: Mapping[str, Any] = {**constants, **values}
        return connection.exec_driver_sql(sql, given if order is None else tuple(given[name] for name in order))


def written(query: SelectBase | Delete, dialect: Dialect) -> Words:
    """Return a query in the words of a dialect's driver."""
    compiled = query.compile(dialect=dialect)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled), getattr(compiled, "positiontup", None), constants
