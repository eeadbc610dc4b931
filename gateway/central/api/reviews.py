"""Reviews: what waits for a person, the evidence, and the steps that a named reviewer takes."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from gateway.central.api.parts import AsGateway, AsOffice, AsReviewer, Purpose, ThePart
from gateway.central.cases.keys import FIRST, LAST, joined, numbers
from gateway.contract import MAX_PAGE
from gateway.contract.reviews import (
    Appeal,
    Confirmation,
    Disposing,
    GatewaySteps,
    ReviewLine,
    ReviewList,
    ReviewView,
    Statement,
    StepList,
    StepsReply,
    Taking,
)

ROUTER = APIRouter(prefix="/v1/reviews", tags=["reviews"])
Number = Annotated[int, Path(ge=1, le=2**53)]
After = Annotated[str, Query(max_length=40, pattern=r"^(\d{1,16}\.\d{1,16})?$")]


@ROUTER.get("")
def reviews(
    the: ThePart,
    _: AsOffice,
    state: Literal["waiting", "decided"] = "waiting",
    crossing_point: Annotated[str, Query(max_length=64)] = "",
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> ReviewList:
    """Return what waits for a person, soonest due first, or what was decided, newest first; without personal data.

    `after`: `next` of the page before; `crossing_point`: of those that wait, one point's only.
    """
    if state == "waiting":
        found = the.reviews.waiting(numbers(after, FIRST), limit + 1, crossing_point)
        key = [(row.due_s, row.number) for row in found]
    else:
        found = the.reviews.decided(numbers(after, LAST), limit + 1)
        key = [(row.decided_s or 0, row.number) for row in found]
    return ReviewList(reviews=found[:limit], next=joined(*key[limit - 1]) if len(found) > limit else "")


@ROUTER.post("/steps")
def take_steps(the: ThePart, caller: AsGateway, steps: GatewaySteps) -> StepsReply:
    """Hold what persons did in reviews at a gateway; sent again, the same step changes nothing."""
    return the.gateway_steps.take(steps.steps, caller.name)


@ROUTER.get("/steps")
def steps(
    the: ThePart,
    _: AsOffice,
    before: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> StepList:
    """Return what persons did in reviews at gateways, newest first, without a word of who crossed."""
    found = the.gateway_steps.newest(before, limit + 1)
    return StepList(steps=found[:limit], next=found[limit - 1].number if len(found) > limit else 0)


@ROUTER.get("/{number}")
def review(the: ThePart, caller: AsOffice, number: Number, purpose: Purpose = "") -> ReviewView:
    """Return a review with its evidence as it was when it opened, and all that happened in it."""
    found = the.reviews.get(number)
    the.reads.note(caller, purpose, f"review {number}", 1, found.permit or found.card_uid)
    return found


@ROUTER.post("/{number}/take")
def take(the: ThePart, caller: AsReviewer, number: Number, taking: Taking) -> ReviewLine:
    """Take a review, or take it over from somebody who is named."""
    return the.reviews.take(number, caller, taking.instead_of)


@ROUTER.post("/{number}/statements")
def add_statement(the: ThePart, caller: AsReviewer, number: Number, statement: Statement) -> ReviewLine:
    """Append what the traveller says, or why they could not be heard."""
    return the.reviews.add_statement(number, caller, statement)


@ROUTER.post("/{number}/disposition")
def decide(the: ThePart, caller: AsReviewer, number: Number, how: Disposing) -> ReviewLine:
    """End a review with its disposition; a return is only proposed, and waits for another person's word."""
    return the.reviews.decide(number, caller, how)


@ROUTER.post("/{number}/confirmation")
def confirm(the: ThePart, caller: AsReviewer, number: Number, word: Confirmation) -> ReviewLine:
    """Agree or object to a return that another reviewer proposed."""
    return the.reviews.confirm(number, caller, word)


@ROUTER.post("/{number}/appeals")
def appeal(the: ThePart, caller: AsReviewer, number: Number, ground: Appeal) -> ReviewLine:
    """Write down an appeal: what was decided stops, and somebody else decides anew."""
    return the.reviews.appeal(number, caller, ground)
