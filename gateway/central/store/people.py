"""Rows of people, and of what was read of personal data."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from gateway.central.store.put import Put
from gateway.central.store.tables import PEOPLE, READS

_PUT = Put(PEOPLE, newest=["role", "password"])


@dataclass(frozen=True)
class ReadRow:
    """Who (role, name) read what, why, how many rows, when (UTC). `number` rises; 0: not stored yet."""

    number: int
    utc_s: int
    role: str
    name: str
    what: str
    why: str
    rows: int


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
        values = {column.name: getattr(row, column.name) for column in READS.c if column.name != "number"}
        # Counted up here: the numbers of a sequence are given out before their rows can be seen.
        number = select(func.coalesce(func.max(READS.c.number), 0) + 1).scalar_subquery()
        self._connection.execute(insert(READS).values(number=number, **values))

    def reads(self, after: int, limit: int) -> list[ReadRow]:
        """Return at most `limit` reads after a number, oldest first."""
        query = select(READS).where(READS.c.number > after).order_by(READS.c.number).limit(limit)
        return [ReadRow(*row) for row in self._connection.execute(query)]
