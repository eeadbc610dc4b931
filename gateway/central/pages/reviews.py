"""Reviews: what waits, soonest due first; one review with its evidence; the steps that a reviewer takes in it."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ValidationError

from gateway.central.access import ADMIN, AUDITOR, CLERK, OFFICE, REVIEWER
from gateway.central.api.parts import Parts
from gateway.central.cases.keys import FIRST, LAST, joined, numbers
from gateway.central.cases.reviews import DISPOSITIONS, WAY_TO_APPEAL
from gateway.central.pages.area import Area, Item, Waiting
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.keyset import cut
from gateway.central.pages.visit import Visit, beside, misread
from gateway.central.problems import Problem
from gateway.central.words import phrases, question, word
from gateway.contract.reviews import Appeal, Confirmation, Disposing, ReviewLine, Statement

SHOWN = 50  # a screen or two
OLDEST = 5  # on the page "today"
ROLES = (REVIEWER, CLERK, AUDITOR, ADMIN, OFFICE)
Anyone = Annotated[Visit, Depends(Gate(*ROLES))]
Number = Annotated[int, Path(ge=1, le=2**53)]
Reader = Annotated[Visit, Depends(Gate(*ROLES, reads=True))]
Reviewer = Annotated[Visit, Depends(Gate(REVIEWER, reads=True))]
Step = Callable[[], ReviewLine]
M = TypeVar("M", bound=BaseModel)


def build(frame: Frame) -> APIRouter:
    """Return the router of the reviews' pages."""
    router = frame.router()

    @router.get("/reviews")
    def waiting(visit: Anyone, point: str = "", after: str = "") -> Response:
        rows = visit.the.reviews.waiting(numbers(after, FIRST), SHOWN + 1, point)
        part = cut(rows, SHOWN, lambda row: joined(row.due_s, row.number))
        count, overdue = visit.the.reviews.counts(visit.the.now_s())
        values: dict[str, object] = {"part": part, "point": point, "count": count, "overdue": overdue}
        return frame.page(visit, "reviews/waiting.html", 200, points=_points(visit.the), **values)

    @router.get("/reviews/decided")
    def decided(visit: Anyone, after: str = "") -> Response:
        rows = visit.the.reviews.decided(numbers(after, LAST), SHOWN + 1)
        part = cut(rows, SHOWN, lambda row: joined(row.decided_s or 0, row.number))
        return frame.page(visit, "reviews/decided.html", part=part, points=_points(visit.the))

    @router.get("/reviews/{number}")
    def one(visit: Reader, number: Number) -> Response:
        return shown(visit, number)

    @router.post("/reviews/{number}/take")
    def take(visit: Reviewer, number: Number) -> Response:
        form = visit.form
        return _step(visit, number, lambda: visit.the.reviews.take(number, visit.caller, form["instead_of"]))

    @router.post("/reviews/{number}/statement")
    def state(visit: Reviewer, number: Number) -> Response:
        def step() -> ReviewLine:
            said = read(Statement, {"text": visit.form["text"], "heard": visit.form["heard"] != "no"})
            return visit.the.reviews.add_statement(number, visit.caller, said)

        return _step(visit, number, step)

    @router.post("/reviews/{number}/decide")
    def decide(visit: Reviewer, number: Number) -> Response:
        def step() -> ReviewLine:
            fields = {name: visit.form[name] for name in ("disposition", "reason", "appeal", "risk")}
            said = read(Disposing, fields | {"permit": visit.form["permit"] or None})
            return visit.the.reviews.decide(number, visit.caller, said)

        return _step(visit, number, step)

    @router.post("/reviews/{number}/confirm")
    def confirm(visit: Reviewer, number: Number) -> Response:
        def step() -> ReviewLine:
            agrees = {"yes": True, "no": False}.get(visit.form["agrees"])
            said = read(Confirmation, {"agrees": agrees, "reason": visit.form["word"]}, {"reason": "word"})
            return visit.the.reviews.confirm(number, visit.caller, said)

        return _step(visit, number, step)

    @router.post("/reviews/{number}/appeal")
    def appeal(visit: Reviewer, number: Number) -> Response:
        def step() -> ReviewLine:
            said = read(Appeal, {"ground": visit.form["ground"]})
            return visit.the.reviews.appeal(number, visit.caller, said)

        return _step(visit, number, step)

    def _step(visit: Visit, number: int, step: Step) -> Response:
        """Take a step and show the review anew; a step that is refused keeps what was typed and says why."""
        try:
            step()
        except Problem as problem:
            return shown(visit, number, problem)
        return frame.to(f"/reviews/{number}")

    def shown(visit: Visit, number: int, problem: Problem | None = None) -> Response:
        review = visit.the.reviews.get(number)
        visit.note(f"review {number}", 1, review.permit or review.card_uid)
        values = {
            "review": review,
            "points": _points(visit.the),
            "wrong": beside(problem) if problem else {},
            "typed": {"appeal": WAY_TO_APPEAL} | visit.form,
            "dispositions_in_words": [(name, word(name)) for name in DISPOSITIONS],
            "mine": review.reviewer == visit.caller.name and visit.caller.role == REVIEWER,
            "may": visit.caller.role == REVIEWER,
        }
        return frame.page(visit, "reviews/review.html", problem.status if problem else 200, **values)

    return router


def read(model: type[M], fields: dict[str, object], names: dict[str, str] | None = None) -> M:
    """Return what a form says as the interface has it; Problem that names the fields as the form has them."""
    try:
        return model.model_validate(fields, strict=False)  # a form has nothing but text
    except ValidationError as error:
        raise misread(error, names or {}) from error


def _points(the: Parts) -> dict[str, str]:
    """Return the names of the crossing points by code."""
    return the.office.points()


def waits(the: Parts, now_s: int) -> list[Waiting]:
    """Return how many reviews wait, and those that are due soonest."""
    count, overdue = the.reviews.counts(now_s)
    points = _points(the)
    items = [
        Item(
            phrases(row.detail).capitalize() if row.kind == "refer" else question(row.kind),
            f"/reviews/{row.number}",
            row.opened_s,
            row.due_s,
            points.get(row.crossing_point, ""),
        )
        for row in the.reviews.waiting(FIRST, OLDEST)
    ]
    return [Waiting("Reviews", "/reviews", count, overdue, tuple(items))]


AREA = Area("reviews", "Reviews", "r", ROLES, build, waits)
