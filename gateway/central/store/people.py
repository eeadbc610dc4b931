"""Rows of people, and of what was read of personal data."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from gateway.central.store.ask import Ask
from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.tables import PEOPLE, READS

_PUT = Put(PEOPLE, newest=["role", "password"])
_OF_READ = [column.name for column in READS.c if column.name != "number"]
# Each page of the feed adds one. Counted up here: numbers of a sequence are given out before their rows can be seen.
_ADD_READ = Ask(
    insert(READS).values(
        number=select(func.coalesce(func.max(READS.c.number), 0) + 1).scalar_subquery(),
        **{name: bindparam(f"new_{name}") for name in _OF_READ},
    )
)


@dataclass(frozen=True)
class ReadRow:
    """Who (role, name) read what, why, how many rows, when (UTC). `number` rises; 0: not stored yet.

    `about`: a reference of the person whose data it was, where they were one person's.
    """

    number: int
    utc_s: int
    role: str
    name: str
    what: str
    why: str
    rows: int
    about: str = ""


class PersonRows:
    """Passwords are hashes; reads are only ever added."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def put(self, name: str, role: str, password: str) -> None:
        """Add or change a person."""
        _PUT.run(self._connection, [{"name": name, "role": role, "password": password}])

    def find(self, name: str) -> tuple[str, str] | None:
        """Return (role, password hash) of a person."""
        row = self._connection.execute(select(PEOPLE.c.role, PEOPLE.c.password).where(PEOPLE.c.name == name)).first()
        return (row[0], row[1]) if row else None

    def remove(self, name: str) -> bool:
        """Remove a person; return True if there was one."""
        return self._connection.execute(delete(PEOPLE).where(PEOPLE.c.name == name)).rowcount > 0

    def all(self) -> list[tuple[str, str]]:
        """Return (name, role) of everyone."""
        rows = self._connection.execute(select(PEOPLE.c.name, PEOPLE.c.role).order_by(PEOPLE.c.name))
        return [(name, role) for name, role in rows]

    def add_read(self, row: ReadRow) -> None:
        """Add a read."""
        _ADD_READ.run(self._connection, **{f"new_{name}": getattr(row, name) for name in _OF_READ})

    def reads(self, after: int, limit: int, about: Sequence[str] = (), name: str = "") -> list[ReadRow]:
        """Return at most `limit` reads after a number, oldest first: of one person's data, or by one reader."""
        query = select(READS).where(READS.c.number > after)
        if about:
            query = query.where(READS.c.about.in_(about))
        if name:
            query = query.where(READS.c.name == name)
        return [ReadRow(*row) for row in self._connection.execute(query.order_by(READS.c.number).limit(limit))]

    def forget_reads(self, words: Sequence[str], mark: str) -> None:
        """Put a mark in the place of what identifies somebody; that there was a read, by whom and when, stays."""
        for word in words:
            for column in (READS.c.what, READS.c.why):
                order = update(READS).where(column.contains(word, autoescape=True))
                self._connection.execute(order.values({column.name: func.replace(column, word, mark)}))
        for some in chunks(words):
            self._connection.execute(update(READS).where(READS.c.about.in_(some)).values(about=mark))
