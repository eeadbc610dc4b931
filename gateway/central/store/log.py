"""Rows of the log: raw records, chain heads, and the feed that the office reads."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from gateway.central.store import months
from gateway.central.store.add import Add, Row
from gateway.central.store.among import Among
from gateway.central.store.ask import Ask
from gateway.central.store.lines import current_lines
from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.tables import CROSSINGS, FEED, HEADS, RECORDS

# Built once: each tap asks these, and building a statement costs more than running it.
_HEAD = Ask(
    select(HEADS.c.seq, HEADS.c.head, HEADS.c.order_utc_s, HEADS.c.times).where(
        HEADS.c.board == bindparam("board"), HEADS.c.epoch == bindparam("epoch")
    )
)
_PUT_HEAD = Put(HEADS, newest=["seq", "head", "order_utc_s", "times"])
_RECORDS = Ask(
    select(RECORDS.c.raw)
    .where(
        RECORDS.c.board == bindparam("board"),
        RECORDS.c.epoch == bindparam("epoch"),
        RECORDS.c.seq.between(bindparam("first_seq"), bindparam("last_seq")),
    )
    .order_by(RECORDS.c.seq)
)
_RAWS = Among(
    select(RECORDS.c.seq, RECORDS.c.raw).where(
        RECORDS.c.board == bindparam("board"), RECORDS.c.epoch == bindparam("epoch")
    ),
    RECORDS.c.seq,
)
_ADD_RECORDS = Add(RECORDS, ("board", "epoch", "seq", "raw", "arrived_s"))
_ADD_FEED = Add(FEED)
_POSITION = Ask(select(func.max(FEED.c.position)))
_FROM = Ask(
    select(FEED.c.position, FEED.c.body)
    .where(FEED.c.position > bindparam("after"))
    .order_by(FEED.c.position)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True)
class Head:
    """Where a board's epoch stands: last sequence held, chain head after it, order of time, what `Times` remembers."""

    seq: int
    head: bytes
    order_utc_s: int
    times: bytes | None = None


class LogRows:
    """Records are only ever added; a head moves only forward."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def head(self, board: int, epoch: int) -> Head | None:
        """Return the head of a board's epoch, None before its first record."""
        row = _HEAD.first(self._connection, board=board, epoch=epoch)
        return Head(row[0], row[1], row[2], row[3]) if row else None

    def held(self) -> list[tuple[int, int, int]]:
        """Return (board, epoch, last sequence held) of every board's epoch."""
        query = select(HEADS.c.board, HEADS.c.epoch, HEADS.c.seq).order_by(HEADS.c.board, HEADS.c.epoch)
        return [(board, epoch, seq) for board, epoch, seq in self._connection.execute(query)]

    def heads(self) -> list[tuple[int, int, int, bytes]]:
        """Return (board, epoch, last sequence held, chain head after it) of every board's epoch."""
        query = select(HEADS.c.board, HEADS.c.epoch, HEADS.c.seq, HEADS.c.head).order_by(HEADS.c.board, HEADS.c.epoch)
        return [(row[0], row[1], row[2], row[3]) for row in self._connection.execute(query)]

    def put_head(self, board: int, epoch: int, head: Head) -> None:
        """Store the head of a board's epoch."""
        row = {"board": board, "epoch": epoch, "seq": head.seq, "head": head.head, "order_utc_s": head.order_utc_s}
        _PUT_HEAD.run(self._connection, [row | {"times": head.times}])

    def records(self, board: int, epoch: int, first_seq: int, last_seq: int) -> list[bytes]:
        """Return the raw records of a range that is held, in order."""
        span = {"first_seq": first_seq, "last_seq": last_seq}
        return [raw for (raw,) in _RECORDS.run(self._connection, board=board, epoch=epoch, **span)]

    def raws(self, board: int, epoch: int, seqs: Sequence[int]) -> dict[int, bytes]:
        """Return the raw records of those sequences that are held."""
        found: dict[int, bytes] = {}
        for some in chunks(sorted(seqs)):
            found.update(_RAWS.run(self._connection, some, board=board, epoch=epoch))
        return found

    def add_records(self, board: int, epoch: int, first_seq: int, raws: list[bytes], now_s: int) -> None:
        """Add records; a sequence that is held already is an error of the caller, and the transaction fails."""
        months.ready(self._connection, now_s)
        rows: list[Row] = [(board, epoch, seq, raw, now_s) for seq, raw in enumerate(raws, start=first_seq)]
        _ADD_RECORDS.run(self._connection, rows)

    def position(self) -> int:
        """Return the newest position of the feed, 0 when it is empty."""
        return _POSITION.value(self._connection) or 0

    def adding_feed(self, rows: list[tuple[int, str]]) -> AbstractContextManager[None]:
        """Add (position, JSON of the crossing without its position) to the feed, while a block works: `Add.running`."""
        return _ADD_FEED.running(self._connection, list(rows))

    def feed(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Return (position, JSON) of at most `limit` feed rows after a position, oldest first."""
        return [(at, body) for at, body in _FROM.run(self._connection, after=after, limit=limit)]

    def newest(self, after: int, limit: int) -> list[tuple[int, str]]:
        """As `current`, but the newest ones when there are more than `limit`; still oldest first."""
        query = select(CROSSINGS.c.position, FEED.c.body).join(FEED, FEED.c.position == CROSSINGS.c.position)
        query = query.where(CROSSINGS.c.position > after, FEED.c.position > after)
        query = query.order_by(CROSSINGS.c.position.desc()).limit(limit)
        return [(at, body) for at, body in self._connection.execute(query)][::-1]

    def current(self, after: int, limit: int) -> list[tuple[int, str]]:
        """As `feed`, without the rows that a later one of the same crossing replaces."""
        query = select(CROSSINGS.c.position, FEED.c.body).join(FEED, FEED.c.position == CROSSINGS.c.position)
        # Said of both: of the feed alone PostgreSQL would begin at its first row, however far `after` is.
        query = query.where(CROSSINGS.c.position > after, FEED.c.position > after)
        query = query.order_by(CROSSINGS.c.position).limit(limit)
        return [(at, body) for at, body in self._connection.execute(query)]

    def current_lines(self, rows: int) -> Iterator[bytes]:
        """Yield every crossing's current state as JSON lines, `rows` at a time, oldest change first."""
        return current_lines(self._connection, rows)
