"""The current state of every crossing as JSON lines, as fast as the database can give them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

# The position goes in front of the JSON of the feed, as in every other answer.
_QUERY = (
    "SELECT '{\"position\":' || crossings.position || ',' || substr(feed.body, 2) "
    "FROM crossings JOIN feed ON feed.position = crossings.position ORDER BY crossings.position"
)


def current_lines(connection: Connection, rows: int) -> Iterator[bytes]:
    """Yield the lines, `rows` at a time, oldest change first; they are read while they are yielded."""
    lines = _copied(connection) if connection.dialect.name == "postgresql" else _selected(connection, rows)
    some: list[bytes] = []
    for line in lines:
        some.append(line)
        if len(some) == rows:
            yield _joined(connection, some)
            some = []
    if some:
        yield _joined(connection, some)


def _copied(connection: Connection) -> Iterator[bytes]:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY ({_QUERY}) TO STDOUT") as copy:
        yield from copy


def _selected(connection: Connection, rows: int) -> Iterator[bytes]:
    found = connection.execute(text(_QUERY), execution_options={"yield_per": rows})
    with found:
        yield from (line.encode() + b"\n" for (line,) in found)


def _joined(connection: Connection, some: list[bytes]) -> bytes:
    found = b"".join(some)
    # JSON has no control characters, so a backslash is all that COPY's text form writes otherwise.
    return found.replace(b"\\\\", b"\\") if connection.dialect.name == "postgresql" else found
