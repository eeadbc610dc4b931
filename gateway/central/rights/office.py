"""Erasure as the office does it: by policy when retention ends, or on an order that two persons gave."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from checkpost.calendar import DAY_S
from gateway.central.access import Caller
from gateway.central.audit import KeyAudit
from gateway.central.people import same_person, signed_in
from gateway.central.problems import Problem, not_valid
from gateway.central.rights.due import due
from gateway.central.rights.erasing import COMPACT_DUE, Said, Wanted, erase, needed
from gateway.central.rights.holders import Holder
from gateway.central.rights.remembered import Remembered
from gateway.central.rights.subject import Subject, find, whole
from gateway.central.store import Store, Transaction
from gateway.central.store.erasures import OrderRow

AT_ONCE = 200  # persons an erasure: together, so that a leaf does not say which records were one person's
RETENTION = "the time for which data are kept is over"


@dataclass(frozen=True)
class Done:
    """What an erasure came to. `kept`: persons whose data are still needed, by why."""

    persons: int
    records: int
    erasures: list[int]
    kept: dict[str, int]
    compacted: bool


class ErasureOffice:
    """Writes through one store. `utc_s`: the time by which retention is reckoned."""

    def __init__(
        self, store: Store, utc_s: Callable[[], int], holders: Sequence[Holder], kept: Remembered, audit: KeyAudit
    ):
        self._store = store
        self._utc_s = utc_s
        self._holders = holders
        self._kept = kept
        self._audit = audit

    def order(self, caller: Caller, key: str, ground: str) -> OrderRow:
        """Ask for an erasure; another person must approve. Problem without a ground, or when nobody is known so."""
        _named(caller)
        ground = ground.strip()
        with self._store.write() as transaction:
            subject = _known(transaction, key)
            if any(word in ground for word in subject.identifiers()):
                raise not_valid(
                    "#/ground", "the ground stays in the log for good: name the person's right, not the person"
                )
            return transaction.erasing.open_order(self._utc_s(), caller.name, key, ground)

    def approve(self, caller: Caller, number: int) -> Done:
        """Do what another person asked for."""
        _named(caller)
        with self._store.write() as transaction:
            order = _open(transaction, number)
            if same_person(order.opened_by, caller.name):
                raise Problem(
                    403, "second-person", f"{caller.name} asked for erasure {number}: somebody else approves it."
                )
            subject = _known(transaction, order.subject)
            if reasons := needed(transaction, self._holders, subject):
                raise Problem(409, "still-needed", f"Not yet: {'; '.join(reasons)}.")
            said = Said(order.opened_by, caller.name, order.ground, self._utc_s())
            erasure, records = self._erase(transaction, subject, said)
            transaction.erasing.close_order(number, "done", caller.name, said.utc_s, erasure)
        self._audit.forget(subject.identifiers(), f"(erased {erasure})")
        return Done(1, records, [erasure], {}, self.compact())

    def refuse(self, caller: Caller, number: int) -> OrderRow:
        """Close an order without an erasure."""
        _named(caller)
        with self._store.write() as transaction:
            _open(transaction, number)
            transaction.erasing.close_order(number, "refused", caller.name, self._utc_s(), 0)
            found = transaction.erasing.order(number)
        assert found is not None
        return found

    def orders(self, after: int, limit: int) -> list[OrderRow]:
        """Return orders, oldest first."""
        with self._store.read() as transaction:
            return transaction.erasing.orders(after, limit)

    def retention(self, caller: Caller) -> Done:
        """Erase everyone whose retention is over; whose data are still needed stays, and is counted."""
        now_s = self._utc_s()
        with self._store.read() as transaction:
            found = due(transaction, now_s // DAY_S)
        persons, records, erasures, kept = 0, 0, list[int](), dict[str, int]()
        for at in range(0, len(found), AT_ONCE):
            with self._store.write() as transaction:
                some = [whole(transaction, one) for one in found[at : at + AT_ONCE]]
                free = [one for one in some if not _note(kept, needed(transaction, self._holders, one))]
                together = Subject()
                for one in free:
                    together = together.joined(one)
                if not together:
                    continue
                said = Said(caller.name, "", RETENTION, now_s)
                erasure, gone = self._erase(transaction, together, said)
            self._audit.forget(together.identifiers(), f"(erased {erasure})")
            persons, records, erasures = persons + len(free), records + gone, [*erasures, erasure]
        return Done(persons, records, erasures, kept, self.compact())

    def compact(self) -> bool:
        """Take from the files what the tables no longer hold; return False if readers kept it from being done."""
        with self._store.read() as transaction:
            if not transaction.erasing.flag(COMPACT_DUE):
                return True
        if not self._store.compact():
            return False
        with self._store.write() as transaction:
            transaction.erasing.set_flag(COMPACT_DUE, False)
        return True

    def _erase(self, transaction: Transaction, subject: Subject, said: Said) -> tuple[int, int]:
        """Return the number of the erasure, and how many records it took."""
        entry = erase(transaction, self._holders, Wanted(subject), said)
        self._kept.add(self._store.log_id, entry)
        return entry.number, len(entry.places)


def _note(kept: dict[str, int], reasons: list[str]) -> bool:
    for why in reasons[:1]:
        kept[why] = kept.get(why, 0) + 1
    return bool(reasons)


def _named(caller: Caller) -> None:
    if not signed_in(caller):
        raise Problem(
            403, "needs-a-person", f"The token of {caller.name} is nobody's: a person signs in and does this."
        )


def _known(transaction: Transaction, key: str) -> Subject:
    subject = find(transaction, key)
    if not subject:
        raise Problem(404, "unknown-person", "Nobody is known by this reference, application or card.")
    return subject


def _open(transaction: Transaction, number: int) -> OrderRow:
    order = transaction.erasing.order(number)
    if order is None:
        raise Problem(404, "unknown-order", f"There is no erasure {number} that was asked for.")
    if order.state != "open":
        raise Problem(409, "order-closed", f"Erasure {number} is {order.state} already.")
    return order
