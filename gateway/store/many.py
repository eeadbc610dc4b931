"""Many rows: inserted some a statement, which spares the engine most of what each costs, and counted as they come."""

import sqlite3
from collections.abc import Sequence
from itertools import chain

AT_ONCE = 32  # rows of a statement: more gain nothing that can be measured


def insert(conn: sqlite3.Connection, into: str, rows: Sequence[tuple[object, ...]], conflict: str = "") -> None:
    """Run `INSERT INTO {into} VALUES ... {conflict}` for rows of one length; nothing for none."""
    if not rows:
        return
    one = f"({', '.join('?' * len(rows[0]))})"
    whole = len(rows) // AT_ONCE * AT_ONCE
    if whole:
        together = f"INSERT INTO {into} VALUES {', '.join([one] * AT_ONCE)} {conflict}"
        for at in range(0, whole, AT_ONCE):
            conn.execute(together, tuple(chain.from_iterable(rows[at : at + AT_ONCE])))
    conn.executemany(f"INSERT INTO {into} VALUES {one} {conflict}", rows[whole:])


def count_of(conn: sqlite3.Connection, what: str) -> int:
    """Return how many rows are counted under a name of `row_counts`, without a look through them."""
    row = conn.execute("SELECT held FROM row_counts WHERE what = ?", (what,)).fetchone()
    return int(row[0]) if row else 0
