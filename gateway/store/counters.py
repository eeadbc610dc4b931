"""The newest reading of each card's own message that was seen here: a signed message counts every reading."""

import sqlite3
from typing import NamedTuple


class Seen(NamedTuple):
    """A reading: the card's counter then, and when it was (Unix UTC s)."""

    counter: int
    utc_s: int


class Counters:
    """Counters by card UID (upper-case hex), one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def newest(self, card_uid: str) -> Seen | None:
        """Return the reading with the highest counter, None for a card whose message was never seen."""
        row = self._conn.execute("SELECT counter, utc_s FROM card_counters WHERE card_uid = ?", (card_uid,)).fetchone()
        return Seen(*row) if row else None

    def keep(self, card_uid: str, seen: Seen) -> None:
        """Keep a reading as the newest."""
        self._conn.execute(
            """INSERT INTO card_counters VALUES (?, ?, ?) ON CONFLICT (card_uid) DO UPDATE
            SET counter = excluded.counter, utc_s = excluded.utc_s""",
            (card_uid, *seen),
        )
