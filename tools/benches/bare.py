"""The same rows in bare SQLite: what the disk and the engine take for them when nobody decrypts, checks or judges."""

import sqlite3
import time
from pathlib import Path

from gateway.store import database

TABLES = ("records", "crossings", "outcomes", "verdicts")  # what an intake writes, a row or two a crossing


def bare_crossings_a_second(folder: Path, crossings: int, batch: int) -> float:
    """Insert the rows of a gateway's store in `folder` into an empty one beside it, `batch` crossings a transaction.

    Tables, indexes, journal and sync are the gateway's; the rows are ready in memory.
    """
    source = sqlite3.connect(folder / database.FILE_NAME)
    rows = {name: source.execute(f"SELECT * FROM {name} ORDER BY board, epoch, seq").fetchall() for name in TABLES}
    source.close()
    path = folder / "bare.db"
    conn = database.connect(path)
    database.migrate(conn, path)
    parts = {name: _parts(found, crossings, batch) for name, found in rows.items()}
    begun = time.perf_counter()
    for at in range(-(-crossings // batch)):
        conn.execute("BEGIN IMMEDIATE")
        for name in TABLES:
            part = parts[name][at]
            conn.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(part[0]))})", part)
        conn.execute("COMMIT")
    took_s = time.perf_counter() - begun
    conn.close()
    return crossings / took_s


def _parts(rows: list[tuple[object, ...]], crossings: int, batch: int) -> list[list[tuple[object, ...]]]:
    """Cut the rows of a table into as many parts as there are batches, in their order."""
    count = -(-crossings // batch)
    return [rows[len(rows) * at // count : len(rows) * (at + 1) // count] for at in range(count)]
