"""Reviews: the list, the evidence, and the steps a person takes in one. Opening one is a look at personal data."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.console.access import Visitor
from gateway.console.moments import Moments, moments
from gateway.console.parts import HEADERS, Console, Form, Guard, TheConsole, page
from gateway.console.words import DISPOSITIONS
from gateway.errors import OperatorError
from gateway.review.reviews import Review, Reviews
from gateway.store.store import Store
from gateway.worker import SOON

ROUTER = APIRouter()
SHOWN = 50  # waiting reviews a page; the next ones are a link away
DECIDED = 20  # newest decisions below the list: what a traveller may appeal against today
Step = Callable[[Reviews], Review]


@ROUTER.get("/reviews")
async def waiting(request: Request, the: TheConsole, guard: Guard, after: int = 0) -> Response:
    """Show what waits for a person, oldest first, and the newest decisions."""
    found, decided, when = await the.reader.run(SOON, partial(_lists, after=max(0, after)))
    more = found[-1].id if len(found) == SHOWN else 0
    return page(request, "reviews.html", guard, waiting=found, decided=decided, more=more, when=when)


@ROUTER.get("/reviews/{number}")
async def one(request: Request, the: TheConsole, guard: Guard, number: int) -> Response:
    """Show one review with its evidence; the look is written down first."""
    review, when = await _looked_at(the, guard, number)
    return _shown(request, guard, review, when)


@ROUTER.post("/reviews/{number}/take")
async def take(request: Request, the: TheConsole, guard: Guard, form: Form, number: int) -> Response:
    """Make the guard the reviewer."""
    instead_of = form.get("instead_of", "")
    return await _step(request, the, guard, number, form, lambda it, at: it.take(number, guard.name, at, instead_of))


@ROUTER.post("/reviews/{number}/statement")
async def state(request: Request, the: TheConsole, guard: Guard, form: Form, number: int) -> Response:
    """Append what the traveller says."""
    text = form.get("statement", "")
    return await _step(request, the, guard, number, form, lambda it, at: it.add_statement(number, text, guard.name, at))


@ROUTER.post("/reviews/{number}/decide")
async def decide(request: Request, the: TheConsole, guard: Guard, form: Form, number: int) -> Response:
    """Close the review with a disposition and its reason."""
    chosen, reason = form.get("disposition", ""), form.get("reason", "")
    return await _step(
        request, the, guard, number, form, lambda it, at: it.decide(number, chosen, reason, guard.name, at)
    )


@ROUTER.post("/reviews/{number}/appeal")
async def appeal(request: Request, the: TheConsole, guard: Guard, form: Form, number: int) -> Response:
    """Reopen the review on the traveller's ground."""
    ground = form.get("ground", "")
    return await _step(request, the, guard, number, form, lambda it, at: it.appeal(number, ground, guard.name, at))


def _lists(store: Store, after: int) -> tuple[list[Review], list[Review], Moments]:
    reviews = Reviews(store)
    return reviews.list_open(after, SHOWN), reviews.list_decided(DECIDED), moments(store)


async def _looked_at(the: Console, guard: Visitor, number: int) -> tuple[Review, Moments]:
    """Return a review that is about to be shown, whatever for; the look is written down first."""
    review, when = await the.reader.run(SOON, partial(_one, number=number))
    await the.note_look(guard, f"review {number}", review.kind)
    return review, when


def _one(store: Store, number: int) -> tuple[Review, Moments]:
    return Reviews(store).get(number), moments(store)


async def _step(
    request: Request,
    the: Console,
    guard: Visitor,
    number: int,
    form: dict[str, str],
    step: Callable[[Reviews, int], Review],
) -> Response:
    """Take a step and show the review anew; a step that is refused keeps what was typed and says why."""
    at_s = the.now_s()
    try:
        await the.writer.run(SOON, lambda store: step(Reviews(store), at_s))
    except OperatorError as error:
        review, when = await _looked_at(the, guard, number)
        return _shown(request, guard, review, when, error, form)
    return RedirectResponse(f"/reviews/{number}", 303, HEADERS)


def _shown(
    request: Request,
    guard: Visitor,
    review: Review,
    when: Moments,
    wrong: OperatorError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    status = 422 if wrong else 200
    values = {"review": review, "when": when, "wrong": wrong, "typed": typed or {}, "dispositions": DISPOSITIONS}
    return page(request, "review.html", guard, status, **values)
