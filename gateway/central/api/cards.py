"""What an issuing desk does with cards, and what gateways need to prove them. Keys are in no log, and in no cache."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from gateway.central.access import DESK, Caller
from gateway.central.api.knowledge import Enrolled
from gateway.central.api.parts import AsAdmin, AsBlocker, AsDesk, AsGateway, Parts, ThePart
from gateway.contract import Card, Instant, Model, Name, Uid
from gateway.contract.keys import CardKeySets, ZoneKeys

ROUTER = APIRouter(prefix="/v1", tags=["cards"])
Reason = Annotated[str, Field(min_length=1, max_length=200)]


class NewDesk(Model):
    """A desk that issues cards."""

    name: Name


class OfPermit(Model):
    """The permit that a card is to carry. `zone`: whose master key makes its keys, else the permit's first."""

    application_id: Name
    zone: Name | None = None


class Why(Model):
    """Why keys are asked for: it is written down."""

    reason: Reason


class Issued(Model):
    """The version of the keys that a card has now."""

    version: Annotated[int, Field(ge=1, le=255)]


class Block(Model):
    """A block. `blocked_from`: Unix UTC s from which it counts, None: always."""

    status: Literal["lost", "stolen", "revoked"]
    blocked_from: Instant | None = None


class Replacement(Model):
    """The card that takes another's place."""

    card_uid: Uid


class Rotated(Model):
    """The newest version of a zone's master key."""

    zone: Name
    version: int


@ROUTER.post("/desks")
def enrol_desk(desk: NewDesk, the: ThePart, _: AsAdmin) -> Enrolled:
    """Give a desk its token; a token that it had before ends."""
    return Enrolled(name=desk.name, token=the.access.issue(DESK, desk.name))


@ROUTER.put("/cards/{uid}")
def register_card(uid: Uid, permit: OfPermit, the: ThePart, caller: AsDesk) -> Card:
    """Put a card to a permit; a card that carries it already stays as it is."""
    return _of(the, caller, "registered", the.cards.register(uid, permit.application_id, permit.zone, caller))


@ROUTER.post("/cards/{uid}/keys")
def card_keys(uid: Uid, why: Why, the: ThePart, caller: AsDesk, response: Response) -> CardKeySets:
    """Return the keys of a registered card; who asked and why is on disk before they leave."""
    response.headers["cache-control"] = "no-store"
    return the.cards.keys(uid, why.reason, caller)


@ROUTER.post("/cards/{uid}/issued")
def card_issued(uid: Uid, issued: Issued, the: ThePart, caller: AsDesk) -> Card:
    """Note with which keys a card was issued."""
    return _of(the, caller, "issued", the.cards.issued(uid, issued.version, caller))


@ROUTER.post("/cards/{uid}/block")
def block_card(uid: Uid, block: Block, the: ThePart, caller: AsBlocker) -> Card:
    """Block a card: gateways hear of it at once, boards with their next turn."""
    return _of(the, caller, "blocked", the.cards.block(uid, block.status, block.blocked_from, caller))


@ROUTER.post("/cards/{uid}/replacement")
def replace_card(uid: Uid, by: Replacement, the: ThePart, caller: AsDesk) -> Card:
    """End a card and put another to its permit; return that one."""
    return _of(the, caller, "replaced", the.cards.replace(uid, by.card_uid, caller))


@ROUTER.post("/zones/{zone}/key-versions")
def rotate_zone(zone: Name, the: ThePart, caller: AsAdmin) -> Rotated:
    """Make a zone's next master key; cards of the one before it are valid until one more is made."""
    return Rotated(zone=zone, version=the.cards.rotate(zone, caller))


@ROUTER.get("/zone-keys")
def zone_keys(the: ThePart, caller: AsGateway, response: Response) -> ZoneKeys:
    """Return what a gateway needs to prove the cards that may come to its points."""
    response.headers["cache-control"] = "no-store"
    found = the.cards.zone_keys(caller.name)
    the.reads.delivered(caller, "keys of guests' cards", len(found.guests))
    return found


def _of(the: Parts, caller: Caller, act: str, found: Card) -> Card:
    """Return a card as an act left it; that it is given back is written down first."""
    return the.reads.acted(caller, act, f"card {found.card_uid}", found, found.card_uid)
