"""Takes a board in from its enrolment file: served at once, told to the centre when a line is there.

The gateway reads the link key that is sealed to it. The seal key is sealed to the centre, and passes as it is: nothing
here can open it. Layouts and checks: firmware/lib/checkpost/SPEC.md, "Enrolment".
"""

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.contract import Board, sealing, statements
from gateway.contract.enrolment import CentreKeys, Enrolment, Signed, Voucher
from gateway.errors import OperatorError
from gateway.store.store import Store

CENTRE_KEYS = "centre_keys"  # in the store's single values, as JSON


class AdmissionRefused(OperatorError):
    """An enrolment is not taken: the text says why, and what to do."""


class Own(NamedTuple):
    """Who takes an enrolment in."""

    name: str
    key: X25519PrivateKey


class Admitted(NamedTuple):
    """A board that is served from now on; `new`: it was not before. `technician`: the key that signed for it."""

    board: Board
    new: bool
    technician: str


def keep_centre_keys(store: Store, keys: CentreKeys) -> bool:
    """Keep the centre's public keys; return True if they are others than before."""
    text = keys.model_dump_json()
    if store.knowledge.get(CENTRE_KEYS) == text:
        return False
    with store.transaction():
        store.knowledge.set(CENTRE_KEYS, text)
    return True


def admit(store: Store, given: Signed, own: Own, now_s: int) -> Admitted:
    """Take an enrolment in, whole or not at all; a second time changes nothing. AdmissionRefused."""
    enrolment, voucher = _proven(store, given)
    _check_place(enrolment, voucher, own, now_s)
    info = sealing.context(sealing.TO_GATEWAY, enrolment, voucher.technician)
    try:
        link_key = sealing.unseal(enrolment.for_gateway, own.key, info)
    except sealing.SealingTrouble as error:
        raise AdmissionRefused(f"the link key of board {enrolment.board} does not open here: {error}") from error
    board = Board(
        board=enrolment.board,
        epoch=enrolment.epoch,
        crossing_point=enrolment.crossing_point,
        lane=enrolment.lane,
        gateway=enrolment.gateway,
        link_key=link_key.hex(),
    )
    with store.transaction():
        return Admitted(board, _put(store, board, voucher, given), voucher.technician)


def _proven(store: Store, given: Signed) -> tuple[Enrolment, Voucher]:
    """Return what an enrolment says, once the centre's and the technician's signatures fit; AdmissionRefused."""
    held = store.knowledge.get(CENTRE_KEYS)
    if held is None:
        raise AdmissionRefused(
            "this gateway has not heard its centre's keys yet: let it run once while it reaches the centre"
        )
    centre = CentreKeys.model_validate_json(str(held))
    try:
        enrolment = statements.read(Enrolment, given)
    except statements.StatementTrouble as error:
        raise AdmissionRefused(f"this is no enrolment: {error}") from error
    try:
        statements.check(Voucher, enrolment.voucher, centre.signing_key)
        voucher = statements.read(Voucher, enrolment.voucher)
    except statements.StatementTrouble as error:
        raise AdmissionRefused(f"the voucher in it is not one of this gateway's centre: {error}") from error
    try:
        statements.check(Enrolment, given, voucher.technician)
    except statements.StatementTrouble as error:
        raise AdmissionRefused(f"the enrolment of board {enrolment.board} is not as it was signed: {error}") from error
    if voucher.centre_key != centre.sealing_key:
        here, there = sealing.fingerprint(centre.sealing_key), sealing.fingerprint(voucher.centre_key)
        raise AdmissionRefused(f"it is sealed to the key {there}; the centre's is {here} now: get a new voucher")
    return enrolment, voucher


def _check_place(enrolment: Enrolment, voucher: Voucher, own: Own, now_s: int) -> None:
    number = enrolment.board
    if (enrolment.gateway, voucher.gateway) != (own.name, own.name):
        raise AdmissionRefused(f"board {number} is enrolled for gateway {enrolment.gateway}; this one is {own.name}")
    if voucher.gateway_key != sealing.public_half(own.key):
        raise AdmissionRefused(f"the voucher of board {number} names an earlier key of this gateway: get a new voucher")
    if number not in voucher.numbers:
        raise AdmissionRefused(f"the voucher gives no number {number}: provision the board with a number that it has")
    if now_s > voucher.until_s or enrolment.made_s > voucher.until_s:
        raise AdmissionRefused(f"the time of the voucher is over: get a new one, and provision board {number} again")
    if enrolment.crossing_point not in {point.code for point in voucher.points}:
        raise AdmissionRefused(f"the voucher knows no crossing point {enrolment.crossing_point}")


def _put(store: Store, board: Board, voucher: Voucher, given: Signed) -> bool:
    """Write board, point and what the centre is to hear; return False for a board that is served already."""
    held = {one.board: one for one in store.knowledge.boards()}
    before = held.get(board.board)
    if before == board:
        store.outbox.wait_again(given)
        return False
    if before is not None and before.epoch > board.epoch:
        raise AdmissionRefused(
            f"board {board.board} is in epoch {before.epoch} since: this enrolment is older, and counts no more"
        )
    if before is not None:
        raise AdmissionRefused(_contradiction(before, board))
    if any(one.link_key == board.link_key for one in held.values()):
        raise AdmissionRefused(f"another board has the key of board {board.board}: provision it again")
    known = {point.code for point in store.knowledge.points()}
    for point in voucher.points:
        if point.code == board.crossing_point and point.code not in known:
            store.knowledge.put(point, None)
    store.knowledge.put(board, None)
    store.rosters.mark_due(store.knowledge.permit_ids())
    store.outbox.add_enrolment(given)
    return True


def _contradiction(before: Board, board: Board) -> str:
    """Return in what an enrolment differs from the board that has its number and epoch here, and what to do."""
    if before.link_key != board.link_key:
        return (
            f"board {board.board} at {before.crossing_point} lane {before.lane} has this number, with another key than "
            f"this enrolment for {board.crossing_point} lane {board.lane}: provision one of the two again"
        )
    places = (("crossing point", before.crossing_point, board.crossing_point), ("lane", before.lane, board.lane))
    changed = [f"at {name} {old} where this enrolment says {new}" for name, old, new in places if old != new]
    return (
        f"board {board.board} is served here with the same key, {' and '.join(changed)}: "
        "if it stands at the new place, provision it again there; if not, this file is not needed"
    )
