"""The store in one SQLite file: what `central` uses without further ado."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from gateway.central.store.ask import sqlite as driver

READERS = 16  # connections kept; more requests at once share them
# Connections wander between threads; each statement of ours is prepared once.
_CONNECT = {"check_same_thread": False, "cached_statements": 1024}
BUSY_MS = 10_000  # longer than any transaction of ours: what waits longer is held up by a foreign process


class SqliteFile:
    """Where the store is; `str()` of it is for people. `failures`: how it fails."""

    failures: tuple[type[Exception], ...] = (SQLAlchemyError, sqlite3.Error)

    def __init__(self, path: Path):
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def exists(self) -> bool:
        """Return True if there is a store."""
        return self._path.exists()

    def lay(self, fill: Callable[[Connection], None]) -> None:
        """Make a store, readable by its owner only, with what `fill` writes in it."""
        fresh = self._path.with_suffix(".new")  # renamed when complete: a kill in between leaves no half-made store
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        engine = create_engine(f"sqlite:///{fresh}")
        with engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.isolation_level = None  # or the driver brings every table to the disk by itself
            connection.exec_driver_sql("BEGIN")
            fill(connection)
            connection.exec_driver_sql("COMMIT")
        engine.dispose()
        fresh.rename(self._path)

    def engine(self) -> Engine:
        """Return an engine whose transactions read one snapshot, or, with the option `writes`, take turns to write."""
        engine = create_engine(
            f"sqlite:///{self._path}",
            poolclass=QueuePool,
            pool_size=READERS,
            connect_args=_CONNECT,
            hide_parameters=True,  # in what is logged of an error: they may be a person's
        )

        @event.listens_for(engine, "connect")
        def prepare(raw: Any, _record: Any) -> None:
            raw.isolation_level = None  # the driver opens no transactions of its own; `open_transaction` does
            # `secure_delete`: what is deleted is overwritten, not only let go of.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "secure_delete=ON"):
                raw.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def open_transaction(connection: Connection) -> None:
            writes = connection.get_execution_options().get("writes")
            driver(connection).execute("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Nobody else writes into the file: there is nothing to listen to, nor to end."""
        return lambda: None

    def copy(self, connection: Connection, to: Path) -> None:
        """Copy the store as it is at one instant into a new SQLite file, while others read and write."""
        to.touch(mode=0o600)
        source: Any = connection.connection.driver_connection
        target = create_engine(f"sqlite:///{to}")
        with target.connect() as copied:
            source.backup(copied.connection.driver_connection)
        target.dispose()

    def compact(self, connection: Connection) -> bool:
        """Write the file anew, without what was deleted, and empty its journal; False while readers hold on to it."""
        raw: Any = connection.connection.driver_connection
        raw.execute("VACUUM")
        busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def damage(self, connection: Connection) -> str:
        """Return what is damaged in the store's file, '' if nothing is."""
        found = str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
        return "" if found == "ok" else found
