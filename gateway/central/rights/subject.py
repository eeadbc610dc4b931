"""Who is meant: a person as the centre knows one, found from a reference, an application or a card."""

from dataclasses import dataclass

from gateway.central.store import Transaction
from gateway.central.store.holdings import Named, Place


@dataclass(frozen=True)
class Subject:
    """A person's references, applications and cards. All of them identify; `words`: names, and ways to reach them."""

    refs: frozenset[str] = frozenset()
    applications: frozenset[str] = frozenset()
    cards: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    places: frozenset[Place] = frozenset()  # of crossings

    def __bool__(self) -> bool:
        return bool(self.refs or self.applications or self.cards)

    def identifiers(self) -> list[str]:
        """Return everything by which somebody could be found, the longest first: a short one may lie in a long one."""
        return sorted(self.refs | self.applications | self.cards | self.words, key=lambda word: (-len(word), word))

    def joined(self, other: "Subject") -> "Subject":
        """Return both as one."""
        return Subject(
            self.refs | other.refs,
            self.applications | other.applications,
            self.cards | other.cards,
            self.words | other.words,
            self.places | other.places,
        )

    def named(self) -> Named:
        """Return by what this person's rows are found."""
        return Named(self.refs, self.applications, self.cards, self.places)


def find(transaction: Transaction, key: str) -> Subject:
    """Return whoever a reference, an application's number or a card's UID belongs to; an empty one: nobody is known.

    A card that nobody issued is a subject of its own: what it did is held, too.
    """
    card = transaction.knowledge.get("card", [key.upper()]).get(key.upper())
    start = {str(card["application_id"])} if card else {key}
    applications = set(transaction.knowledge.get("application", start))
    refs = _refs(transaction, applications | start)
    if transaction.holdings.known(key) or transaction.knowledge.naming("application", key, "applicant_ref"):
        refs.add(key)
    for ref in refs:
        applications |= {body["application_id"] for body in transaction.knowledge.naming("application", ref)}
    applications |= transaction.holdings.applications_of(refs)
    cards = {body["card_uid"] for one in applications for body in transaction.knowledge.naming("card", one)}
    if card or (not applications and transaction.crossings.of_cards([key.upper()])):
        cards.add(key.upper())
    return whole(transaction, Subject(frozenset(refs), frozenset(applications), frozenset(cards)))


def whole(transaction: Transaction, subject: Subject) -> Subject:
    """Return a subject with the references of its applications, its names, and the places of its crossings."""
    refs = subject.refs | _refs(transaction, subject.applications)
    states = transaction.crossings.of_cards(subject.cards) + transaction.crossings.of_permits(subject.applications)
    places = subject.places | {(state.board, state.epoch, state.seq) for state in states}
    return Subject(refs, subject.applications, subject.cards, frozenset(transaction.holdings.names(refs)), places)


def _refs(transaction: Transaction, applications: set[str] | frozenset[str]) -> set[str]:
    bodies = transaction.knowledge.get("application", applications).values()
    named = {str(body["applicant_ref"]) for body in bodies} - {""}
    return named | transaction.holdings.persons_of(applications)
