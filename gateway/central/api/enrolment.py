"""Boards provisioned without a line: public keys, vouchers for technicians, enrolments that gateways bring."""

from typing import Annotated

from fastapi import APIRouter, Path

from gateway.central.api.parts import AsAdmin, AsGateway, AsHolder, AsTechnician, ThePart
from gateway.contract import Board, Model
from gateway.contract.enrolment import CentreKeys, NewVoucher, ReservedNumbers, SealingKey, Signed

ROUTER = APIRouter(prefix="/v1", tags=["enrolment"])
PublicKey = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


class Ended(Model):
    """How many numbers no board can have any more."""

    numbers: int


@ROUTER.get("/centre-keys")
def centre_keys(the: ThePart, _: AsHolder) -> CentreKeys:
    """Return the public keys to which seal keys are sealed, and with which vouchers are checked."""
    return the.enrolling.keys()


@ROUTER.put("/sealing-key")
def introduce(key: SealingKey, the: ThePart, caller: AsGateway) -> CentreKeys:
    """Tell the centre a gateway's public key, and hear the centre's."""
    return the.enrolling.introduce(caller.name, key.sealing_key)


@ROUTER.post("/vouchers")
def issue_voucher(wanted: NewVoucher, the: ThePart, _: AsTechnician) -> Signed:
    """Reserve board numbers for a technician's key; the voucher has all that provisioning needs without a line."""
    return the.enrolling.issue(wanted)


@ROUTER.get("/vouchers")
def reserved_numbers(the: ThePart, _: AsTechnician) -> ReservedNumbers:
    """Return every number that a voucher gave away: free, taken, or ended; and why an enrolment was refused."""
    return the.enrolling.numbers()


@ROUTER.delete("/vouchers/{technician}")
def end_vouchers(technician: PublicKey, the: ThePart, _: AsAdmin) -> Ended:
    """End the vouchers of a technician's key that was lost: no board gets a number by it any more."""
    return Ended(numbers=the.enrolling.end(technician))


@ROUTER.post("/board-enrolments")
def take_enrolment(given: Signed, the: ThePart, caller: AsGateway) -> Board:
    """Register the board of an enrolment that a technician signed, with its seal key; again it changes nothing."""
    return the.enrolling.take(given, caller.name)
