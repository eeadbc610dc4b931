"""The store in PostgreSQL: any number of processes, writers one after the other, hot standby by a URL of two hosts."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from gateway.central.store import migrating
from gateway.central.store.carry import carry
from gateway.central.store.sqlite import SqliteFile

CONNECTIONS = 10  # of a process, and one that listens: eight processes fit into the server's usual hundred
# One lock for everything that is written: positions of the feed and leaves of the tree are given out under it, so
# that whoever reads sees no gap that is filled later.
WRITER = 0x636865636B706F73  # "checkpos"
CHANNEL = "checkpost"
# For a primary that is gone without a word; what the URL says counts more.
PATIENCE = {"connect_timeout": "5", "tcp_user_timeout": "10000", "keepalives_idle": "10", "keepalives_interval": "5"}
COMPACT_WAIT_MS = 60_000  # for a table that is read: longer than any page, shorter than an export
LOOK_S = 1.0  # between two looks whether the centre stops
AGAIN_S = 1.0  # before a lost connection is opened again

_BEGIN = f"SELECT pg_advisory_xact_lock({WRITER}), pg_notify('{CHANNEL}', %s)"
# What is acknowledged is on disk, and on the standby's where there is one: no server setting may weaken that.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
)


class Postgres:
    """Where the store is; `str()` of it is for people and holds no password. `failures`: how it fails."""

    failures: tuple[type[Exception], ...] = (SQLAlchemyError, psycopg.Error)

    def __init__(self, url: str, name: str):
        """`url`: of libpq, several hosts may stand in it; `name`: of this process, in what it tells the others."""
        self._conninfo = make_conninfo(url, **(PATIENCE | {"application_name": "checkpost"} | conninfo_to_dict(url)))
        self._name = name

    def __str__(self) -> str:
        parts = conninfo_to_dict(self._conninfo)
        return f"{parts.get('host', 'this machine')}/{parts.get('dbname', '')}"

    def exists(self) -> bool:
        """Return True if there is a store."""
        engine = self.engine()
        try:
            with engine.connect() as connection:
                return migrating.laid(connection)
        finally:
            engine.dispose()

    def lay(self, fill: Callable[[Connection], None]) -> None:
        """Make a store, with what `fill` writes in it, unless another process was faster."""
        engine = self.engine()
        try:
            with engine.connect() as connection:
                writing = connection.execution_options(writes=True)
                with writing.begin():
                    if not migrating.laid(writing):
                        fill(writing)
        finally:
            engine.dispose()

    def engine(self) -> Engine:
        """Return an engine whose transactions read one snapshot, or, with the option `writes`, take turns to write."""
        engine = create_engine(
            "postgresql+psycopg://",
            creator=self._connect,
            poolclass=QueuePool,
            pool_size=CONNECTIONS,
            max_overflow=0,
            use_native_hstore=False,
            hide_parameters=True,  # in what is logged of an error: they may be a person's
        )

        @event.listens_for(engine, "begin")
        def open_transaction(connection: Connection) -> None:
            if connection.get_execution_options().get("writes"):
                # Each statement after this one sees what the writer before has committed.
                connection.exec_driver_sql(_BEGIN, (self._name,))
            else:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

        return engine

    def copy(self, connection: Connection, to: Path) -> None:
        """Copy the store as it is at one instant into a new SQLite file, while others read and write."""

        def fill(target: Connection) -> None:
            migrating.lay(target)
            carry(connection, target)

        with connection.begin():
            SqliteFile(to).lay(fill)

    def compact(self, _connection: Connection) -> bool:
        """Write every table anew, without what was deleted; False while readers hold on to one of them.

        What the server keeps of its own journal, and of archives of it, runs out by its settings.
        """
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(f"SET lock_timeout = {COMPACT_WAIT_MS}")
            try:
                connection.execute("VACUUM (FULL)")
            except psycopg.errors.LockNotAvailable:
                return False
        return True

    def damage(self, _connection: Connection) -> str:
        """Return '': the server's own checksums find damage, and fail the reading."""
        return ""

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Call `heard` after what other processes write, from a thread of its own; return what ends that."""
        ending = threading.Event()
        threading.Thread(target=self._listen, args=(heard, ending), daemon=True).start()
        return ending.set

    def _listen(self, heard: Callable[[], None], ending: threading.Event) -> None:
        while not ending.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    heard()  # for what came while nobody listened
                    while not ending.is_set():
                        told = [note.payload for note in connection.notifies(timeout=LOOK_S, stop_after=1)]
                        if any(name != self._name for name in told):
                            heard()
            except psycopg.Error:
                ending.wait(AGAIN_S)  # the server is away, and every request says so

    def _connect(self) -> Any:
        connection = psycopg.connect(self._conninfo)
        connection.execute(_DURABLE)
        connection.commit()
        return connection
