"""Rows of knowledge: applications, cards, points, boards, policy; one rising revision over all of them."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, bindparam, delete, func, select, update

from gateway.central.store.among import Among
from gateway.central.store.ask import Ask
from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.rights_tables import KNOWLEDGE_PAST
from gateway.central.store.tables import KNOWLEDGE

Body = dict[str, Any]
Marker = Callable[[str, str, int, str], bytes]  # of kind, key, revision, body
ROWS = 1000  # read at a time

# Built once: they are asked several times for every tap.
_GET = Among(select(KNOWLEDGE.c.key, KNOWLEDGE.c.body).where(KNOWLEDGE.c.kind == bindparam("kind")), KNOWLEDGE.c.key)
_PUT = Put(KNOWLEDGE, newest=["revision", "body", "mark"])
_REVISION = Ask(select(func.max(KNOWLEDGE.c.revision)))
_ALL = select(KNOWLEDGE.c.body).where(KNOWLEDGE.c.kind == bindparam("kind")).order_by(KNOWLEDGE.c.revision)
_AFTER = (
    select(KNOWLEDGE.c.revision, KNOWLEDGE.c.kind, KNOWLEDGE.c.body)
    .where(KNOWLEDGE.c.revision > bindparam("after"))
    .order_by(KNOWLEDGE.c.revision)
    .limit(bindparam("limit"))
)
_REVISIONS = select(KNOWLEDGE.c.key, KNOWLEDGE.c.revision).where(
    KNOWLEDGE.c.kind == bindparam("kind"), KNOWLEDGE.c.key.in_(bindparam("keys", expanding=True))
)
_EARLIER = select(KNOWLEDGE.c.key, KNOWLEDGE.c.revision, KNOWLEDGE.c.body, KNOWLEDGE.c.mark).where(
    KNOWLEDGE.c.kind == bindparam("kind"), KNOWLEDGE.c.key.in_(bindparam("keys", expanding=True))
)
_PUT_PAST = Put(KNOWLEDGE_PAST)
_MARK = update(KNOWLEDGE).where(KNOWLEDGE.c.revision == bindparam("at")).values(mark=bindparam("fresh"))


class KnowledgeRows:
    """Bodies are JSON objects; equal bodies change nothing."""

    def __init__(self, connection: Connection, marker: Marker | None = None):
        """`marker`: makes the mark of each row that is put; None: it has none until the centre starts with its key."""
        self._connection = connection
        self._marker = marker

    def revision(self) -> int:
        """Return the newest revision, 0 for none. It never falls: an erasure brings a newer row than it takes."""
        return _REVISION.value(self._connection) or 0

    def get(self, kind: str, keys: Iterable[str]) -> dict[str, Body]:
        """Return the bodies of those keys that are known."""
        found: dict[str, Body] = {}
        for some in chunks(sorted(set(keys))):
            rows = _GET.run(self._connection, some, kind=kind)
            found.update((key, from_json(body)) for key, body in rows)
        return found

    def all(self, kind: str) -> list[Body]:
        """Return every body of a kind, in the order of their revisions; for kinds that stay few."""
        return [from_json(body) for (body,) in self._connection.execute(_ALL, {"kind": kind})]

    def count(self, kind: str) -> int:
        """Return how many rows a kind has."""
        query = select(func.count()).select_from(KNOWLEDGE).where(KNOWLEDGE.c.kind == kind)
        return self._connection.execute(query).scalar_one()

    def put(self, kind: str, bodies: dict[str, Body]) -> dict[str, Body | None]:
        """Store bodies by key; return the keys that changed, each with what was there before."""
        before = self.get(kind, bodies)
        changed = {key: before.get(key) for key, body in bodies.items() if before.get(key) != body}
        spoilt = self._keep_past(kind, [key for key, earlier in changed.items() if earlier is not None])
        revision = self.revision()
        rows = [
            self._row(kind, key, revision + at, bodies[key], key not in spoilt)
            for at, key in enumerate(changed, start=1)
        ]
        _PUT.run(self._connection, rows)
        return changed

    def naming(self, kind: str, word: str, name: str = "") -> list[Body]:
        """Return the bodies of a kind in which some value (or that of `name`) is this word; one look through them."""
        query = select(KNOWLEDGE.c.body).where(KNOWLEDGE.c.kind == kind)
        query = query.where(KNOWLEDGE.c.body.contains(f": {json.dumps(word)}", autoescape=True))
        found = [from_json(body) for (body,) in self._connection.execute(query.order_by(KNOWLEDGE.c.revision))]
        return [body for body in found if word in (body.values() if not name else [body[name]])]

    def revisions_of(self, kind: str, keys: Iterable[str]) -> list[int]:
        """Return every revision under which rows were ever given out, ascending."""
        found: list[int] = []
        for some in chunks(sorted(set(keys))):
            past = (KNOWLEDGE_PAST.c.kind == kind, KNOWLEDGE_PAST.c.key.in_(some))
            found += [row[1] for row in self._connection.execute(_REVISIONS, {"kind": kind, "keys": some})]
            found += [number for (number,) in self._connection.execute(select(KNOWLEDGE_PAST.c.revision).where(*past))]
        return sorted(found)

    def of_revisions(self, kind: str, revisions: Iterable[int]) -> list[str]:
        """Return the keys of rows that were given out under these revisions."""
        found: set[str] = set()
        for some in chunks(sorted(set(revisions))):
            for table in (KNOWLEDGE, KNOWLEDGE_PAST):
                query = select(table.c.key).where(table.c.kind == kind, table.c.revision.in_(some))
                found |= {key for (key,) in self._connection.execute(query)}
        return sorted(found)

    def remove(self, kind: str, keys: Iterable[str]) -> None:
        """Take rows away, with every trace of their earlier forms."""
        for some in chunks(sorted(set(keys))):
            for table in (KNOWLEDGE, KNOWLEDGE_PAST):
                self._connection.execute(delete(table).where(table.c.kind == kind, table.c.key.in_(some)))

    def marked(self) -> Iterator[tuple[str, str, int, str, bytes | None]]:
        """Yield (kind, key, revision, JSON, mark) of every row, in the order of their revisions."""
        query = select(KNOWLEDGE.c.kind, KNOWLEDGE.c.key, KNOWLEDGE.c.revision, KNOWLEDGE.c.body, KNOWLEDGE.c.mark)
        ordered = query.order_by(KNOWLEDGE.c.revision).execution_options(yield_per=ROWS)
        with self._connection.execute(ordered) as found:
            yield from (tuple(row) for row in found)

    def past_revisions(self) -> list[int]:
        """Return the revisions of every earlier form of a row that is there."""
        return [revision for (revision,) in self._connection.execute(select(KNOWLEDGE_PAST.c.revision))]

    def mark_all(self, marker: Marker) -> None:
        """Give every row its mark, as it stands."""
        rows = [{"at": row[2], "fresh": marker(*row[:4])} for row in self.marked()]
        for some in chunks(rows):
            self._connection.execute(_MARK, some)

    def _row(self, kind: str, key: str, revision: int, body: Body, good: bool) -> dict[str, Any]:
        """Return a row; not `good`: what it was made from has no mark that fits, so that it gets none either."""
        text = json.dumps(body)
        mark = self._marker(kind, key, revision, text) if self._marker and good else None
        return {"kind": kind, "key": key, "revision": revision, "body": text, "mark": mark}

    def _keep_past(self, kind: str, keys: list[str]) -> set[str]:
        """Note under which revisions rows stood that are to change; return the keys of those that somebody edited."""
        spoilt = set()
        for some in chunks(sorted(keys)):
            rows = self._connection.execute(_EARLIER, {"kind": kind, "keys": some}).all()
            past = [{"revision": revision, "kind": kind, "key": key} for key, revision, _, _ in rows]
            _PUT_PAST.run(self._connection, past)
            if self._marker:
                spoilt |= {row[0] for row in rows if row[3] != self._marker(kind, *row[:3])}
        return spoilt

    def after(self, revision: int, limit: int) -> list[tuple[int, str, Body]]:
        """Return (revision, kind, body) of at most `limit` rows changed since a revision, oldest first."""
        rows = self._connection.execute(_AFTER, {"after": revision, "limit": limit})
        return [(number, kind, from_json(body)) for number, kind, body in rows]
