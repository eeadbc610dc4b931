"""What the office and the technicians bring: points, policy, gateways, boards, applications and cards."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from gateway.central.access import GATEWAY
from gateway.central.api.parts import AsAdmin, AsTechnician, AsWriter, ThePart
from gateway.central.problems import Problem
from gateway.contract import Board, CrossingPoint, Import, ImportReply, Model, Name, Policy

ROUTER = APIRouter(prefix="/v1", tags=["knowledge"])
# The first seal key of a board's epoch. It stays here: no gateway is told, and the board erases it as it goes forward.
SealKey = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class NewGateway(Model):
    """A gateway to enrol."""

    name: Name


class Enrolled(Model):
    """A gateway's token: shown once, stored as a hash."""

    name: Name
    token: str


class NewBoard(Model):
    """A board to register: where it stands, and the key of its link that the provisioning tool made."""

    crossing_point: Name
    lane: Annotated[str, Field(min_length=1, max_length=16)] = "1"
    gateway: Name
    link_key: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    seal_key: SealKey | None = None


class NewEpoch(Model):
    """An epoch to open: the keys that the provisioning tool made for it. Without a link key the old one goes on."""

    seal_key: SealKey | None = None
    link_key: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None


@ROUTER.put("/crossing-points/{code}")
def put_point(code: Name, point: CrossingPoint, the: ThePart, _: AsTechnician) -> CrossingPoint:
    """Store a crossing point."""
    if point.code != code:
        errors = [{"pointer": "#/code", "detail": f"the address names {code}"}]
        raise Problem(422, "not-valid", f"The address names {code}, the body {point.code}.", errors=errors)
    the.registry.put_point(point)
    return point


@ROUTER.put("/policy")
def put_policy(policy: Policy, the: ThePart, _: AsAdmin) -> Policy:
    """Store the policy by which new and touched crossings are judged."""
    the.registry.put_policy(policy)
    return policy


@ROUTER.post("/gateways")
def enrol_gateway(gateway: NewGateway, the: ThePart, _: AsTechnician) -> Enrolled:
    """Give a gateway its token; a token that it had before ends."""
    return Enrolled(name=gateway.name, token=the.access.issue(GATEWAY, gateway.name))


@ROUTER.post("/boards")
def register_board(board: NewBoard, the: ThePart, _: AsTechnician) -> Board:
    """Register a board; with the link key of one that is there, that one is returned, moved to this gateway."""
    return the.registry.register_board(board.crossing_point, board.lane, board.gateway, board.link_key, board.seal_key)


@ROUTER.post("/boards/{number}/epochs")
def open_epoch(
    number: Annotated[int, Path(ge=1, le=0xFFFF)], the: ThePart, _: AsTechnician, epoch: NewEpoch | None = None
) -> Board:
    """Open the next epoch of a board whose journal was replaced or restored."""
    return (
        the.registry.open_epoch(number, epoch.seal_key, epoch.link_key)
        if epoch
        else the.registry.open_epoch(number, None)
    )


@ROUTER.post("/imports")
def take_import(rows: Import, the: ThePart, _: AsWriter) -> ImportReply:
    """Store applications and cards; equal rows change nothing, changed ones judge their permits' crossings again."""
    return the.registry.take_import(rows)
