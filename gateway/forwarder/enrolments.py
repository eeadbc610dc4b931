"""Brings the centre the boards that were taken in from enrolment files: before their records, which it else refuses."""

from functools import partial

import structlog

from gateway.forwarder.client import Centre, CentreRefuses
from gateway.forwarder.settling import forget, set_aside
from gateway.store.store import Store
from gateway.worker import SOON, Worker


async def deliver(writer: Worker[Store], centre: Centre) -> bool:
    """Deliver the oldest enrolment that waits; return False when none does. One that is refused is kept, with why.

    CentreAway when the centre cannot be reached, CentreRefuses when it does not know this gateway.
    """
    waiting = await writer.run(SOON, lambda store: store.outbox.next_enrolment())
    if waiting is None:
        return False
    number, given = waiting
    try:
        await centre.send_enrolment(given)
    except CentreRefuses as refusal:
        if refusal.unknown_here:
            raise
        structlog.get_logger("checkpost.forwarder").error("the centre refuses an enrolment", why=str(refusal))
        await writer.run(SOON, partial(set_aside, number=number, detail=str(refusal)))
        return True
    await writer.run(SOON, partial(forget, ids=[number]))
    return True
