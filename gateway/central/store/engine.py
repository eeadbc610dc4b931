"""Opens the store and hands out its transactions: many readers, one writer, durable when a write returns."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from gateway.central.store.crossings import CrossingRows
from gateway.central.store.knowledge import KnowledgeRows
from gateway.central.store.log import LogRows
from gateway.central.store.people import PersonRows
from gateway.central.store.seals import SealRows
from gateway.central.store.tables import ABOUT, METADATA, MIGRATIONS, SCHEMA
from gateway.central.store.tallies import TallyRows
from gateway.central.store.tokens import TokenRows
from gateway.central.store.tree import TreeRows
from gateway.central.store.vouched import VouchedRows

READERS = 16  # connections kept; more requests at once share them
_SCHEMA = select(ABOUT.c.value).where(ABOUT.c.name == "schema")
BUSY_MS = 10_000  # longer than any transaction of ours: what waits longer is held up by a foreign process


class StoreError(Exception):
    """The store cannot be used; the message says what happened and what to do."""


class Transaction:
    """What one transaction may read and write, by table group."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self.knowledge = KnowledgeRows(connection)
        self.log = LogRows(connection)
        self.crossings = CrossingRows(connection)
        self.tally = TallyRows(connection)
        self.tokens = TokenRows(connection)
        self.tree = TreeRows(connection)
        self.seals = SealRows(connection)
        self.people = PersonRows(connection)
        self.vouched = VouchedRows(connection)

    def about(self, log_id: str) -> None:
        """Write down the log's name."""
        self._connection.execute(update(ABOUT).where(ABOUT.c.name == "log").values(value=log_id))


class Store:
    """The centre's database in one SQLite file. `Store.create` lays one; `written` is called after each write."""

    def __init__(self, path: Path, written: Callable[[], None] = lambda: None):
        """Open the store; StoreError when there is none or it is of another version."""
        if not path.exists():
            raise StoreError(f"There is no central store at {path}; make one with `checkpost central init`.")
        self._path = path
        self._engine = _engine(path)
        self._writer = threading.Lock()
        self._written = written
        about = self._migrate(self._about())
        if about.get("schema") != str(SCHEMA):
            raise StoreError(f"The central store at {path} is of another version of Checkpost; use that version.")
        self.log_id = about["log"]

    @staticmethod
    def create(path: Path) -> "Store":
        """Lay an empty store, readable by its owner only, or open the one that is there."""
        if path.exists():
            return Store(path)
        fresh = path.with_suffix(".new")  # renamed when complete: a kill in between leaves no half-made store
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        engine = create_engine(f"sqlite:///{fresh}")
        with engine.begin() as connection:
            METADATA.create_all(connection)
            rows = [{"name": "schema", "value": str(SCHEMA)}, {"name": "log", "value": secrets.token_hex(16)}]
            connection.execute(insert(ABOUT), rows)
        engine.dispose()
        fresh.rename(path)
        return Store(path)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def copy(self, to: Path) -> None:
        """Copy the store as it is at one instant into a new file, while others read and write."""
        to.touch(mode=0o600)
        with self._sayable(), self._engine.connect() as connection:
            source: Any = connection.connection.driver_connection
            target = create_engine(f"sqlite:///{to}")
            with target.connect() as copied:
                source.backup(copied.connection.driver_connection)
            target.dispose()

    def damage(self) -> str:
        """Return what is damaged in the store's file, '' if nothing is."""
        with self._sayable(), self._engine.connect() as connection:
            found = str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
        return "" if found == "ok" else found

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
        with self._sayable(), self._writer, self._engine.connect() as connection:
            writing = connection.execution_options(writes=True)
            with writing.begin():
                yield Transaction(writing)
        self._written()

    @contextmanager
    def _sayable(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(f"The central store at {self._path} does not answer ({cause}).") from error

    def _migrate(self, about: dict[str, str]) -> dict[str, str]:
        """Bring a store of an older version up to date, one number after the other; return what it is then."""
        while (schema := int(about.get("schema", "0"))) in MIGRATIONS:
            with self._sayable(), self._engine.connect() as connection:
                writing = connection.execution_options(writes=True)
                with writing.begin():
                    if writing.execute(_SCHEMA).scalar() == str(schema):  # no other process was faster
                        for statement in MIGRATIONS[schema]:
                            writing.exec_driver_sql(statement)
                        writing.execute(update(ABOUT).where(ABOUT.c.name == "schema").values(value=str(schema + 1)))
            about = self._about()
        return about

    def _about(self) -> dict[str, str]:
        with self._sayable(), self._engine.connect() as connection:
            return {str(name): str(value) for name, value in connection.execute(select(ABOUT.c.name, ABOUT.c.value))}


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}", poolclass=QueuePool, pool_size=READERS, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver opens no transactions of its own; `open_transaction` does
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def open_transaction(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
