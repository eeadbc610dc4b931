"""What the office's and the gateways' requests are held against: PostgreSQL's COPY, and DuckDB, of the same rows."""

import time
from pathlib import Path

import duckdb
import psycopg

TABLES = ("records", "leaves", "crossings", "feed")  # what an intake writes, a row or two a crossing
_CURRENT = (
    "SELECT '{\"position\":' || c.position || ',' || substr(f.body, 2) "
    "FROM crossings c JOIN feed f USING (position) ORDER BY c.position"
)


def copy_in_s(url: str) -> float:
    """Return the seconds in which bare COPY brings the store's rows into empty tables with the same indexes.

    One transaction, on the disk when it ends; the rows are ready in memory.
    """
    with psycopg.connect(url) as connection:
        rows = {table: _copied(connection, f"COPY (SELECT * FROM {table}) TO STDOUT") for table in TABLES}
        for table in TABLES:
            connection.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)".encode())
        connection.commit()
        begun = time.perf_counter()
        for table, found in rows.items():
            with connection.cursor() as cursor, cursor.copy(f"COPY bare_{table} FROM STDIN".encode()) as copy:
                copy.write(found)
        connection.commit()
        took_s = time.perf_counter() - begun
        for table in TABLES:
            connection.execute(f"DROP TABLE bare_{table}".encode())
    return took_s


def copy_out_s(url: str, to: Path) -> float:
    """Return the seconds in which COPY TO writes the current state of every crossing into a file, as JSON lines."""
    begun = time.perf_counter()
    query = f"COPY ({_CURRENT}) TO STDOUT".encode()
    with psycopg.connect(url) as connection, connection.cursor() as cursor, to.open("wb") as file:  # noqa: SIM117
        with cursor.copy(query) as copy:
            for block in copy:
                file.write(block)
    return time.perf_counter() - begun


def duckdb_s(url: str, folder: Path) -> float:
    """Return the seconds in which DuckDB makes a Parquet file of the same table, which COPY TO hands it."""
    begun = time.perf_counter()
    copy_out_s(url, folder / "rows.ndjson")
    connection = duckdb.connect()
    source, target = folder / "rows.ndjson", folder / "rows.parquet"
    connection.execute(f"COPY (SELECT * FROM read_ndjson('{source}')) TO '{target}' (COMPRESSION zstd)")
    connection.close()
    return time.perf_counter() - begun


def _copied(connection: psycopg.Connection[tuple[object, ...]], query: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(query.encode()) as copy:
        return b"".join(bytes(block) for block in copy)
