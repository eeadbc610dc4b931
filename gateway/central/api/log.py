"""The proven log: checkpoints, leaves, proofs, and the signatures of second parties."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import PlainTextResponse, StreamingResponse

from gateway.central.api.parts import AsAdmin, AsCounter, AsOffice, Purpose, ThePart
from gateway.central.api.streaming import Streamed
from gateway.contract import Name
from gateway.contract.log import MAX_LEAVES, Consistency, Cosigner, Inclusion, Leaves

ROUTER = APIRouter(prefix="/v1/log", tags=["log"])
NDJSON = "application/x-ndjson"
MAX_NOTE = 20_000  # characters of a checkpoint: room for a hundred signatures
Number = Annotated[int, Query(ge=0, le=2**53)]


@ROUTER.get("/checkpoint", response_class=PlainTextResponse)
def checkpoint(the: ThePart, _: AsCounter, cosigned: bool = False) -> str:
    """Return the newest checkpoint, signed (C2SP tlog-checkpoint); `cosigned`: the newest with a second signature."""
    return the.proofs.checkpoint(cosigned)


@ROUTER.get("/key", response_class=PlainTextResponse)
def key(the: ThePart, _: AsCounter) -> str:
    """Return the verifier key of the checkpoints (C2SP vkey). Keep it: a log with another key is another log."""
    return the.proofs.vkey + "\n"


@ROUTER.get("/leaves", response_model_exclude_none=True)
def leaves(
    the: ThePart,
    caller: AsOffice,
    after: Number = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LEAVES)] = MAX_LEAVES,
    purpose: Purpose = "",
) -> Leaves:
    """Return leaves from a number on: every record, every state of a crossing, every seal and erasure, as they came."""
    found = the.proofs.leaves(after, limit)
    the.reads.note(caller, purpose, f"leaves after {after}", len(found.leaves))
    return found


@ROUTER.get(
    "/standing",
    response_class=StreamingResponse,
    responses={200: {"content": {NDJSON: {}}, "description": "JSON lines: `log` first, `end` last."}},
)
def standing(the: ThePart, caller: AsOffice, purpose: Purpose = "") -> Streamed:
    """Return what the tables say beside the log, from one snapshot: who compares both finds what was edited by hand."""
    begun = the.exports.standing(the.proofs)
    try:
        the.reads.note(caller, purpose, "standing of the tables", max(begun.crossings, 1))
    except Exception:
        begun.pieces.close()
        raise
    return Streamed(begun.pieces, NDJSON)


@ROUTER.get("/inclusion")
def inclusion(the: ThePart, _: AsCounter, leaf: Number, size: Number | None = None) -> Inclusion:
    """Return the proof that a leaf is in the log of a size."""
    return the.proofs.inclusion(leaf, size)


@ROUTER.get("/consistency")
def consistency(the: ThePart, _: AsCounter, first: Number, second: Number | None = None) -> Consistency:
    """Return the proof that the log of `second` leaves begins with that of `first`."""
    return the.proofs.consistency(first, second)


@ROUTER.put("/cosigners/{name}")
def put_cosigner(name: Name, cosigner: Cosigner, the: ThePart, _: AsAdmin) -> Cosigner:
    """Let a second party cosign checkpoints with this key."""
    the.proofs.put_cosigner(name, cosigner.vkey)
    return cosigner


@ROUTER.post("/cosignatures", status_code=204)
def cosign(
    the: ThePart,
    _: AsCounter,
    note: Annotated[str, Body(media_type="text/plain", max_length=MAX_NOTE)],
) -> None:
    """Take a checkpoint with the signature of a cosigner; it is served with the checkpoint from then on."""
    the.proofs.take_cosignature(note)
