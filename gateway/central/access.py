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
PAGE = "page/"  # before the role of a browser that signed in: such a session is no token
CLERK = "clerk"  # decides applications
REVIEWER = "reviewer"  # looks at what was flagged
AUDITOR = "auditor"  # reads the log, its proofs, and who read what
TECHNICIAN = "technician"  # registers points, gateways and boards
ENROL = "enrol"  # a code for a gateway, not a token

# What a token may be limited to.
READ = "read"  # personal data
COUNT = "count"  # counts, checkpoints and proofs
WRITE = "write"  # applications, cards, blocks
PROVISION = "provision"
AUDIT = "audit"

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0, 1, I, O: it is read aloud
CODE_SIZE = 12  # 60 bits for a quarter of an hour
CODE_S = 15 * 60
TOKEN_BYTES = 32
REMEMBERED_S = 1.0  # for this long a token is not looked up again: a gateway sends many requests a second
MAX_REMEMBERED = 1024
SESSION_S = 12 * 3600  # a working day; then the token is asked for again


PAGE_ROLES = (ADMIN, OFFICE, CLERK, REVIEWER, AUDITOR)  # who may open the pages


@dataclass(frozen=True)
class Caller:
    """Who sends a request; `name` is the gateway's where the role is `gateway`."""

    role: str
    name: str
    scopes: frozenset[str] | None = None  # None: all that the role may do


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
        if found[0] == ENROL:
            return None
        caller = Caller(found[0], found[1], None if found[3] is None else frozenset(found[3].split()))
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
            transaction.tokens.remove_named(PAGE + role, name)
            transaction.tokens.add(_digest(token), role, name)
        self._remembered.clear()
        return token

    def open(self, role: str, name: str, seconds: int, scopes: frozenset[str] | None) -> str:
        """Return a token that ends; None as scopes: it may do all that its role may."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now_s = int(self._now_s())
        with self._store.write() as transaction:
            transaction.tokens.remove_ended(now_s)
            limited = None if scopes is None else " ".join(sorted(scopes))
            transaction.tokens.add(_digest(token), role, name, now_s + seconds, limited)
        return token

    def end_all(self, roles: tuple[str, ...], name: str) -> None:
        """End every token of a name in these roles, and every session of the pages."""
        with self._store.write() as transaction:
            for role in roles:
                transaction.tokens.remove_named(role, name)
                transaction.tokens.remove_named(PAGE + role, name)
        self._remembered.clear()

    def code_for(self, gateway: str) -> str:
        """Return a code with which a gateway enrols once; an earlier one of the same gateway ends."""
        code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_SIZE))
        with self._store.write() as transaction:
            transaction.tokens.remove_named(ENROL, gateway)
            transaction.tokens.add(_digest(code), ENROL, gateway, int(self._now_s()) + CODE_S)
        return "-".join(code[at : at + 4] for at in range(0, CODE_SIZE, 4))

    def enrol(self, code: str) -> tuple[str, str] | None:
        """Return (gateway, its token) for a code, which ends with that; None when it is none, or its time is over."""
        digest = _digest(code.replace("-", "").replace(" ", "").upper())
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._store.write() as transaction:
            found = transaction.tokens.find(digest)
            if found is None or found[0] != ENROL or (found[2] or 0) <= self._now_s():
                return None
            transaction.tokens.remove(digest)
            transaction.tokens.remove_named(GATEWAY, found[1])
            transaction.tokens.add(_digest(token), GATEWAY, found[1])
        self._remembered.clear()
        return found[1], token

    def open_page(self, caller: Caller) -> str:
        """Return a session for the pages of somebody who may see them."""
        return self.open(PAGE + caller.role, caller.name, SESSION_S, None)

    def visitor(self, session: str) -> Caller | None:
        """Return who a session of the pages belongs to, None when it is not known or its time is over."""
        caller = self.caller(session)
        if caller is None or not caller.role.startswith(PAGE):
            return None
        return Caller(caller.role.removeprefix(PAGE), caller.name)

    def sign_out(self, session: str) -> None:
        """End one session or token."""
        with self._store.write() as transaction:
            transaction.tokens.remove(_digest(session))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
