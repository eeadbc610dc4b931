"""Who read personal data, what and why: written down before the data leave."""

from collections.abc import Callable
from typing import TypeVar

from gateway.central.access import Caller
from gateway.central.people import ROLES
from gateway.central.problems import Problem
from gateway.central.rights.subject import find
from gateway.central.store import Store
from gateway.central.store.people import ReadRow

HEADER = "Checkpost-Purpose"
MACHINE = "the office's own pull"  # what a machine's token stands for when it gives no purpose
MAX_PURPOSE = 200
DELIVERED_S = 3600  # what a gateway is told all day is written down once in this time, not with every answer
DELIVERY = "what its boards and its verdicts need"

F = TypeVar("F")


class Reads:
    """Writes through one store; `now_s` gives the machine's own time."""

    def __init__(self, store: Store, now_s: Callable[[], float]):
        self._store = store
        self._now_s = now_s
        self._delivered: dict[tuple[str, str], float] = {}  # until when it is written down, by (gateway, what)

    def note(self, caller: Caller, purpose: str, what: str, rows: int, about: str = "", searched: bool = False) -> None:
        """Write a read down; nothing where nothing was read. Problem when a person does not say why.

        `about`: whose data, where they are one person's. `searched`: for somebody by name; that nobody was found is
        something read, too.
        """
        purpose = purpose.strip()
        if not purpose and caller.role in ROLES:
            errors = [{"pointer": f"header: {HEADER}", "detail": "say why you read personal data"}]
            raise Problem(422, "purpose-missing", f"Say why you read personal data, in {HEADER}.", errors=errors)
        if not rows and not searched:
            return
        why = purpose[:MAX_PURPOSE] or MACHINE
        row = ReadRow(0, int(self._now_s()), caller.role, caller.name, what, why, rows, about)
        with self._store.write() as transaction:
            transaction.people.add_read(row)

    def acted(self, caller: Caller, act: str, what: str, found: F, about: str = "") -> F:
        """Write down what the answer to an act gives back of somebody, and return it: the act is the reason."""
        self.note(caller, f"to go on after this: {act}", what, 1, about)
        return found

    def delivered(self, caller: Caller, what: str, rows: int) -> None:
        """Write down what a gateway is told to work with: the first time in `DELIVERED_S`, before it leaves."""
        now_s = self._now_s()
        if rows and self._delivered.get((caller.name, what), now_s) <= now_s:
            self.note(caller, DELIVERY, what, rows)
            self._delivered[caller.name, what] = now_s + DELIVERED_S

    def after(self, number: int, limit: int, person: str = "", reader: str = "") -> list[ReadRow]:
        """Return at most `limit` reads after a number, oldest first: of a person's data alone, or by one reader."""
        with self._store.read() as transaction:
            words = find(transaction, person).identifiers() or [person] if person else []
            return transaction.people.reads(number, limit, words, reader)
