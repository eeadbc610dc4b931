"""Persons who apply, apart from their applications. A name leaves only for a purpose that is written down first."""

from collections.abc import Callable

from gateway.central.access import Caller
from gateway.central.cases.wrong import check_past
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.reads import HEADER, Reads
from gateway.central.store import Store, Transaction
from gateway.central.store.persons import ApplicantRow
from gateway.contract.applications import Person, PersonBody

MAX_FOUND = 20  # persons of a search: who looks for one person needs no list
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: it is read aloud
REFERENCE_SIZE = 10  # 50 bits: among a million persons two draws meet once in a thousand million

Choose = Callable[[str], str]  # a character of these, at random


def fresh_number(prefix: str, choose: Choose) -> str:
    """Return a number that says nothing of what it names, such as `P-7K3M9Q2PXA`."""
    return f"{prefix}-{''.join(choose(ALPHABET) for _ in range(REFERENCE_SIZE))}"


class Persons:
    """Reads and writes through one store."""

    def __init__(self, store: Store, reads: Reads, time: OfficeTime):
        self._store = store
        self._reads = reads
        self._time = time

    def put(self, reference: str, body: PersonBody, caller: Caller) -> Person:
        """Enter a person, or correct name and contact."""
        row = ApplicantRow(reference, body.name, body.contact, self._time.now_s(), caller.name)
        with self._store.write() as transaction:
            transaction.persons.put([row])
        return Person(reference=reference, name=body.name, contact=body.contact)

    def read(self, reference: str, caller: Caller, purpose: str) -> Person:
        """Return a person; the read is written down first. Problem without a purpose, or when nobody is known so."""
        need_purpose(purpose)
        with self._store.read() as transaction:
            row = transaction.persons.get([reference]).get(reference)
        if row is None:
            raise unknown_person(reference)
        self._reads.note(caller, purpose, f"person {reference}", 1, reference)
        return Person(reference=row.reference, name=row.name, contact=row.contact)

    def find(self, name: str, caller: Caller, purpose: str) -> list[Person]:
        """Return at most `MAX_FOUND` persons whose name begins so; the read is written down first."""
        need_purpose(purpose)
        with self._store.read() as transaction:
            rows = transaction.persons.named(name, MAX_FOUND)
        self._reads.note(caller, purpose, "persons by name", len(rows), searched=True)
        return [Person(reference=row.reference, name=row.name, contact=row.contact) for row in rows]

    def open_case(self, reference: str, case_ref: str, opened_on: str) -> None:
        """Note a pending case of a person: nothing is proposed for them until it is closed."""
        check_past("opened_on", opened_on, self._time.today())
        with self._store.write() as transaction:
            transaction.persons.open_case(reference, case_ref, opened_on)

    def close_case(self, reference: str, case_ref: str) -> None:
        """Note that a case is pending no longer; Problem when none was."""
        with self._store.write() as transaction:
            closed = transaction.persons.close_case(reference, case_ref, self._time.today())
        if not closed:
            raise Problem(404, "unknown-case", f"No case {case_ref} is open about {reference}.")


def known_name(transaction: Transaction, reference: str) -> str | None:
    """Return a person's name for a comparison inside the centre; it must not leave it. None: nobody is known so."""
    row = transaction.persons.get([reference]).get(reference)
    return row.name if row else None


def need_purpose(purpose: str) -> None:
    """Return if a purpose is given; a name is read by nobody without one, a machine neither."""
    if not purpose.strip():
        errors = [{"pointer": f"header: {HEADER}", "detail": "say why you read a name"}]
        raise Problem(422, "purpose-missing", f"Say why you read a name, in {HEADER}.", errors=errors)


def unknown_person(reference: str) -> Problem:
    """Return the problem of a reference that names nobody."""
    return Problem(404, "unknown-person", f"Nobody is known as {reference}.")
