"""Border crossings that the centre told of, and that this gateway's boards did not bring: facts for the rules."""

import json
import sqlite3

from checkpost.anchor import CLOCKS
from checkpost.reasons import CARD_NOT_GENUINE
from checkpost.record import ASSURANCES, DIRECTIONS, OUTCOMES
from checkpost.source import SOURCES
from gateway.contract import Elsewhere
from gateway.store.records import Key, by_permit
from gateway.verdict.facts import CrossingRow

_PUT = """
    INSERT INTO elsewhere (board, epoch, seq, crossing_point, card_uid, order_s, utc_s, offset, trust, uncertainty,
        direction, party, assurance, board_reasons, outcome, source)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (board, epoch, seq) DO UPDATE SET crossing_point = excluded.crossing_point,
        card_uid = excluded.card_uid, order_s = excluded.order_s, utc_s = excluded.utc_s, trust = excluded.trust,
        uncertainty = excluded.uncertainty, direction = excluded.direction, party = excluded.party,
        outcome = excluded.outcome, source = excluded.source"""

_KEY = "WHERE board = ? AND epoch = ? AND seq = ?"

# What a person put right of a crossing that a board of this gateway brought; a party is the outcome's, else its own.
_HERE = "WHERE board = ?2 AND epoch = ?3 AND seq = ?4"
_PUT_RIGHT = {
    "crossing_point": f"""UPDATE crossings SET crossing_point = ?1,
        kind = (SELECT kind FROM points WHERE code = ?1), zone = (SELECT zone FROM points WHERE code = ?1)
        {_HERE} AND crossing_point <> ?1""",
    "direction": f"UPDATE crossings SET direction = ?1 {_HERE} AND direction <> ?1",
    "outcome": f"UPDATE crossings SET outcome = ?1 {_HERE} AND outcome <> ?1",
    "party": f"""UPDATE crossings SET party = ?1, outcome_party = iif(outcome_party IS NULL, NULL, ?1)
        {_HERE} AND coalesce(outcome_party, party) <> ?1""",
}

_REMEMBER = """
    INSERT INTO put_right (board, epoch, seq, field, value) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (board, epoch, seq, field) DO UPDATE SET value = excluded.value"""

# In the order of CrossingRow. What a board of this gateway brought itself is not asked for a second time.
_OF_PERMITS = """
    SELECT k.application_id,
        e.board, e.epoch, e.seq, e.crossing_point, e.card_uid, e.order_s, e.utc_s, e.offset, e.trust, e.uncertainty,
        e.direction, e.party, e.assurance, 0, e.board_reasons, 0, e.source, e.outcome, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, 'border', '', k.status, k.blocked_from
    FROM json_each(?) one CROSS JOIN cards k ON k.application_id = one.value
        CROSS JOIN elsewhere e ON e.card_uid = k.card_uid
    WHERE NOT EXISTS (
        SELECT 1 FROM crossings c WHERE c.board = e.board AND c.epoch = e.epoch AND c.seq = e.seq)"""


class ElsewhereRows:
    """Crossings at other gateways, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def put(self, crossing: Elsewhere) -> bool:
        """Keep a crossing as the centre has it now; return True if that is news.

        Of one that a board here brought itself only what a person put right is. One that turned out to be at an
        internal point is taken out: it uses no entry.
        """
        key = (crossing.board, crossing.epoch, crossing.seq)
        self._remember(crossing, key)
        if self._conn.execute(f"SELECT 1 FROM crossings {_KEY}", key).fetchone():
            return self._put_right(key)
        if crossing.kind != "border":
            return self._conn.execute(f"DELETE FROM elsewhere {_KEY}", key).rowcount > 0
        time = (crossing.order_s, crossing.utc_s, crossing.offset, CLOCKS.index(crossing.clock), crossing.uncertainty)
        passage = (DIRECTIONS.index(crossing.direction), crossing.party, ASSURANCES.index(crossing.assurance))
        shown = (0 if crossing.genuine else CARD_NOT_GENUINE, OUTCOMES.index(crossing.outcome))
        source = SOURCES.index(crossing.source)
        self._conn.execute(_PUT, (*key, crossing.crossing_point, crossing.card_uid, *time, *passage, *shown, source))
        return True

    def corrects(self, board: int, epoch: int) -> bool:
        """Return True if persons put anything right of a board's epoch."""
        row = self._conn.execute("SELECT 1 FROM put_right WHERE board = ? AND epoch = ? LIMIT 1", (board, epoch))
        return row.fetchone() is not None

    def put_right_again(self, board: int, epoch: int) -> None:
        """Lay what persons put right over the crossings of a board's epoch: its records say what they said before."""
        rows = self._conn.execute("SELECT DISTINCT seq FROM put_right WHERE board = ? AND epoch = ?", (board, epoch))
        for (seq,) in rows.fetchall():
            self._put_right((board, epoch, seq))

    def _remember(self, crossing: Elsewhere, key: Key) -> None:
        codes = {"direction": DIRECTIONS, "outcome": OUTCOMES}
        for name in crossing.corrected:
            value = getattr(crossing, name)
            self._conn.execute(_REMEMBER, (*key, name, codes[name].index(value) if name in codes else value))

    def _put_right(self, key: Key) -> bool:
        rows = self._conn.execute(f"SELECT field, value FROM put_right {_KEY}", key).fetchall()
        return sum(self._conn.execute(_PUT_RIGHT[name], (value, *key)).rowcount for name, value in rows) > 0

    def any(self) -> bool:
        """Return True if the centre told of any crossing yet."""
        return self._conn.execute("SELECT 1 FROM elsewhere LIMIT 1").fetchone() is not None

    def of_permits(self, application_ids: list[str]) -> dict[str, list[CrossingRow]]:
        """Return every crossing elsewhere by any card of these permits, of each in no order."""
        return by_permit(self._conn.execute(_OF_PERMITS, (json.dumps(application_ids),)), application_ids)
