"""The store as its users see it: the tables of one connection, and write transactions over them."""

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

from gateway.store import database
from gateway.store.arrivals import Arrivals
from gateway.store.counters import Counters
from gateway.store.elsewhere import ElsewhereRows
from gateway.store.erasing import Erasing
from gateway.store.firmware import Firmware
from gateway.store.gaps import Gaps
from gateway.store.hand import HandEntries
from gateway.store.holes import Holes
from gateway.store.knowledge import Knowledge
from gateway.store.looks import Looks
from gateway.store.outbox import Outbox
from gateway.store.people import People
from gateway.store.records import Records
from gateway.store.reviews import Reviews
from gateway.store.rosters import Rosters
from gateway.store.seals import Seals
from gateway.store.verdicts import Verdicts

Mark = tuple[int, int]  # of the store at a moment, for this connection
ROSTER_ID = "roster_id"  # random, made with the store: a board that held another store's roster starts over


class Store:
    """One connection to the gateway's database; it belongs to the thread that made it."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn
        self.records = Records(conn)
        self.verdicts = Verdicts(conn)
        self.reviews = Reviews(conn)
        self.hand = HandEntries(conn)
        self.knowledge = Knowledge(conn)
        self.elsewhere = ElsewhereRows(conn)
        self.counters = Counters(conn)
        self.outbox = Outbox(conn)
        self.rosters = Rosters(conn)
        self.seals = Seals(conn)
        self.gaps = Gaps(conn)
        self.holes = Holes(conn)
        self.people = People(conn)
        self.looks = Looks(conn)
        self.arrivals = Arrivals(conn)
        self.firmware = Firmware(conn)
        self.erasing = Erasing(conn)

    def transaction(self) -> AbstractContextManager[None]:
        """Return a block that is written as a whole, and on disk when it ends, or not at all."""
        return database.transaction(self._conn)

    def mark(self) -> Mark:
        """Return what changes with every write, whoever makes it: a store with the same mark holds the same."""
        return int(self._conn.execute("PRAGMA data_version").fetchone()[0]), self._conn.total_changes

    def emptied(self) -> bool:
        """Take from the journal of the file what was overwritten in it; False while somebody reads what was before."""
        self._conn.execute("PRAGMA busy_timeout = 0")  # boards wait for this thread: the next time will do
        try:
            busy, _, _ = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except database.StoreFailure:
            return False  # somebody writes at this moment
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {database.BUSY_MS}")
        return not busy

    def close(self) -> None:
        """Let go of the file."""
        self._conn.close()


def open_store(folder: Path, roster_id: int) -> Store:
    """Open the store in `folder` for writing, made and migrated if needed; `roster_id` (32 bits) is for a new one."""
    path = folder / database.FILE_NAME
    make_folder(folder)
    conn = database.connect(path)
    path.chmod(0o600)  # it holds link keys; SQLite gives its other files the same rights
    database.migrate(conn, path)
    store = Store(conn)
    if store.knowledge.get(ROSTER_ID) is None:
        with store.transaction():
            if store.knowledge.get(ROSTER_ID) is None:
                store.knowledge.set(ROSTER_ID, roster_id)
    return store


def make_folder(folder: Path) -> None:
    """Make the data folder if needed, readable by its owner only: it holds link keys."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise database.StoreError(f"The data folder {folder} cannot be made ({error.strerror}); check data.") from error


def open_reader(folder: Path) -> Store:
    """Open an existing store for reading; StoreError when there is none."""
    path = folder / database.FILE_NAME
    if not path.exists():
        raise database.StoreError(f"There is no gateway store in {folder}; check --config, or start the gateway once.")
    return Store(database.connect(path, read_only=True))
