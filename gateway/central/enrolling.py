"""Boards that are provisioned where no line leads to the centre: vouchers that go out, enrolments that come back.

A voucher reserves numbers for one technician's key, and carries what provisioning needs of a centre. An enrolment comes
by way of the board's gateway, which cannot read the seal key in it. Layouts and checks: SPEC.md, "Enrolment".
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import structlog

from checkpost.calendar import DAY_S
from gateway.central.knowledge import check_new_key, keep_seal_key, next_number
from gateway.central.problems import Problem
from gateway.central.proof.note import Signer
from gateway.central.store import Store, Transaction
from gateway.central.store.vouchers import ENDED, TAKEN, NumberRow
from gateway.contract import Board, CrossingPoint, Policy, sealing, statements
from gateway.contract.enrolment import (
    MAX_POINTS,
    VOUCHER_DAYS,
    CentreKeys,
    Enrolment,
    NewVoucher,
    ReservedNumber,
    ReservedNumbers,
    Signed,
    Voucher,
)

LINK_KEY_SIZE = 16  # of what is sealed to the centre; the seal key follows


class EnrolmentOffice:
    """Reserves numbers, opens enrolments and registers their boards; `signer`: the log's key signs vouchers, too."""

    def __init__(self, store: Store, data: Path, signer: Signer, now_s: Callable[[], float]):
        """`now_s`: the machine's own time, as for all credentials."""
        self._store = store
        self._data = data
        self._signer = signer
        self._now_s = now_s
        self._log = structlog.get_logger("checkpost.enrolment")
        sealing.open_key(data)  # one that cannot be used is named when the centre starts

    def keys(self) -> CentreKeys:
        """Return this centre's public keys."""
        sealed_to = sealing.public_half(sealing.open_key(self._data))
        return CentreKeys(sealing_key=sealed_to, signing_key=self._signer.verifier.key.hex())

    def introduce(self, gateway: str, sealing_key: str) -> CentreKeys:
        """Keep a gateway's public key, and return the centre's."""
        with self._store.read() as transaction:
            known = transaction.vouchers.gateway_key(gateway)
        if known != sealing_key:
            with self._store.write() as transaction:
                transaction.vouchers.put_gateway_key(gateway, sealing_key)
        return self.keys()

    def issue(self, wanted: NewVoucher) -> Signed:
        """Reserve numbers and return the voucher for them; Problem when the gateway's key is not known."""
        keys, made_s = self.keys(), int(self._now_s())
        until_s = made_s + VOUCHER_DAYS * DAY_S
        with self._store.write() as transaction:
            gateway_key = transaction.vouchers.gateway_key(wanted.gateway)
            if gateway_key is None:
                detail = f"The gateway {wanted.gateway} has not told its key yet: let it reach the centre once."
                raise Problem(409, "gateway-key-unknown", detail)
            points = [CrossingPoint(**body) for body in transaction.knowledge.all("crossing_point")][-MAX_POINTS:]
            policies = transaction.knowledge.all("policy")
            first = next_number(transaction, wanted.boards)
            numbers = list(range(first, first + wanted.boards))
            place = (wanted.technician, wanted.gateway, made_s, until_s)
            transaction.vouchers.put([NumberRow(number, *place) for number in numbers])
        return self._sign(
            Voucher(
                layout=1,
                gateway=wanted.gateway,
                gateway_key=gateway_key,
                centre_key=keys.sealing_key,
                technician=wanted.technician,
                numbers=numbers,
                points=points,
                assurance=(Policy(**policies[-1]) if policies else Policy()).assurance,
                made_s=made_s,
                until_s=until_s,
            )
        )

    def end(self, technician: str) -> int:
        """End the vouchers of a technician's key; return how many numbers no board can have any more."""
        with self._store.write() as transaction:
            return transaction.vouchers.end(technician)

    def numbers(self) -> ReservedNumbers:
        """Return every number that was reserved, and what became of it."""
        with self._store.read() as transaction:
            rows = transaction.vouchers.all()
        shown = [{name: getattr(row, name) for name in ReservedNumber.model_fields} for row in rows]
        return ReservedNumbers(numbers=[ReservedNumber(**one) for one in shown])

    def take(self, given: Signed, gateway: str) -> Board:
        """Register the board of an enrolment and keep its seal key, in one step; again it changes nothing. Problem."""
        enrolment, voucher = self._proven(given)
        if enrolment.gateway != gateway:
            detail = f"The enrolment of board {enrolment.board} is for gateway {enrolment.gateway}, not {gateway}."
            raise Problem(403, "another-gateway", detail, board=enrolment.board)
        link_key, seal_key = self._opened(enrolment, voucher)
        digest = hashlib.sha256(given.statement.encode()).hexdigest()
        try:
            with self._store.write() as transaction:
                return _register(transaction, enrolment, voucher, (link_key, seal_key), digest)
        except Problem as problem:
            self._note(enrolment.board, voucher.technician, problem)
            raise

    def _sign(self, voucher: Voucher) -> Signed:
        return statements.signed(voucher, lambda data: self._signer.sign(data.decode()).raw)

    def _proven(self, given: Signed) -> tuple[Enrolment, Voucher]:
        """Return what is said, once this centre's voucher and the technician's signature fit; Problem."""
        try:
            enrolment = statements.read(Enrolment, given)
            statements.check(Voucher, enrolment.voucher, self._signer.verifier.key.hex())
        except statements.StatementTrouble as error:
            raise Problem(422, "voucher-not-ours", f"This carries no voucher of this centre: {error}.") from error
        try:
            voucher = statements.read(Voucher, enrolment.voucher)
            statements.check(Enrolment, given, voucher.technician)
        except statements.StatementTrouble as error:
            detail = f"The enrolment of board {enrolment.board} is not as its technician signed it: {error}."
            raise Problem(422, "enrolment-altered", detail, board=enrolment.board) from error
        if (enrolment.gateway, enrolment.board in voucher.numbers) != (voucher.gateway, True):
            detail = f"The voucher is not for board {enrolment.board} at gateway {enrolment.gateway}."
            raise Problem(422, "outside-voucher", detail, board=enrolment.board)
        if enrolment.made_s > voucher.until_s:
            detail = f"The enrolment of board {enrolment.board} was made after its voucher's time."
            raise Problem(422, "outside-voucher", detail, board=enrolment.board)
        return enrolment, voucher

    def _opened(self, enrolment: Enrolment, voucher: Voucher) -> tuple[str, str]:
        info = sealing.context(sealing.TO_CENTRE, enrolment, voucher.technician)
        try:
            plain = sealing.unseal(enrolment.for_centre, sealing.open_key(self._data), info)
        except sealing.SealingTrouble as error:
            detail = f"The keys of board {enrolment.board} do not open: {error}. Provision it again with a new voucher."
            raise Problem(422, "not-sealed-to-us", detail, board=enrolment.board) from error
        return plain[:LINK_KEY_SIZE].hex(), plain[LINK_KEY_SIZE:].hex()

    def _note(self, number: int, technician: str, problem: Problem) -> None:
        """Write down, beside a number that is still free, why its enrolment was refused: the office looks there."""
        self._log.error("enrolment refused", board=number, why=str(problem))
        with self._store.write() as transaction:
            row = transaction.vouchers.get(number)
            if row and row.technician == technician and row.state != TAKEN:
                transaction.vouchers.put([NumberRow(**row.__dict__ | {"trouble": str(problem)})])


def _register(
    transaction: Transaction, enrolment: Enrolment, voucher: Voucher, keys: tuple[str, str], digest: str
) -> Board:
    number, (link_key, seal_key) = enrolment.board, keys
    row = transaction.vouchers.get(number)
    if row is None or row.technician != voucher.technician or row.state == ENDED:
        detail = f"Board number {number} is not reserved for this technician's key any more: provision the board again."
        raise Problem(409, "number-not-reserved", detail, board=number)
    if not transaction.knowledge.get("crossing_point", [enrolment.crossing_point]):
        detail = f"There is no crossing point {enrolment.crossing_point}, where board {number} stands; put it first."
        raise Problem(409, "unknown-crossing-point", detail, board=number)
    body = transaction.knowledge.get("board", [str(number)]).get(str(number))
    if body is not None:
        return _known(Board(**body), row, link_key, digest)
    check_new_key(transaction, link_key)
    place = {"crossing_point": enrolment.crossing_point, "lane": enrolment.lane, "gateway": enrolment.gateway}
    board = Board(board=number, epoch=enrolment.epoch, link_key=link_key, **place)
    transaction.knowledge.put("board", {str(number): board.model_dump(mode="json")})
    keep_seal_key(transaction, board, seal_key)
    transaction.vouchers.put([row.taken(enrolment.chip, digest)])
    return board


def _known(board: Board, row: NumberRow, link_key: str, digest: str) -> Board:
    """Return the board that has a number already, if it is this enrolment's; Problem."""
    if board.epoch == 1 and board.link_key == link_key:
        return board
    if row.statement == digest:
        detail = f"Board {board.board} is in epoch {board.epoch} since: this enrolment is older, and counts no more."
        raise Problem(409, "enrolment-older", detail, board=board.board)
    detail = f"Board {board.board} at {board.crossing_point} has this number already, with another key."
    raise Problem(409, "board-number-taken", detail, board=board.board)
