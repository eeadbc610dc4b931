"""Forgets persons when the centre says so: by its revisions and by places of records, which say of nobody who it is.

The journal of records stays as boards wrote it, and as boards keep it themselves: a centre that lost its disk is filled
from it. It holds cards' numbers, no names, and no permit any more that a number could be looked up in.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence

from gateway.store.looks import Looks

REMEMBERED_S = 35 * 86_400  # a board that was away longer starts its roster anew: its knowledge is stale long before
PLACE = "board = ? AND epoch = ? AND seq = ?"

# What a review rests on, and what was looked at, is kept by triggers: an erasure alone steps over them, in one
# transaction with what it erases.
_TRIGGERS = ("evidence_stays", "review_events_are_kept", "looks_are_final")


class Erasing:
    """One connection's view; a transaction is open."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn
        self._looked_at = Looks(conn)

    def forget(
        self, number: int, revisions: Sequence[int], places: Sequence[tuple[int, int, int]], now_s: int
    ) -> list[str]:
        """Forget what erasure `number` names; return permits whose roster entries are to be taken back."""
        permits = self._of("applications", "application_id", "revision", revisions)
        cards = self._of("cards", "card_uid", "revision", revisions)
        cards += self._of("cards", "card_uid", "application_id", permits)
        cards += self._seen(places)
        mark = f"(erased {number})"
        rules = self._stepped_over()
        self._reviews(places, cards, mark)
        for name in (*permits, *cards):
            self._looked_at.forget(name, mark)
        for sql in rules:
            self._conn.execute(sql)
        self._rows(places)
        self._outbox(permits, cards)
        for card in cards:
            for table in ("cards", "card_counters", "elsewhere"):
                self._conn.execute(f"DELETE FROM {table} WHERE card_uid = ?", (card,))
        for permit in permits:
            self._conn.execute("DELETE FROM applications WHERE application_id = ?", (permit,))
            self._conn.execute("UPDATE roster_entries SET gone_s = ? WHERE application_id = ?", (now_s, permit))
        return permits

    def forget_rosters(self, now_s: int) -> None:
        """Drop what was taken back from rosters so long ago that every board knows, or starts anew."""
        self._conn.execute("DELETE FROM roster_entries WHERE removed = 1 AND gone_s < ?", (now_s - REMEMBERED_S,))

    def _of(self, table: str, name: str, by: str, values: Iterable[int | str]) -> list[str]:
        found: list[str] = []
        for value in values:
            found += [row[0] for row in self._conn.execute(f"SELECT {name} FROM {table} WHERE {by} = ?", (value,))]
        return list(dict.fromkeys(found))

    def _seen(self, places: Iterable[tuple[int, int, int]]) -> list[str]:
        """Return cards at these places that nobody issued: those of a permit are named by their revision."""
        found: list[str] = []
        for place in places:
            for table in ("crossings", "elsewhere"):
                query = f"SELECT card_uid FROM {table} WHERE {PLACE} AND card_uid <> ''"
                found += [row[0] for row in self._conn.execute(query, place)]
        known = {card for card in found if self._of("cards", "card_uid", "card_uid", [card])}
        return [card for card in dict.fromkeys(found) if card not in known]

    def _rows(self, places: Iterable[tuple[int, int, int]]) -> None:
        for place in places:
            for table in ("crossings", "outcomes", "verdicts", "hand_entries", "elsewhere", "put_right"):
                self._conn.execute(f"DELETE FROM {table} WHERE {PLACE}", place)

    def _outbox(self, permits: Iterable[str], cards: Iterable[str]) -> None:
        """Drop imported rows that wait for the centre, or were refused by it: they would bring a person back."""
        by_permit = "kind IN ('application', 'card') AND json_extract(body, '$.application_id') = ?"
        self._conn.executemany(f"DELETE FROM outbox WHERE {by_permit}", [(permit,) for permit in permits])
        by_card = "kind = 'card' AND json_extract(body, '$.card_uid') = ?"
        self._conn.executemany(f"DELETE FROM outbox WHERE {by_card}", [(card,) for card in cards])

    def _reviews(self, places: Iterable[tuple[int, int, int]], cards: Iterable[str], mark: str) -> None:
        flags = [row[0] for place in places for row in self._conn.execute(f"SELECT id FROM flags WHERE {PLACE}", place)]
        flags += self._of("flags", "id", "card_uid <> '' AND card_uid", cards)
        for flag in flags:
            self._conn.execute(
                "UPDATE review_events SET body = '{}' WHERE review_id IN (SELECT id FROM reviews WHERE flag_id = ?)",
                (flag,),
            )
            self._conn.execute(
                """UPDATE reviews SET evidence = '{}', evidence_sha256 = ?, reason = '', state = 'decided'
                WHERE flag_id = ?""",
                (hashlib.sha256(b"{}").hexdigest(), flag),
            )
            self._conn.execute(
                "UPDATE flags SET card_uid = CASE card_uid WHEN '' THEN '' ELSE ? END, detail = '', state = 'decided' "
                "WHERE id = ?",
                (f"{mark} {flag}", flag),
            )

    def _stepped_over(self) -> list[str]:
        """Take the triggers away that keep reviews and looks; return what lays them again."""
        found = []
        for name in _TRIGGERS:
            (sql,) = self._conn.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            found.append(str(sql))
            self._conn.execute(f"DROP TRIGGER {name}")
        return found
