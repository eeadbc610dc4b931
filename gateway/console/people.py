"""People with a PIN: added, listed and removed by `checkpost gateway person`, checked at the sign-in."""

import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import OperatorError
from gateway.store.people import Person
from gateway.store.store import Store

MAX_NAME = 40  # letters: what fits a review and a printed form
MIN_PIN = 6  # with the growing delay of `gateway.console.access`, a million PINs take years
MAX_PIN = 64


class PersonError(OperatorError):
    """A name or PIN that cannot be used; the message says why."""


class Pins:
    """Hashes PINs and checks them: argon2id with RFC 9106's second choice (64 MiB), a fraction of a second each."""

    def __init__(self, hasher: PasswordHasher):
        self._hasher = hasher
        self._nobody = hasher.hash("nobody has this PIN")  # so that an unknown name takes as long as a known one

    def hash(self, pin: str) -> str:
        """Return what is stored of a PIN."""
        return self._hasher.hash(pin)

    def fits(self, stored: str | None, pin: str) -> bool:
        """Return True if a PIN is the one that was stored; None: there is no such person."""
        try:
            return self._hasher.verify(stored or self._nobody, pin) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def key_of(name: str) -> str:
    """Return a name as it is compared: `Han Sol` and `han sol ` are one person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def add(store: Store, pins: Pins, name: str, pin: str, now_s: int) -> bool:
    """Give a person a PIN and return True if they are new; OperatorError for a name or PIN that will not do."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or len(name) > MAX_NAME or not all(letter.isprintable() for letter in name):
        raise PersonError(f"A name has 1 to {MAX_NAME} letters; give another.")
    _check_pin(pin)
    person = Person(key_of(name), name, pins.hash(pin), now_s)
    with store.transaction():
        known = store.people.find(person.key)
        store.people.put(person)
    return known is None


def remove(store: Store, name: str) -> None:
    """Take a person's PIN away; OperatorError for one that is not known."""
    with store.transaction():
        if not store.people.remove(key_of(name)):
            raise PersonError(f"Nobody here is called {name!r}; `checkpost gateway person list` shows who is.")


def _check_pin(pin: str) -> None:
    if not MIN_PIN <= len(pin) <= MAX_PIN:
        raise PersonError(f"A PIN has {MIN_PIN} to {MAX_PIN} digits or letters; choose a longer one.")
    steps: set[int] = {ord(after) - ord(before) for before, after in pairwise(pin)}
    if len(steps) == 1 and abs(steps.pop()) <= 1:
        raise PersonError("This PIN is the first that anybody tries; choose one without such an order.")
