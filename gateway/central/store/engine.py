"""Opens the store and hands out its transactions: many readers, one writer, durable when a write returns."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from gateway.central.store import migrating
from gateway.central.store.carry import carry, holds
from gateway.central.store.knowledge import Marker
from gateway.central.store.migrating import OtherVersion
from gateway.central.store.sqlite import SqliteFile
from gateway.central.store.transaction import Transaction

if TYPE_CHECKING:
    from gateway.central.store.postgres import Postgres

Where = Path | str
SCHEMES = ("postgresql://", "postgres://")
EXAMPLE = "postgresql://checkpost@db.example/checkpost"
NAME_BYTES = 8  # by which processes know their own notes


class StoreError(Exception):
    """The store cannot be used; the message says what happened and what to do."""


class Store:
    """The centre's database. `Store.create` lays one; `written` is called after each write, by whomever."""

    def __init__(
        self,
        where: Where,
        written: Callable[[], None] = lambda: None,
        now_s: Callable[[], int] = lambda: int(time.time()),
    ):
        """Open the store and bring it up to date; StoreError when there is none or it is of another version.

        `where`: the path of an SQLite file, or the URL of a PostgreSQL database. `now_s`: the clock by which
        transactions say when they began, Unix UTC s.
        """
        self._at = _found(where)
        with self._sayable():
            if not self._at.exists():
                raise StoreError(f"There is no central store at {self._at}; make one with `checkpost central init`.")
        self._engine = self._at.engine()
        self._writer = threading.Lock()
        self._written = written
        self._now_s = now_s
        self._deaf: Callable[[], None] = lambda: None
        self._marker: Marker | None = None
        self.log_id = self._opened()

    @staticmethod
    def create(where: Where) -> "Store":
        """Lay an empty store, readable by its owner only, or open the one that is there."""
        at = _found(where)
        with _sayable(at):
            if not at.exists():
                at.lay(migrating.lay)
        return Store(where)

    def listen(self) -> None:
        """From now on, until the store is closed, `written` is called after what other processes write, too."""
        self._deaf = self._at.listen(self._written)

    def mark_with(self, marker: Marker) -> None:
        """From now on whatever is known through this store has a mark."""
        self._marker = marker

    def close(self) -> None:
        """Close every connection."""
        self._deaf()
        self._engine.dispose()

    def copy(self, to: Path) -> None:
        """Copy the store as it is at one instant into a new SQLite file, while others read and write."""
        with self._sayable(), self._engine.connect() as connection:
            self._at.copy(connection, to)

    def take_over(self, source: Path) -> None:
        """Take everything that an SQLite file holds, its log's name too; StoreError if this store holds something."""
        other = Store(source)
        try:
            with self._sayable(), other._engine.connect() as held, held.begin(), self._writing() as connection:
                if holds(connection):
                    raise StoreError(
                        f"The central store at {self._at} holds something already; name an empty database."
                    )
                carry(held, connection)
            self.log_id = other.log_id
        finally:
            other.close()

    def compact(self) -> bool:
        """Take from the files what the tables no longer hold; others read on, writers wait. False: try again later."""
        with self._sayable(), self._writer, self._engine.connect() as connection:
            return self._at.compact(connection)

    def used(self) -> bool:
        """Return True if anything but its name was ever written into the store."""
        with self._sayable(), self._engine.connect() as connection, connection.begin():
            return holds(connection)

    def damage(self) -> str:
        """Return what is damaged in the store's file, '' if nothing is."""
        with self._sayable(), self._engine.connect() as connection:
            return self._at.damage(connection)

    def rename_log(self) -> None:
        """Give the log a new random name: from here on it is another log than the one it continues."""
        self.log_id = secrets.token_hex(16)
        with self.write() as transaction:
            transaction.tree.forget_cosignatures()
            transaction.about(self.log_id)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Read from one snapshot."""
        with self._sayable(), self._engine.connect() as connection, connection.begin():
            yield Transaction(connection, self._now_s())

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Write all or nothing; what is written is on disk when this ends without an exception."""
        with self._sayable(), self._writing() as connection:
            transaction = Transaction(connection, self._now_s(), self._marker)
            yield transaction
            transaction.finish()
        self._written()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._writer, self._engine.connect() as connection:
            writing = connection.execution_options(writes=True)
            with writing.begin():
                yield writing

    def _sayable(self) -> AbstractContextManager[None]:
        return _sayable(self._at)

    def _opened(self) -> str:
        """Bring the store up to date; return its log's name."""
        try:
            with self._sayable():
                with self._engine.connect() as connection, connection.begin():
                    current = migrating.current(connection)
                if not current:
                    with self._writing() as connection:
                        migrating.bring_up(connection)
                with self._engine.connect() as connection, connection.begin():
                    return migrating.log_id(connection)
        except OtherVersion as error:
            self._engine.dispose()
            raise StoreError(
                f"The central store at {self._at} is of another version of Checkpost; use that version."
            ) from error


def _found(where: Where) -> "SqliteFile | Postgres":
    if isinstance(where, Path):
        return SqliteFile(where)
    if not where.startswith(SCHEMES):
        raise StoreError(f"A database is named by a URL that begins with {SCHEMES[0]}, for example {EXAMPLE}.")
    # Its driver takes a tenth of a second to load, which a centre on SQLite would wait at each command.
    from gateway.central.store.postgres import Postgres

    try:
        return Postgres(where, secrets.token_hex(NAME_BYTES))
    except Postgres.failures as error:  # of the URL itself, which holds a password: it is not repeated
        raise StoreError(f"The URL of the database cannot be read; write it like {EXAMPLE}.") from error


@contextmanager
def _sayable(at: "SqliteFile | Postgres") -> Iterator[None]:
    try:
        yield
    except at.failures as error:
        raise StoreError(f"The central store at {at} does not answer ({_cause(error)}).") from error


def _cause(error: Exception) -> str:
    """Return what a database says went wrong, without the values that it was given: they may be a person's."""
    said = getattr(error, "orig", None) or error
    primary = getattr(getattr(said, "diag", None), "message_primary", None)  # PostgreSQL's details repeat values
    return " ".join(str(primary or said).split())
