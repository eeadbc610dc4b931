"""People at the centre: a name, one role, a password of which only the argon2 hash is kept."""

import secrets
from base64 import b64encode
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import ARGON2_VERSION

from gateway.central.access import AUDITOR, CLERK, REVIEWER, SESSION_S, TECHNICIAN, Access, Caller
from gateway.central.pace import Pace
from gateway.central.problems import Problem
from gateway.central.store import Store

ROLES = (CLERK, REVIEWER, AUDITOR, TECHNICIAN)
# OWASP's Password Storage Cheat Sheet, argon2id: a small server can hash many at once without running out of memory.
HASH_ROUNDS = 2
HASH_KIB = 19 * 1024
TRIES = 5  # wrong passwords of one name in a row; then one in ten seconds
TRIES_PER_S = 0.1
NO_FIT = "Name and password do not fit."


class People:
    """Reads and writes through one store; sessions are tokens that end."""

    def __init__(self, store: Store, access: Access, now_s: Callable[[], float]):
        self._store = store
        self._access = access
        self._hasher = PasswordHasher(time_cost=HASH_ROUNDS, memory_cost=HASH_KIB, parallelism=1)
        self._nobody = _nobody(self._hasher)  # a name that is not known takes as long as a wrong password
        self._tries = Pace(now_s, TRIES_PER_S, TRIES)

    def put(self, name: str, role: str, password: str) -> None:
        """Let a person in, or change role and password; what was open under that name ends.

        Problem when somebody is called so in another spelling: two names would be one who approves what they asked for.
        """
        hashed = self._hasher.hash(password)
        with self._store.write() as transaction:
            for known, _ in transaction.people.all():
                if known != name and same_person(known, name):
                    detail = f"{known} is let in already, spelt so; a second spelling would be a second person."
                    raise Problem(409, "name-taken", detail)
            transaction.people.put(name, role, hashed)
        self._access.end_all(ROLES, name)

    def remove(self, name: str) -> None:
        """Let a person in no longer; Problem when there is none of that name."""
        with self._store.write() as transaction:
            found = transaction.people.remove(name)
        if not found:
            raise Problem(404, "unknown-person", f"There is nobody called {name}.")
        self._access.end_all(ROLES, name)

    def all(self) -> list[tuple[str, str]]:
        """Return (name, role) of everyone."""
        with self._store.read() as transaction:
            return transaction.people.all()

    def sign_in(self, name: str, password: str) -> tuple[str, str]:
        """Return (role, token of a session); Problem when name and password do not fit."""
        role, hashed = self.known(name, password)
        return role, self.held(name, role, self._access.open(role, name, SESSION_S, None), hashed)

    def held(self, name: str, role: str, token: str, hashed: str = "") -> str:
        """Return a token that was just opened, if its person is let in as they were; else it ends: Problem.

        To look at a password takes a while, and who was removed or changed meanwhile had no such token to lose.
        `hashed`: of the password that was given, where one was.
        """
        with self._store.read() as transaction:
            found = transaction.people.find(name)
        if found is None or found[0] != role or (hashed and found[1] != hashed):
            self._access.sign_out(token)
            raise Problem(401, "wrong-password", NO_FIT)
        return token

    def known(self, name: str, password: str) -> tuple[str, str]:
        """Return (role, hash) of a person with this password; Problem when name and password do not fit."""
        wait_s = self._tries.wait_s(name)
        if wait_s:
            headers = {"Retry-After": str(int(wait_s) + 1)}
            raise Problem(429, "too-many-tries", f"Too many tries for {name}; wait {int(wait_s) + 1} s.", headers)
        with self._store.read() as transaction:
            found = transaction.people.find(name)
        try:
            self._hasher.verify(found[1] if found else self._nobody, password)
        except VerifyMismatchError as error:
            raise Problem(401, "wrong-password", NO_FIT) from error
        if found is None:
            raise Problem(401, "wrong-password", NO_FIT)
        return found


def signed_in(caller: Caller) -> bool:
    """Return True if a person is here by name: no machine, and no program that was given a token of theirs."""
    return caller.role in ROLES and caller.scopes is None


def same_person(one: str, other: str) -> bool:
    """Return True if two names are one person's: nobody is a second person by another spelling."""
    return one.casefold() == other.casefold()


def _nobody(hasher: PasswordHasher) -> str:
    """Return a hash, in this hasher's costs, of a password that nobody knows: it is drawn, not worked out."""
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, drawn = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${drawn}"
