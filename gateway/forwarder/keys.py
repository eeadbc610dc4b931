"""Fetches the keys that prove cards at this gateway's points: at the start, and after what the centre says changes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from gateway.forwarder.backoff import Backoff
from gateway.forwarder.client import Centre, CentreAway, CentreRefuses
from gateway.keys import KeyStore

REST_S = 2.0  # between two requests: an import comes as many changes
EVERY_S = 60.0  # a zone's new master key is no change of knowledge


class KeyPull:
    """Takes keys until cancelled. `take(keys)` is called with those that are new."""

    def __init__(self, centre: Centre, backoff: Backoff, take: Callable[[KeyStore], None]):
        self._centre = centre
        self._backoff = backoff
        self._take = take
        self._due = asyncio.Event()
        self._due.set()
        self.trouble = ""  # why none come, for people; empty while they do
        self.current = False  # nothing changed at the centre since the last that came
        self._log = structlog.get_logger("checkpost.forwarder")

    def wake(self) -> None:
        """Say that something at the centre changed."""
        self.current = False
        self._due.set()

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), EVERY_S)
            self._due.clear()
            try:
                given = await self._centre.zone_keys()
            except (CentreAway, CentreRefuses) as error:
                if str(error) != self.trouble:
                    self._log.warning("no card keys from the centre", why=str(error))
                self.trouble = str(error)
                self._due.set()
                await asyncio.sleep(self._backoff.failed())
                continue
            self._backoff.succeeded()
            self.trouble = ""
            zones = {
                zone: {version: bytes.fromhex(key) for version, key in held.items()}
                for zone, held in given.zones.items()
            }
            guests = {uid: (one.version, bytes.fromhex(one.key)) for uid, one in given.guests.items()}
            self._take(KeyStore(zones, guests))
            self.current = not self._due.is_set()
            await asyncio.sleep(REST_S)
