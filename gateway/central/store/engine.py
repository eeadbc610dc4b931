"""Opens the store and hands out its transactions: many readers, one writer, durable when a write returns."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from gateway.central.store import migrating
from gateway.central.store.migrating import OtherVersion
from gateway.central.store.sqlite import SqliteFile
from gateway.central.store.transaction import Transaction


class StoreError(Exception):
    """The store cannot be used; the message says what happened and what to do."""


class Store:
    """The centre's database in one SQLite file. `Store.create` lays one; `written` is called after each write."""

    def __init__(self, path: Path, written: Callable[[], None] = lambda: None):
        """Open the store and bring it up to date; StoreError when there is none or it is of another version."""
        self._at = SqliteFile(path)
        if not self._at.exists():
            raise StoreError(f"There is no central store at {self._at}; make one with `checkpost central init`.")
        self._engine = self._at.engine()
        self._writer = threading.Lock()
        self._written = written
        self.log_id = self._opened()

    @staticmethod
    def create(path: Path) -> "Store":
        """Lay an empty store, readable by its owner only, or open the one that is there."""
        at = SqliteFile(path)
        if not at.exists():
            at.lay(migrating.lay)
        return Store(path)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def copy(self, to: Path) -> None:
        """Copy the store as it is at one instant into a new file, while others read and write."""
        with self._sayable(), self._engine.connect() as connection:
            self._at.copy(connection, to)

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
            yield Transaction(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Write all or nothing; what is written is on disk when this ends without an exception."""
        with self._sayable(), self._writing() as connection:
            yield Transaction(connection)
        self._written()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._writer, self._engine.connect() as connection:
            writing = connection.execution_options(writes=True)
            with writing.begin():
                yield writing

    @contextmanager
    def _sayable(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(f"The central store at {self._at} does not answer ({cause}).") from error

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
