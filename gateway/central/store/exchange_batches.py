"""Rows of the files that went out and came in, kept byte for byte."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from gateway.central.store.parts import chunks
from gateway.central.store.tables_exchange import EXCHANGE_BATCHES, EXCHANGE_MESSAGES

_HEAD = [column for column in EXCHANGE_BATCHES.c if column.name != "content"]


@dataclass(frozen=True)
class BatchRow:
    """A file without its content, which may be large."""

    number: int
    direction: str
    form: str
    rows: int
    sha256: str
    size: int
    made_s: int
    made_on: str
    made_by: str


class BatchRows:
    """Files are only ever added."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def next_number(self) -> int:
        """Return the number of the next file."""
        return (self._connection.execute(select(func.max(EXCHANGE_BATCHES.c.number))).scalar() or 0) + 1

    def add(self, row: BatchRow, content: bytes) -> None:
        """Add a file."""
        self._connection.execute(insert(EXCHANGE_BATCHES), [vars(row) | {"content": content}])

    def sent(self, numbers: Iterable[int], batch: int, day: str) -> None:
        """Note with which file messages went out."""
        for some in chunks(sorted(numbers)):
            order = update(EXCHANGE_MESSAGES).where(EXCHANGE_MESSAGES.c.number.in_(some))
            self._connection.execute(order.values(batch=batch, sent_on=day, waiting=0))

    def get(self, number: int) -> tuple[BatchRow, bytes] | None:
        """Return a file and its content."""
        query = select(*_HEAD, EXCHANGE_BATCHES.c.content).where(EXCHANGE_BATCHES.c.number == number)
        row = self._connection.execute(query).first()
        return (BatchRow(*row[:-1]), bytes(row[-1])) if row else None

    def same(self, direction: str, sha256: str) -> BatchRow | None:
        """Return the first file with the same content."""
        column = EXCHANGE_BATCHES.c
        query = select(*_HEAD).where(column.sha256 == sha256, column.direction == direction)
        row = self._connection.execute(query.order_by(column.number).limit(1)).first()
        return BatchRow(*row) if row else None

    def before(self, number: int, limit: int) -> list[BatchRow]:
        """Return at most `limit` files before a number, newest first; 0: from the newest on."""
        query = select(*_HEAD).order_by(EXCHANGE_BATCHES.c.number.desc()).limit(limit)
        query = query.where(EXCHANGE_BATCHES.c.number < number) if number else query
        return [BatchRow(*row) for row in self._connection.execute(query)]
