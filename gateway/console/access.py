"""Sign-in with name and PIN, sessions, and the delay that grows with failures. In the machine's own time."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from gateway.console.people import MAX_NAME, MAX_PIN, Pins, key_of
from gateway.store.store import Store
from gateway.worker import SOON, Worker

SESSION_S = 12 * 3600  # a shift; then the PIN is asked for again
FREE_FAILURES = 3  # mistyped PINs that cost nothing
FIRST_DELAY_S = 5
MAX_DELAY_S = 300  # it grows no further: nobody is locked out for ever, and a guess costs five minutes
MAX_WAITING = 8  # sign-ins at once: each takes 64 MiB in turn, and a guard waits no longer than some seconds
TOKEN_BYTES = 32


class Visitor(NamedTuple):
    """Who is signed in. `csrf` stands in each form, so that no other page can send one."""

    name: str
    csrf: str


class Refused(NamedTuple):
    """A sign-in that failed. `wait_s`: before which the next is not even looked at; `busy`: too many at once."""

    wait_s: int
    busy: bool = False


class Access:
    """Who may see the console; lives in the console's event loop."""

    def __init__(self, writer: Worker[Store], reader: Worker[Store], pins: Pins, now_s: Callable[[], float]):
        self._writer = writer
        self._reader = reader
        self._pins = pins
        self._now_s = now_s
        self._one = asyncio.Semaphore(1)  # one hash at a time: the boards need the processor, too
        self._waiting = 0

    async def sign_in(self, name: str, pin: str) -> str | Refused:
        """Return the token of a new session, or why there is none. A wrong name and a wrong PIN look alike."""
        if self._waiting >= MAX_WAITING:
            return Refused(0, busy=True)
        self._waiting += 1
        try:
            return await self._sign_in(key_of(name[: 4 * MAX_NAME]), pin[: MAX_PIN + 1])
        finally:
            self._waiting -= 1

    async def _sign_in(self, key: str, pin: str) -> str | Refused:
        now_s = int(self._now_s())
        stored = await self._writer.run(SOON, partial(_begin, key=key, now_s=now_s))
        if isinstance(stored, Refused):
            return stored
        async with self._one:
            good = await asyncio.to_thread(self._pins.fits, stored or None, pin)
        if not good:
            return await self._writer.run(SOON, partial(_standing, key=key, now_s=now_s))
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await self._writer.run(SOON, partial(_open, key=key, digest=_digest(token), now_s=now_s))
        return token

    async def visitor(self, token: str) -> Visitor | None:
        """Return who a session belongs to, None when it is not known or its time is over."""
        if not token:
            return None
        job = partial(_session, digest=_digest(token), now_s=int(self._now_s()))
        name = await self._reader.run(SOON, job)
        return Visitor(name, csrf_of(token)) if name is not None else None

    async def sign_out(self, token: str) -> None:
        """End a session."""
        await self._writer.run(SOON, partial(_end, digest=_digest(token)))


def csrf_of(token: str) -> str:
    """Return what a session's forms carry; the session's token cannot be had from it."""
    return hashlib.sha256(b"checkpost form " + token.encode()).hexdigest()[:32]


def delay_s(failures: int) -> int:
    """Return how long the next attempt is refused after this many failures in a row."""
    over = failures - FREE_FAILURES
    return 0 if over < 0 else min(MAX_DELAY_S, FIRST_DELAY_S << min(over, 16))


def _begin(store: Store, key: str, now_s: int) -> str | Refused:
    """Return the stored PIN (empty: nobody's), or Refused. The attempt counts as failed until it has succeeded."""
    with store.transaction():
        failures, until_s = store.people.attempts(key)
        if 0 < until_s - now_s <= MAX_DELAY_S:  # more was never set: the clock was put back meanwhile
            return Refused(until_s - now_s)
        store.people.note_attempt(key, failures + 1, now_s + delay_s(failures + 1))
        person = store.people.find(key)
    return person.pin if person else ""


def _standing(store: Store, key: str, now_s: int) -> Refused:
    return Refused(max(0, store.people.attempts(key)[1] - now_s))


def _open(store: Store, key: str, digest: str, now_s: int) -> None:
    with store.transaction():
        store.people.forget_attempts(key)
        store.people.add_session(digest, key, now_s + SESSION_S, now_s)


def _session(store: Store, digest: str, now_s: int) -> str | None:
    return store.people.session(digest, now_s)


def _end(store: Store, digest: str) -> None:
    with store.transaction():
        store.people.end_session(digest)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
