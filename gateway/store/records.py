"""Raw records and their chains, and the crossings and outcomes that they hold."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from gateway.store.many import insert
from gateway.verdict.facts import CrossingRow

_ROW = """
    SELECT c.board, c.epoch, c.seq, c.crossing_point, c.card_uid, c.order_s, c.utc_s, c.offset, c.trust,
        c.uncertainty, c.direction, c.party, c.assurance, c.board_verdict, c.board_reasons, c.board_causes,
        c.source, c.outcome, c.outcome_party, c.outcome_seq, c.verdict, c.reasons, c.causes, c.notes,
        c.waived, c.unchecked, c.provisional, c.kind, c.zone, k.status, k.blocked_from
    FROM {source} {cards}
    WHERE {where}"""
_BY_PERMITS = _ROW.replace("SELECT", "SELECT k.application_id,").format(
    source="""json_each(?) one CROSS JOIN cards k ON k.application_id = one.value
        CROSS JOIN crossings c ON c.card_uid = k.card_uid AND c.card_uid <> ''""",
    cards="",
    where="true",
)
_CARDS = "LEFT JOIN cards k ON k.card_uid = c.card_uid"
_BY_KEY = _ROW.format(source="crossings c", cards=_CARDS, where="c.board = ? AND c.epoch = ? AND c.seq = ?")
_BY_CARD = _ROW.format(
    source="crossings c", cards=_CARDS, where="c.card_uid = ? AND c.card_uid <> '' AND c.verdict IS NULL"
)

_NEWEST_OF_CARD = _ROW.format(
    source="crossings c", cards=_CARDS, where="c.card_uid = ? AND c.card_uid <> '' ORDER BY c.order_s DESC LIMIT ?"
)

_OF_CARD_BETWEEN = _ROW.format(
    source="crossings c",
    cards=_CARDS,
    where="c.card_uid = ? AND c.card_uid <> '' AND c.order_s BETWEEN ? AND ? ORDER BY c.order_s",
)

_OF_NOBODY = _ROW.format(source="crossings c", cards=_CARDS, where="k.card_uid IS NULL")

_MOMENT = """
    SELECT c.seq, c.card_uid, c.order_s, c.utc_s, c.trust, c.uncertainty, r.raw
    FROM crossings c JOIN records r ON r.board = c.board AND r.epoch = c.epoch AND r.seq = c.seq
    WHERE """

_ONCE = "ON CONFLICT (board, epoch, seq) DO NOTHING"
_INSERT_CROSSING = (
    """
    INSERT INTO crossings (board, epoch, seq, crossing_point, card_uid, order_s, utc_s, offset, trust,
        uncertainty, direction, party, assurance, board_verdict, board_reasons, board_causes, source,
        outcome, outcome_party, outcome_seq, verdict, reasons, causes, notes, waived, unchecked, provisional,
        kind, zone)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """
    + _ONCE
)

Key = tuple[int, int, int]  # board, epoch, sequence
Columns = tuple[int | str | None, ...]  # of a crossing's own row, in the order of CrossingRow: what its card is, not
UNJUDGED = (None,) * 7  # `verdict` to `provisional` among them
_VERDICT_AT = CrossingRow._fields.index("verdict")


def with_verdict(row: Columns, verdict: tuple[int, ...]) -> Columns:
    """Return the columns of a crossing with its verdict: the values that UNJUDGED stands for."""
    return (*row[:_VERDICT_AT], *verdict, *row[_VERDICT_AT + len(UNJUDGED) :])


def by_permit(rows: sqlite3.Cursor, application_ids: list[str]) -> dict[str, list[CrossingRow]]:
    """Return rows, each a permit's id and a crossing's columns, as lists by permit; empty where there was no row."""
    found: dict[str, list[CrossingRow]] = {one: [] for one in application_ids}
    for row in rows:
        found[row[0]].append(CrossingRow._make(row[1:]))
    return found


class Chain(NamedTuple):
    """Where a board's epoch stands: columns as the schema explains them. `order_s`: of the newest crossing."""

    board: int
    epoch: int
    seq: int
    head: bytes
    order_s: int = 0
    base_seq: int = 0
    base_head: bytes | None = None
    centre_seq: int = 0
    centre_head: bytes | None = None  # None: not known here, rebuilt from the records when it is needed
    times: bytes | None = None  # what `checkpost.anchor.Times` remembers; None: it begins after `seq`


OutcomeRow = tuple[int, int, int, int]  # sequence, crossing's sequence, outcome, party


class Moment(NamedTuple):
    """When a crossing was, as columns of its row; `raw`: its record."""

    seq: int
    card_uid: str
    order_s: int
    utc_s: int
    trust: int
    uncertainty: int
    raw: bytes


class Records:
    """Records and what they mean, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def chain(self, board: int, epoch: int) -> Chain | None:
        """Return where a board's epoch stands, or None when nothing of it is held."""
        row = self._conn.execute("SELECT * FROM chains WHERE board = ? AND epoch = ?", (board, epoch)).fetchone()
        return Chain(*row) if row else None

    def chains(self) -> list[Chain]:
        """Return all chains, by board and epoch."""
        return [Chain(*row) for row in self._conn.execute("SELECT * FROM chains ORDER BY board, epoch")]

    def set_chain(self, chain: Chain) -> None:
        """Write where a board's epoch stands now; what the centre holds is left as it is."""
        self._conn.execute(
            """INSERT INTO chains (board, epoch, seq, head, order_s, base_seq, base_head, times)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (board, epoch) DO UPDATE SET seq = excluded.seq, head = excluded.head, times = excluded.times,
            order_s = excluded.order_s, base_seq = excluded.base_seq, base_head = excluded.base_head""",
            (*chain[:7], chain.times),
        )

    def set_centre(self, board: int, epoch: int, seq: int, head: bytes | None) -> bool:
        """Write what the centre said it holds, and the chain's head there if known; return True if that is news."""
        return bool(
            self._conn.execute(
                """UPDATE chains SET centre_seq = ?1, centre_head = ?2
                WHERE board = ?3 AND epoch = ?4 AND centre_seq <> ?1""",
                (seq, head, board, epoch),
            ).rowcount
        )

    def behind(self, limit: int) -> list[Chain]:
        """Return up to `limit` chains of which the centre does not hold all."""
        return [
            Chain(*row) for row in self._conn.execute("SELECT * FROM chains WHERE seq > centre_seq LIMIT ?", (limit,))
        ]

    def waiting(self) -> int:
        """Return how many records the centre does not hold."""
        return int(self._conn.execute("SELECT coalesce(sum(max(0, seq - centre_seq)), 0) FROM chains").fetchone()[0])

    def add(self, board: int, epoch: int, first_seq: int, raws: list[bytes], received_s: int) -> None:
        """Keep consecutive raw records; one that is held stays as it is."""
        rows = [(board, epoch, seq, raw, received_s) for seq, raw in enumerate(raws, first_seq)]
        insert(self._conn, "records", rows, _ONCE)

    def raw(self, board: int, epoch: int, first_seq: int, count: int) -> list[bytes]:
        """Return up to `count` raw records from `first_seq` on, in sequence."""
        rows = self._conn.execute(
            "SELECT raw FROM records WHERE board = ? AND epoch = ? AND seq >= ? ORDER BY seq LIMIT ?",
            (board, epoch, first_seq, count),
        )
        return [row[0] for row in rows]

    def between(self, board: int, epoch: int, first_seq: int, last_seq: int) -> list[bytes]:
        """Return the raw records that are held of a range, in sequence."""
        rows = self._conn.execute(
            "SELECT raw FROM records WHERE board = ? AND epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq",
            (board, epoch, first_seq, last_seq),
        )
        return [row[0] for row in rows]

    def add_crossings(self, rows: list[Columns]) -> None:
        """Keep crossings; one that is held stays as it is."""
        self._conn.executemany(_INSERT_CROSSING, rows)

    def place(self, code: str) -> None:
        """Give the crossings that came before their point was named its kind and zone; they are to be judged again."""
        self._conn.execute(
            """UPDATE crossings SET provisional = 1, kind = (SELECT kind FROM points WHERE code = ?1),
            zone = (SELECT zone FROM points WHERE code = ?1) WHERE crossing_point = ?1 AND kind IS NULL""",
            (code,),
        )

    def add_outcomes(self, board: int, epoch: int, outcomes: list[OutcomeRow]) -> None:
        """Keep outcomes as they were recorded; none of them changes a crossing yet."""
        insert(self._conn, "outcomes", [(board, epoch, *outcome) for outcome in outcomes], _ONCE)

    def lay_outcomes(self, board: int, epoch: int, outcomes: list[OutcomeRow]) -> None:
        """Lay each outcome over its crossing, which is held already, in turn."""
        self._conn.executemany(
            """UPDATE crossings SET outcome = ?, outcome_party = ?, outcome_seq = ?
            WHERE board = ? AND epoch = ? AND seq = ?""",
            [(outcome, party, seq, board, epoch, of_seq) for seq, of_seq, outcome, party in outcomes],
        )

    def set_verdicts(self, verdicts: Iterable[tuple[int, ...]]) -> None:
        """Write the newest verdicts of crossings that are held: the values that UNJUDGED stands for, then the key."""
        self._conn.executemany(
            """UPDATE crossings SET verdict = ?, reasons = ?, causes = ?, notes = ?, waived = ?, unchecked = ?,
            provisional = ? WHERE board = ? AND epoch = ? AND seq = ?""",
            verdicts,
        )

    def card_of(self, board: int, epoch: int, seq: int) -> str | None:
        """Return the card of a crossing, '' where none was shown; None when there is no such crossing."""
        row = self._conn.execute(
            "SELECT card_uid FROM crossings WHERE board = ? AND epoch = ? AND seq = ?", (board, epoch, seq)
        ).fetchone()
        return str(row[0]) if row else None

    def moments(self, board: int, epoch: int, first_seq: int, last_seq: int) -> list[Moment]:
        """Return the times of the crossings in a range of sequences, in sequence."""
        where = "c.board = ? AND c.epoch = ? AND c.seq BETWEEN ? AND ? ORDER BY c.seq"
        rows = self._conn.execute(_MOMENT + where, (board, epoch, first_seq, last_seq))
        return [Moment(*row) for row in rows]

    def moments_after(self, board: int, epoch: int, order_s: int) -> list[Moment]:
        """Return the times of the crossings whose order is later than an instant: the newest of the board."""
        rows = self._conn.execute(_MOMENT + "c.board = ? AND c.epoch = ? ORDER BY c.seq DESC", (board, epoch))
        # The order never falls along the sequence, so the reading ends at the first that is not later.
        return list(takewhile(lambda moment: moment.order_s > order_s, (Moment(*row) for row in rows)))

    def set_moments(self, board: int, epoch: int, moments: list[Moment]) -> None:
        """Write when these crossings were."""
        self._conn.executemany(
            """UPDATE crossings SET order_s = ?, utc_s = ?, trust = ?, uncertainty = ?
            WHERE board = ? AND epoch = ? AND seq = ?""",
            [(*moment[2:6], board, epoch, moment.seq) for moment in moments],
        )

    def crossing(self, board: int, epoch: int, seq: int) -> CrossingRow | None:
        """Return one crossing."""
        row = self._conn.execute(_BY_KEY, (board, epoch, seq)).fetchone()
        return CrossingRow(*row) if row else None

    def of_permits(self, application_ids: list[str]) -> dict[str, list[CrossingRow]]:
        """Return every crossing by any card of these permits, of each in no order."""
        return by_permit(self._conn.execute(_BY_PERMITS, (json.dumps(application_ids),)), application_ids)

    def newest_of_card(self, card_uid: str, limit: int) -> list[CrossingRow]:
        """Return the newest crossings of a card, newest first."""
        rows = self._conn.execute(_NEWEST_OF_CARD, (card_uid, limit))
        return [CrossingRow(*row) for row in rows]

    def of_card_between(self, card_uid: str, since_s: int, until_s: int) -> list[CrossingRow]:
        """Return the crossings of a card between two instants of the order of time, both included."""
        rows = self._conn.execute(_OF_CARD_BETWEEN, (card_uid, since_s, until_s))
        return [CrossingRow(*row) for row in rows]

    def unjudged_of_card(self, card_uid: str) -> list[CrossingRow]:
        """Return the crossings of a card that have no verdict yet."""
        return [CrossingRow(*row) for row in self._conn.execute(_BY_CARD, (card_uid,))]

    def of_nobody(self) -> Iterator[CrossingRow]:
        """Yield every crossing without a card, or with one that is not known."""
        return (CrossingRow(*row) for row in self._conn.execute(_OF_NOBODY))

    def incomplete(self, after_s: int, until_s: int, limit: int) -> list[tuple[str, int]]:
        """Return (card, order of time) of crossings behind an instant, up to another, whose verdict lacks history.

        They come in that order, up to `limit` and whatever shares the last one's second.
        """
        where = "FROM crossings WHERE unchecked & 8 AND order_s > ? AND order_s <= ?"
        edge = self._conn.execute(
            f"SELECT order_s {where} ORDER BY order_s LIMIT 1 OFFSET ?", (after_s, until_s, limit - 1)
        ).fetchone()
        return self._conn.execute(
            f"SELECT card_uid, order_s {where} ORDER BY order_s", (after_s, edge[0] if edge else until_s)
        ).fetchall()

    def provisional(self, limit: int) -> list[tuple[int, int, int, str]]:
        """Return (board, epoch, seq, card UID) of crossings that were judged before the centre's facts were here."""
        return self._conn.execute(
            "SELECT board, epoch, seq, card_uid FROM crossings WHERE provisional = 1 LIMIT ?", (limit,)
        ).fetchall()
