"""What the centre knows besides crossings: points, boards, applications, cards, policy. Late knowledge judges again."""

import re
from typing import Any

from pydantic import BaseModel

from checkpost import reasons as why
from checkpost.dates import parse_date
from gateway.central.cases.queue import keep_imported
from gateway.central.desk import Desk
from gateway.central.officetime import OFFICE_ZONE, is_zone
from gateway.central.problems import Problem, not_valid
from gateway.central.store import Store, Transaction
from gateway.contract import (
    MAX_PAGE,
    MAX_RELEASES,
    Application,
    Board,
    Card,
    Change,
    Changes,
    CrossingPoint,
    Import,
    ImportReply,
    Policy,
)

MAX_BOARD = 0xFFFF  # 16 bits in a frame's header
FIRST_EPOCH = 1
MAX_EPOCH = 0xFFFF
POLICY_KEY = ""  # there is one
HOME = "home"  # a board and a gateway that was its own; gateways are not told of it
FIXED_OFFSET = re.compile(r"[+-](0\d|1[0-5]):(00|15|30|45)")  # as gateways read it; a record has quarter hours
DATES = ("submitted_on", "decided_on", "valid_from", "valid_until")


class Registry:
    """Changes knowledge through one store; rows that are equal to what is held change nothing."""

    def __init__(self, store: Store):
        self._store = store

    def put_point(self, point: CrossingPoint) -> None:
        """Store a crossing point; crossings that are held keep the kind and zone under which they were made.

        Problem when its time zone is none: its gateways could not tell its boards the time.
        """
        if not (FIXED_OFFSET.fullmatch(point.time_zone) or is_zone(point.time_zone)):
            raise not_valid("#/time_zone", f"{point.time_zone!r} is no time zone, such as {OFFICE_ZONE} or +09:00")
        with self._store.write() as transaction:
            transaction.knowledge.put("crossing_point", {point.code: _body(point)})

    def put_policy(self, policy: Policy) -> None:
        """Store the policy; by itself it judges nothing again."""
        try:
            why.mask(policy.lenient, why.REASONS)
        except ValueError as error:
            raise not_valid("#/lenient", str(error)) from error
        with self._store.write() as transaction:
            transaction.knowledge.put("policy", {POLICY_KEY: _body(policy)})

    def register_board(
        self, crossing_point: str, lane: str, gateway: str, link_key: str, seal_key: str | None
    ) -> Board:
        """Return the board of a link key, with a new number when it is new; Problem when the key is another board's.

        `seal_key`: the first one of its epoch, for the centre alone; None: its seals cannot be checked.
        """
        with self._store.write() as transaction:
            board = self._board_of(transaction, crossing_point, lane, gateway, link_key)
            keep_seal_key(transaction, board, seal_key)
        return board

    def _board_of(self, transaction: Transaction, crossing_point: str, lane: str, gateway: str, link_key: str) -> Board:
        if not transaction.knowledge.get("crossing_point", [crossing_point]):
            raise not_valid("#/crossing_point", f"there is no crossing point {crossing_point}; put it first")
        for body in transaction.knowledge.all("board"):
            if body["link_key"] == link_key:
                return _known_board(transaction, Board(**body), crossing_point, lane, gateway)
        number = next_number(transaction)
        place = {"crossing_point": crossing_point, "lane": lane, "gateway": gateway, "link_key": link_key}
        board = Board(board=number, epoch=FIRST_EPOCH, **place)
        transaction.knowledge.put("board", {str(number): _body(board)})
        return board

    def open_epoch(self, number: int, seal_key: str | None, link_key: str | None = None) -> Board:
        """Return a board with its next epoch: its journal was replaced or restored. `seal_key`: the new epoch's.

        `link_key`: a new one, from when on the old one opens nothing; asked again with it, the same epoch is returned.
        """
        with self._store.write() as transaction:
            body = transaction.knowledge.get("board", [str(number)]).get(str(number))
            if body is None:
                raise Problem(404, "unknown-board", f"There is no board {number}.")
            if body["epoch"] == MAX_EPOCH:
                raise Problem(
                    409, "no-epoch-left", f"Board {number} used all its epochs; register it with a new link key."
                )
            if link_key is not None:
                if body["link_key"] == link_key:
                    return Board(**body)
                check_new_key(transaction, link_key)
            board = Board(**(body | {"epoch": body["epoch"] + 1, "link_key": link_key or body["link_key"]}))
            transaction.knowledge.put("board", {str(number): _body(board)})
            keep_seal_key(transaction, board, seal_key)
        return board

    def take_import(self, rows: Import) -> ImportReply:
        """Store applications and cards, and judge again the permits that they touch."""
        with self._store.write() as transaction:
            changed, _ = self.take(transaction, rows)
            return ImportReply(changed=changed, revision=transaction.knowledge.revision())

    def take(self, transaction: Transaction, rows: Import) -> tuple[int, int]:
        """As `take_import`, in a transaction that writes; return how many rows changed, and crossings by that."""
        for at, application in enumerate(rows.applications):
            _check_dates(at, application)
        desk = Desk(transaction)
        known = transaction.knowledge.get("application", (row.application_id for row in rows.applications))
        applications = {
            row.application_id: _application_body(at, row, known.get(row.application_id))
            for at, row in enumerate(rows.applications)
        }
        held = transaction.knowledge.get("card", (row.card_uid for row in rows.cards))
        cards = {row.card_uid: _card_body(row, held.get(row.card_uid)) for row in rows.cards}
        changed = transaction.knowledge.put("application", applications)
        keep_imported(transaction, applications, changed)
        desk.applications_changed(set(changed))
        changed_cards = transaction.knowledge.put("card", cards)
        desk.cards_changed({uid: cards[uid]["application_id"] for uid in changed_cards})
        return len(changed) + len(changed_cards), desk.settle()

    def revision(self) -> int:
        """Return the newest revision of what is known."""
        with self._store.read() as transaction:
            return transaction.knowledge.revision()

    def changes(self, after: int, gateway: str | None) -> Changes:
        """Return what changed since a revision; of the boards only those of a gateway, None: of every gateway."""
        with self._store.read() as transaction:
            return changes_within(transaction, after, gateway)


def changes_within(transaction: Transaction, after: int, gateway: str | None) -> Changes:
    """Return what changed since a revision, as `Registry.changes` does, from the snapshot of a transaction."""
    newest = transaction.knowledge.revision()
    rows = transaction.knowledge.after(after, MAX_PAGE) if newest > after else []
    revision = rows[-1][0] if rows else max(after, newest)
    rows = [row for row in rows if row[1] != HOME]
    fit = [row for row in rows if gateway is None or row[1] != "board" or row[2]["gateway"] == gateway]
    changes = [Change.model_validate({"revision": number, kind: body}) for number, kind, body in fit]
    return Changes(changes=changes, revision=revision, more=revision < newest)


def was_home(transaction: Transaction, board: int, gateway: str) -> bool:
    """Return True if a board was this gateway's before it was moved: what it wrote there may lie there still."""
    return bool(transaction.knowledge.get(HOME, [f"{board} {gateway}"]))


def next_number(transaction: Transaction, count: int = 1) -> int:
    """Return the first of `count` board numbers that were never given away; Problem when there are none left."""
    held = [int(body["board"]) for body in transaction.knowledge.all("board")]
    number = max([*held, transaction.vouchers.highest()], default=0) + 1
    if number + count - 1 > MAX_BOARD:
        raise Problem(409, "no-board-left", f"All {MAX_BOARD} board numbers are given away.")
    return number


def _known_board(transaction: Transaction, board: Board, crossing_point: str, lane: str, gateway: str) -> Board:
    if (board.crossing_point, board.lane) != (crossing_point, lane):
        detail = (
            f"This link key belongs to board {board.board} at {board.crossing_point}; make a new one for each board."
        )
        raise Problem(409, "link-key-in-use", detail, board=board.board)
    moved = board.model_copy(update={"gateway": gateway})
    if gateway != board.gateway:
        before = {"board": board.board, "gateway": board.gateway}
        transaction.knowledge.put(HOME, {f"{board.board} {board.gateway}": before})
    transaction.knowledge.put("board", {str(board.board): _body(moved)})
    return moved


def check_new_key(transaction: Transaction, link_key: str) -> None:
    """Return if no board has this link key; Problem."""
    for body in transaction.knowledge.all("board"):
        if body["link_key"] == link_key:
            raise Problem(409, "link-key-in-use", f"This link key belongs to board {body['board']}; make a new one.")


def keep_seal_key(transaction: Transaction, board: Board, seal_key: str | None) -> None:
    """Keep the first seal key of a board's epoch; Problem when it has another one."""
    if seal_key is None:
        return
    key = bytes.fromhex(seal_key)
    if (transaction.seals.key(board.board, board.epoch) or key) != key:
        detail = (
            f"Board {board.board} has another seal key in epoch {board.epoch}; open its next epoch with the new one."
        )
        raise Problem(409, "seal-key-differs", detail, board=board.board)
    transaction.seals.put_key(board.board, board.epoch, key)


def _check_dates(at: int, application: Application) -> None:
    for name in DATES:
        text = getattr(application, name)
        try:
            parse_date(text or "1970-01-01")
        except ValueError as error:
            raise not_valid(f"#/applications/{at}/{name}", str(error)) from error
    for place, text in enumerate(application.released_on):
        try:
            parse_date(text)
        except ValueError as error:
            raise not_valid(f"#/applications/{at}/released_on/{place}", str(error)) from error


def _application_body(at: int, application: Application, held: dict[str, Any] | None) -> dict[str, Any]:
    """Return an imported application's body; the releases that are held stay: stations alone take them back."""
    released = sorted({*application.released_on, *(held or {}).get("released_on", [])})
    if len(released) > MAX_RELEASES:
        raise not_valid(f"#/applications/{at}/released_on", f"with those that are held there are over {MAX_RELEASES}")
    return _body(application) | {"released_on": released}


def _card_body(card: Card, held: dict[str, Any] | None) -> dict[str, Any]:
    """Return a card's body; what was not given of its keys stays as held."""
    unset = {"key_version", "zone"} - card.model_fields_set
    return _body(card) | {name: (held or {})[name] for name in unset if name in (held or {})}


def _body(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json")
