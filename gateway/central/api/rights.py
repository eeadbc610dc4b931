"""The rights of travellers: erasure, access to everything that is held, corrections."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse

from gateway.central.api.parts import AsCorrector, AsMachine, AsOffice, Purpose, ThePart
from gateway.central.rights.office import Done
from gateway.central.store.erasures import OrderRow
from gateway.contract import MAX_PAGE, Name
from gateway.contract.rights import (
    AccessWanted,
    ApplicationCorrection,
    Corrected,
    CrossingCorrection,
    ErasureDone,
    ErasureOrder,
    ErasureOrders,
    ErasureWanted,
    Held,
)

ROUTER = APIRouter(prefix="/v1", tags=["rights"])
Number = Annotated[int, Path(ge=1, le=2**53)]


@ROUTER.post("/erasures")
def ask_for_erasure(wanted: ErasureWanted, the: ThePart, caller: AsCorrector) -> ErasureOrder:
    """Ask that a person's data be erased before their time is over; another person must approve."""
    return _order(the.erasures.order(caller, wanted.person, wanted.ground))


@ROUTER.get("/erasures")
def erasure_orders(
    the: ThePart,
    caller: AsOffice,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    purpose: Purpose = "",
) -> ErasureOrders:
    """Return the erasures that were asked for, and what became of them."""
    found = the.erasures.orders(after, limit)
    the.reads.note(caller, purpose, f"erasure orders after {after}", len(found))
    return ErasureOrders(orders=[_order(row) for row in found])


@ROUTER.post("/erasures/{number}/approval")
def approve_erasure(number: Number, the: ThePart, caller: AsCorrector) -> ErasureDone:
    """Erase what somebody else asked for. Every proof stays: the log keeps hashes, and says what was erased."""
    return _done(the.erasures.approve(caller, number))


@ROUTER.post("/erasures/{number}/refusal")
def refuse_erasure(number: Number, the: ThePart, caller: AsCorrector) -> ErasureOrder:
    """Close what somebody asked for without erasing anything."""
    found = _order(the.erasures.refuse(caller, number))
    return the.reads.acted(caller, "refused", f"erasure order {number}", found, found.subject)


@ROUTER.post("/retention")
def retention(the: ThePart, caller: AsMachine) -> ErasureDone:
    """Erase everyone whose retention is over (`retention_days` of the policy); meant for each night."""
    return _done(the.erasures.retention(caller))


@ROUTER.post("/access", responses={200: {"content": {"text/html": {}}}})
def access(
    wanted: AccessWanted, the: ThePart, caller: AsOffice, form: Annotated[Literal["json", "html"], Query()] = "json"
) -> Held:
    """Return everything that is held on a person, as JSON or as one page to print. It is written down who read it."""
    held = the.held.held(caller, wanted.person, wanted.purpose)
    return HTMLResponse(the.held.page(held)) if form == "html" else held  # type: ignore[return-value]


@ROUTER.post("/crossings/{board}/{epoch}/{seq}/corrections")
def correct_crossing(
    the: ThePart,
    caller: AsCorrector,
    wanted: CrossingCorrection,
    board: Annotated[int, Path(ge=1, le=0xFFFF)],
    epoch: Annotated[int, Path(ge=1, le=0xFFFF)],
    seq: Annotated[int, Path(ge=1, le=0xFFFFFFFF)],
) -> Corrected:
    """Put right what was recorded wrongly of a crossing. The record stays; the feed shows it `corrected`."""
    return the.corrections.crossing(caller, (board, epoch, seq), wanted.fields, wanted.reason)


@ROUTER.post("/applications/{application_id}/corrections")
def correct_application(
    application_id: Name, wanted: ApplicationCorrection, the: ThePart, caller: AsCorrector
) -> Corrected:
    """Put right what an application says, but for its decision. The crossings of its permit are judged again."""
    fields: dict[str, Any] = wanted.fields.model_dump(mode="json", exclude_unset=True)
    return the.corrections.application(caller, application_id, fields, wanted.reason)


def _order(row: OrderRow) -> ErasureOrder:
    return ErasureOrder.model_validate(row.__dict__)


def _done(done: Done) -> ErasureDone:
    return ErasureDone.model_validate(done.__dict__)
