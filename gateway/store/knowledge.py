"""What the centre and the imports say: applications, cards, points, boards, policy."""

import json
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from checkpost import permit as grants
from gateway.contract import CONSOLE_LANE, Application, Board, Card, CrossingPoint, Policy
from gateway.store.many import count_of
from gateway.verdict.facts import permit_of_row

_APPLICATION = tuple(Application.model_fields)
_CARD = ", ".join(Card.model_fields)
_GRANTED = """
    a.decision, a.withdrawn_from, a.valid_from, a.valid_until, a.crossing_points, a.entries, a.max_stay_days, a.zones,
    a.reception_days, a.companions, a.released_on"""
_PERMITS = f"""
    SELECT a.application_id, {_GRANTED}
    FROM json_each(?) one CROSS JOIN applications a ON a.application_id = one.value"""
_ISSUED = f"""
    SELECT c.card_uid, c.application_id, c.status, c.blocked_from, {_GRANTED}
    FROM json_each(?) one CROSS JOIN cards c ON c.card_uid = one.value
        LEFT JOIN applications a ON a.application_id = c.application_id"""
_LISTS = ("crossing_points", "zones", "released_on")
_TABLES: Mapping[type[Application | Card | CrossingPoint | Board], tuple[str, tuple[str, ...]]] = {
    Application: ("applications", _APPLICATION),
    Card: ("cards", tuple(Card.model_fields)),
    CrossingPoint: ("points", tuple(CrossingPoint.model_fields)),
    Board: ("boards", tuple(Board.model_fields)),
}
MAX_KEPT = 512  # boards and points that stay made: more than a gateway has
POLICY = "policy"  # a single value: the centre's policy as JSON
Known = Application | Card | CrossingPoint | Board


class Issued(NamedTuple):
    """What is held of a card: its application, the values that a crossing's row says of it, what it grants if known."""

    application_id: str
    status: str
    blocked_from: int | None
    permit: grants.Permit | None


class Knowledge:
    """The facts for the rules, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn
        self._put = {model: _upsert(*_TABLES[model]) for model in _TABLES}
        # Few, read with every change of the store, and hardly ever other than before.
        self._point = lru_cache(MAX_KEPT)(_point)
        self._board = lru_cache(MAX_KEPT)(_board)
        self.policy_in = lru_cache(1)(policy_in)

    def put(self, row: Known, revision: int | None) -> None:
        """Keep the newest version of a row; `revision` is the centre's, None for a row that it has not confirmed."""
        values = row.model_dump()
        values.update({key: " ".join(values[key]) for key in _LISTS if key in values})
        self._conn.execute(self._put[type(row)], (*values.values(), revision))

    def application(self, application_id: str) -> Application | None:
        """Return an application."""
        row = self._conn.execute(
            f"SELECT {', '.join(_APPLICATION)} FROM applications WHERE application_id = ?", (application_id,)
        ).fetchone()
        if row is None:
            return None
        values = dict(zip(_APPLICATION, row, strict=True))
        values.update({key: values[key].split() for key in _LISTS})
        return Application.model_construct(**values)

    def card(self, card_uid: str) -> Card | None:
        """Return a card by its UID, upper-case hex."""
        row = self._conn.execute(f"SELECT {_CARD} FROM cards WHERE card_uid = ?", (card_uid,)).fetchone()
        return Card.model_construct(**dict(zip(_TABLES[Card][1], row, strict=True))) if row else None

    def permits(self, application_ids: list[str]) -> dict[str, grants.Permit]:
        """Return what applications grant, as the rules see it; one that is not known is left out."""
        rows = self._conn.execute(_PERMITS, (json.dumps(application_ids),))
        return {row[0]: permit_of_row(*row[1:]) for row in rows}

    def issued(self, card_uids: list[str]) -> dict[str, Issued]:
        """Return what is held of each card; one that nobody issued is left out."""
        rows = self._conn.execute(_ISSUED, (json.dumps(card_uids),))
        # A decision is never empty: without one the application itself is not known.
        return {
            card_uid: Issued(application_id, status, blocked_from, permit_of_row(decision, *rest) if decision else None)
            for card_uid, application_id, status, blocked_from, decision, *rest in rows
        }

    def cards_of(self, application_id: str) -> list[Card]:
        """Return the cards of a permit."""
        rows = self._conn.execute(
            f"SELECT {_CARD} FROM cards WHERE application_id = ?",
            (application_id,),
        )
        return [Card.model_construct(**dict(zip(_TABLES[Card][1], row, strict=True))) for row in rows]

    def points(self) -> list[CrossingPoint]:
        """Return all crossing points, by code."""
        rows = self._conn.execute("SELECT code, name, kind, zone, time_zone FROM points ORDER BY code")
        return [self._point(row) for row in rows]

    def boards(self) -> list[Board]:
        """Return the boards of this gateway, by number."""
        rows = self._conn.execute(
            "SELECT board, epoch, crossing_point, lane, gateway, link_key FROM boards ORDER BY board"
        )
        return [self._board(row) for row in rows]

    def point_of(self, board: int) -> CrossingPoint | None:
        """Return the crossing point at which a board stands; None when the board or the point is not known."""
        row = self._conn.execute(
            """SELECT p.code, p.name, p.kind, p.zone, p.time_zone
            FROM boards b JOIN points p ON p.code = b.crossing_point WHERE b.board = ?""",
            (board,),
        ).fetchone()
        return self._point(row) if row else None

    def lanes(self) -> dict[int, CrossingPoint]:
        """Return where the boards stand, by number: those of travellers, as far as their points are known."""
        rows = self._conn.execute(
            """SELECT b.board, p.code, p.name, p.kind, p.zone, p.time_zone
            FROM boards b JOIN points p ON p.code = b.crossing_point WHERE b.lane <> ? ORDER BY b.board""",
            (CONSOLE_LANE,),
        )
        return {row[0]: self._point(row[1:]) for row in rows}

    def code_of(self, board: int) -> str:
        """Return the code of the point at which a board stands, empty for a board that is not known."""
        row = self._conn.execute("SELECT crossing_point FROM boards WHERE board = ?", (board,)).fetchone()
        return str(row[0]) if row else ""

    def place_of(self, code: str) -> tuple[str, str] | tuple[None, None]:
        """Return the kind and the zone of a point, None twice before the centre named it."""
        row = self._conn.execute("SELECT kind, zone FROM points WHERE code = ?", (code,)).fetchone()
        return row or (None, None)

    def border_points(self) -> dict[str, bool]:
        """Return the border points that are known, and of each if a board of this gateway stands there."""
        rows = self._conn.execute(
            """SELECT code, EXISTS (SELECT 1 FROM boards WHERE crossing_point = code)
            FROM points WHERE kind = 'border'"""
        )
        return {code: bool(own) for code, own in rows}

    def own_points(self) -> set[str]:
        """Return the points at which a board of this gateway stands."""
        return {row[0] for row in self._conn.execute("SELECT DISTINCT crossing_point FROM boards")}

    def permit_ids(self) -> list[str]:
        """Return the ids of all permits that have a card."""
        return [
            row[0] for row in self._conn.execute("SELECT DISTINCT application_id FROM cards ORDER BY application_id")
        ]

    def counts(self) -> dict[str, int]:
        """Return how many applications, cards and crossing points are known, and the policy's version (0: none yet)."""
        found = {name: count_of(self._conn, name) for name in ("applications", "cards")}
        found["crossing_points"] = int(self._conn.execute("SELECT count(*) FROM points").fetchone()[0])  # few
        policy = self.policy()
        return found | {"policy_version": policy.version if policy else 0}

    def policy(self) -> Policy | None:
        """Return the centre's policy, None before it gave one."""
        return self.policy_in(self.get(POLICY))

    def set_policy(self, policy: Policy) -> None:
        """Keep the centre's policy."""
        self.set(POLICY, policy.model_dump_json())

    def get(self, key: str) -> int | str | None:
        """Return a single value that the gateway keeps, such as `revision` or `as_of_s`."""
        row = self._conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        value: int | str | None = row[0] if row else None
        return value

    def values(self, *keys: str) -> dict[str, int | str]:
        """Return several such values; one that was never set is left out."""
        asked = ", ".join(["(SELECT value FROM meta WHERE key = ?)"] * len(keys))  # for IN, SQLite would sort the keys
        found = zip(keys, self._conn.execute(f"SELECT {asked}", keys).fetchone(), strict=True)
        return {key: value for key, value in found if value is not None}

    def number(self, key: str) -> int:
        """Return a single number that the gateway keeps, 0 when it was never set."""
        return int(self.get(key) or 0)

    def set(self, key: str, value: int | str) -> None:
        """Keep a single value."""
        self._conn.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
        )


def _point(row: tuple[str, ...]) -> CrossingPoint:
    return CrossingPoint(**dict(zip(_TABLES[CrossingPoint][1], row, strict=True)))  # type: ignore[arg-type]


def _board(row: tuple[int | str, ...]) -> Board:
    return Board(**dict(zip(_TABLES[Board][1], row, strict=True)))  # type: ignore[arg-type]


def policy_in(body: int | str | None) -> Policy | None:
    """Return the policy that is written in the value POLICY, None where there is none."""
    return Policy.model_validate_json(str(body)) if body is not None else None


def _upsert(table: str, columns: tuple[str, ...]) -> str:
    """Return the statement that puts a row of `columns` and its revision over what is held."""
    names = (*columns, "revision")
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    places = ", ".join("?" * len(names))
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places}) ON CONFLICT ({names[0]}) DO UPDATE SET {changes}"
    )
