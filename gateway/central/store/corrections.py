"""Rows of corrections: what was entered wrongly, and who put it right; only ever added."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from gateway.central.store.parts import chunks
from gateway.central.store.rights_tables import CORRECTIONS


class CorrectionRows:
    """`kind`: `crossing`, by its board/epoch/seq, or `application`, by its number."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def next_number(self) -> int:
        """Return the number of the next correction."""
        return (self._connection.execute(select(func.max(CORRECTIONS.c.number))).scalar() or 0) + 1

    def add(self, number: int, kind: str, key: str, body: str) -> None:
        """Add a correction; `body`: JSON."""
        self._connection.execute(insert(CORRECTIONS), [{"number": number, "kind": kind, "key": key, "body": body}])

    def of(self, kind: str, keys: Iterable[str]) -> list[dict[str, Any]]:
        """Return the corrections of things, oldest first."""
        found: list[tuple[int, str]] = []
        for some in chunks(sorted(set(keys))):
            query = select(CORRECTIONS.c.number, CORRECTIONS.c.body)
            query = query.where(CORRECTIONS.c.kind == kind, CORRECTIONS.c.key.in_(some))
            found += [(number, body) for number, body in self._connection.execute(query)]
        return [{"number": number} | json.loads(body) for number, body in sorted(found)]

    def remove(self, kind: str, keys: Iterable[str]) -> None:
        """Take the corrections of erased things away."""
        for some in chunks(sorted(set(keys))):
            self._connection.execute(delete(CORRECTIONS).where(CORRECTIONS.c.kind == kind, CORRECTIONS.c.key.in_(some)))
