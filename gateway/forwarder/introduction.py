"""Tells the centre this gateway's public key and keeps the centre's: what enrolments without a line rest on."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gateway.contract.enrolment import CentreKeys
from gateway.forwarder.backoff import Backoff
from gateway.forwarder.client import Centre, CentreAway, CentreRefuses
from gateway.store.database import StoreFailure

EVERY_S = 3600.0  # keys change when a centre lost its own, or a gateway got a new disk


class Introduction:
    """Exchanges keys until cancelled. `take(keys)` keeps the centre's, and returns True if they are new ones."""

    def __init__(
        self, centre: Centre, backoff: Backoff, sealing_key: str, take: Callable[[CentreKeys], Awaitable[bool]]
    ):
        """`sealing_key`: the public half, hex."""
        self._centre = centre
        self._backoff = backoff
        self._sealing_key = sealing_key
        self._take = take
        self._log = structlog.get_logger("checkpost.forwarder")

    async def run(self) -> None:
        """Exchange until cancelled; `status` tells elsewhere if the centre cannot be reached."""
        while True:
            try:
                if await self._take(await self._centre.introduce(self._sealing_key)):
                    self._log.info("the centre's keys for enrolments are new")
            except (CentreAway, CentreRefuses, StoreFailure):
                await asyncio.sleep(self._backoff.failed())
                continue
            self._backoff.succeeded()
            await asyncio.sleep(EVERY_S)
