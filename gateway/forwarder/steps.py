"""Brings the centre what persons did in reviews here; each step until the centre has it, or says that it never will."""

import hashlib
import json
from functools import partial

import structlog

from gateway.contract.reviews import MAX_STEPS, STEP_DIFFERS, GatewayStep, GatewaySteps
from gateway.forwarder.client import Centre, CentreRefuses
from gateway.forwarder.settling import forget, set_aside
from gateway.store.store import ROSTER_ID, Store
from gateway.worker import SOON, Worker

# By which names the words of a step stand in its body.
WORDS = ("text", "reason", "ground")
_NO_CARD = ""
NO_SUCH_CALL = (404, 405)  # of a centre from before there were steps
STORE_ID = "steps_store"  # what names this store's events at the centre: another store's have the same numbers


class Steps:
    """Delivers out of the outbox; what the centre has is known by the store's random number and the event's."""

    def __init__(self, writer: Worker[Store], centre: Centre):
        self._writer = writer
        self._centre = centre
        self._log = structlog.get_logger("checkpost.forwarder")

    async def send(self, limit: int = MAX_STEPS) -> bool:
        """Deliver one load; return True if there was one. CentreAway, CentreRefuses as of the centre."""
        ids, steps = await self._writer.run(SOON, partial(waiting, limit=limit))
        if not ids:
            return False
        try:
            await self._centre.send_steps(GatewaySteps(steps=steps))
        except CentreRefuses as refusal:
            if refusal.unknown_here:
                raise
            if refusal.status in NO_SUCH_CALL:
                return False  # an older centre: they wait until it is brought up to date
            await self._refused(ids, refusal)
            return True
        await self._writer.run(SOON, partial(forget, ids=ids))
        return True

    async def _refused(self, ids: list[int], refusal: CentreRefuses) -> None:
        """Set a step aside that is refused alone, or name the store anew; of several, find out which."""
        if len(ids) == 1 and refusal.kind == STEP_DIFFERS:
            self._log.warning("this store was set back: its steps go on under another name", why=str(refusal))
            await self._writer.run(SOON, partial(_rename, number=ids[0]))
            return
        if len(ids) == 1:
            self._log.warning("the centre refuses a step in a review", why=str(refusal))
            await self._writer.run(SOON, partial(set_aside, number=ids[0], detail=str(refusal)))
            return
        for _ in ids:
            await self.send(1)


def waiting(store: Store, limit: int) -> tuple[list[int], list[GatewayStep]]:
    """Return the ids of at most `limit` steps that wait, oldest first, and what is told of them."""
    ids, events = store.outbox.next_steps(limit)
    if not ids:
        return [], []
    with store.transaction():
        name = _name(store)
    return ids, [_step(store, name, event) for event in events]


def _name(store: Store) -> int:
    """Return this store's random number, the same for ever: its rosters' may be drawn anew."""
    if store.knowledge.get(STORE_ID) is None:
        store.knowledge.set(STORE_ID, store.knowledge.number(ROSTER_ID))
    return store.knowledge.number(STORE_ID)


def _rename(store: Store, number: int) -> None:
    """Name the store anew: one that was laid from a backup counts events that the centre holds from before, as others.

    The name follows from the step that showed it, which no store before had.
    """
    _, events = store.outbox.next_steps(1)
    step = _step(store, _name(store), events[0])
    name = int.from_bytes(hashlib.sha256(f"{number} {step.model_dump_json()}".encode()).digest()[:4], "big")
    with store.transaction():
        store.knowledge.set(STORE_ID, name)


def _step(store: Store, name: int, number: int) -> GatewayStep:
    review_id, event = store.reviews.event(number)
    review = store.reviews.get(review_id)
    assert review is not None
    body = json.loads(event.body)
    # An erasure puts its mark in the card's place: then the question is about nobody any more.
    card = review.card_uid if review.card_uid.isalnum() else _NO_CARD
    return GatewayStep.model_validate(
        {
            "store": name,
            "event": number,
            "review": review_id,
            "kind": review.kind,
            "card_uid": card,
            "board": review.board,
            "epoch": review.epoch,
            "seq": review.seq,
            "at_s": event.at_s,
            "person": event.person,
            "step": event.kind,
            "disposition": body.get("disposition", ""),
            "text": next((body[name] for name in WORDS if name in body), ""),
            "instead_of": body.get("instead_of", ""),
        }
    )
