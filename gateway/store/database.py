"""The SQLite file: opened, migrated, and written in transactions that survive a power cut."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from gateway.errors import OperatorError
from gateway.store.schema import migrations

FILE_NAME = "gateway.db"
BUSY_MS = 10_000  # an import in another process commits within a second; a disk that stalls may take several
CACHED_STATEMENTS = 256  # more than the store has: each is prepared once


# What SQLite raises when the disk is full or gone, or the file damaged: nothing was written then.
StoreFailure = sqlite3.Error


class StoreError(OperatorError):
    """The store cannot be used; the message says which file and what to do."""


def connect(path: Path, read_only: bool = False) -> sqlite3.Connection:
    """Open a database file for the calling thread; every commit is on disk when it returns."""
    target = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    try:
        conn = sqlite3.connect(
            target, uri=True, isolation_level=None, timeout=BUSY_MS / 1000, cached_statements=CACHED_STATEMENTS
        )
        if not read_only:
            conn.execute("PRAGMA journal_mode=WAL")
            conn.execute("PRAGMA synchronous=FULL")
            conn.execute("PRAGMA foreign_keys=ON")
            conn.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten, not only let go of
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise StoreError(
            f"The store {path} cannot be opened ({error}); check the path, its owner and the disk."
        ) from error
    return conn


def migrate(conn: sqlite3.Connection, path: Path) -> None:
    """Bring the tables up to date; two processes that start at once wait for each other."""
    try:
        with transaction(conn):
            migrations().apply(Database(conn))
    except sqlite3.Error as error:
        raise StoreError(f"The store {path} cannot be brought up to date ({error}); restore it from a copy.") from error


@contextmanager
def transaction(conn: sqlite3.Connection) -> Iterator[None]:
    """Run a block as one write transaction: all of it, or nothing."""
    try:
        conn.execute("BEGIN IMMEDIATE")
        yield
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:  # also when COMMIT itself failed, as on a full disk
            conn.execute("ROLLBACK")
        raise
