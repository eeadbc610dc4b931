"""A crossing's whole story with its proof; crossings of a card or permit, for a purpose."""

import json
import re
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Path, Response

from checkpost.dates import format_local
from checkpost.reading import Outcome, Passage, read
from checkpost.record import OUTCOMES
from gateway.central.access import ADMIN, AUDITOR, CLERK, OFFICE, REVIEWER
from gateway.central.pages.area import Area
from gateway.central.pages.frame import Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.visit import Visit
from gateway.central.proofs import whose
from gateway.contract.log import Leaf, Proven

SHOWN = 100  # the newest of a card or permit
ROLES = (CLERK, REVIEWER, AUDITOR, ADMIN, OFFICE)
Reader = Annotated[Visit, Depends(Gate(*ROLES, reads=True))]
Half = Annotated[int, Path(ge=1, le=0xFFFF)]
Whole = Annotated[int, Path(ge=1, le=0xFFFFFFFF)]
_KEY = re.compile(r"(\d{1,5})/(\d{1,5})/(\d{1,10})")
_UID = re.compile(r"([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})")
_PERMIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Told(NamedTuple):
    """A record of the story in words. `local_time`: as the board's clock said it."""

    seq: int
    text: str
    local_time: str
    raw: str


def build(frame: Frame) -> APIRouter:
    """Return the router of crossings."""
    router = frame.router()

    @router.get("/crossings")
    def ask(visit: Reader) -> Response:
        return frame.page(visit, "crossings/search.html", found=None, typed={}, wrong={})

    @router.post("/crossings")
    def search(visit: Reader) -> Response:
        query = visit.form["query"][:64]
        if key := _KEY.fullmatch(query):
            return frame.to(f"/crossings/{key[1]}/{key[2]}/{key[3]}")
        uid = re.sub(r"[\s:.-]", "", query).upper()
        if not _UID.fullmatch(uid) and not _PERMIT.fullmatch(query):
            wrong = {"query": "Give a crossing as 3/1/27, the number of a card, or of a permit."}
            return frame.page(visit, "crossings/search.html", 422, found=None, typed={"query": query}, wrong=wrong)
        rows = visit.the.office.crossings_of(query, uid if _UID.fullmatch(uid) else "", SHOWN)
        visit.note(f"crossings of {query}", len(rows), uid if _UID.fullmatch(uid) else query)
        values = {"found": rows, "typed": {"query": query}, "points": visit.the.office.points(), "wrong": {}}
        return frame.page(visit, "crossings/search.html", 200, **values)

    @router.get("/crossings/{board}/{epoch}/{seq}")
    def story(visit: Reader, board: Half, epoch: Half, seq: Whole) -> Response:
        found = visit.the.proofs.story(board, epoch, seq)
        visit.note(f"crossing {board}/{epoch}/{seq}", 1, whose(found))
        state = next((leaf for leaf in found.leaves if leaf.kind == "state"), None)
        values = {
            "key": f"{board}/{epoch}/{seq}",
            "crossing": json.loads(state.body) if state and state.body else None,
            "told": [_told(leaf) for leaf in found.leaves if leaf.kind == "record"],
            "proofs": _proofs(found),
            "checkpoint": found.checkpoint,
            "reviews": visit.the.reviews.of_record(board, epoch, seq),
            "points": visit.the.office.points(),
        }
        return frame.page(visit, "crossings/story.html", 200, **values)

    return router


def _told(leaf: Leaf) -> Told:
    """Return what a record says; nothing of one that was erased."""
    seq = leaf.seq or 0
    if leaf.raw is None:
        return Told(seq, "erased", "", "")
    said = read(bytes.fromhex(leaf.raw), seq)
    local = format_local(said.head.seconds, said.head.offset)[:19].replace("T", " ") if said.head else ""
    if isinstance(said, Outcome):
        done = OUTCOMES[said.outcome].replace("_", " ") or "nothing"
        text = f"the guard recorded: {done}, {said.party} person{'' if said.party == 1 else 's'}"
    else:
        text = "the card was read" if isinstance(said, Passage) and said.crossing.uid else "a traveller without a card"
    return Told(seq, text, local, leaf.raw)


def _proofs(found: Proven) -> list[dict[str, Any]]:
    """Return each leaf with the way from its hash to the root."""
    ways = {proof.leaf: proof for proof in found.proofs}
    return [{"leaf": leaf, "proof": ways[leaf.leaf]} for leaf in found.leaves if leaf.leaf in ways]


AREA = Area("crossings", "Crossings", "c", ROLES, build)
