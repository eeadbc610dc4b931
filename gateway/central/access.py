"""Who may do what: bearer tokens and page sessions, each with a role. The store holds hashes only."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from gateway.central.store import Store

ADMIN = "admin"
OFFICE = "office"
GATEWAY = "gateway"
DESK = "desk"  # issues cards
PAGE = "page"  # a browser that signed in
TOKEN_BYTES = 32
REMEMBERED_S = 1.0  # for this long a token is not looked up again: a gateway sends many requests a second
MAX_REMEMBERED = 1024
SESSION_S = 12 * 3600  # a working day; then the token is asked for again


@dataclass(frozen=True)
class Caller:
    """Who sends a request; `name` is the gateway's where the role is `gateway`."""

    role: str
    name: str


class Access:
    """Tokens live in real time: `now_s` returns Unix seconds of the machine's own clock."""

    def __init__(self, store: Store, now_s: Callable[[], float]):
        self._store = store
        self._now_s = now_s
        self._remembered: dict[str, tuple[float, Caller]] = {}

    def remembered(self, token: str) -> Caller | None:
        """Return who a token belonged to a moment ago, without asking the store."""
        until_s, caller = self._remembered.get(_digest(token), (0.0, None))
        return caller if self._now_s() < until_s else None

    def caller(self, token: str) -> Caller | None:
        """Return who a token belongs to, None when it is not known or its time is over."""
        with self._store.read() as transaction:
            found = transaction.tokens.find(_digest(token))
        if found is None or (found[2] is not None and found[2] <= self._now_s()):
            return None
        caller = Caller(found[0], found[1])
        if found[2] is None:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[_digest(token)] = self._now_s() + REMEMBERED_S, caller
        return caller

    def issue(self, role: str, name: str) -> str:
        """Return a new token for a role and name; the ones it had before end."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._store.write() as transaction:
            transaction.tokens.remove_named(role, name)
            transaction.tokens.add(_digest(token), role, name)
        self._remembered.clear()
        return token

    def sign_in(self, token: str) -> str | None:
        """Return a session for the page in exchange for an office or admin token, None when it is neither."""
        caller = self.caller(token)
        if caller is None or caller.role not in (ADMIN, OFFICE):
            return None
        session = secrets.token_urlsafe(TOKEN_BYTES)
        now_s = int(self._now_s())
        with self._store.write() as transaction:
            transaction.tokens.remove_ended(now_s)
            transaction.tokens.add(_digest(session), PAGE, caller.name, now_s + SESSION_S)
        return session

    def sign_out(self, session: str) -> None:
        """End a session."""
        with self._store.write() as transaction:
            transaction.tokens.remove(_digest(session))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
