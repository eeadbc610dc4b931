"""What each area of the office holds on a person: shown, kept back for a reason, or erased, in one interface."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from gateway.central.cases.naming import WORD, occurring, without
from gateway.central.crossing import CrossingState
from gateway.central.proofs import told
from gateway.central.rights.subject import Subject
from gateway.central.store import Transaction
from gateway.central.store.holdings import HOLDINGS
from gateway.central.store.texts import Text

Row = dict[str, Any]
Part = tuple[str, list[Row]]  # a heading for people, and the rows under it
MAX_READS = 10_000  # of one person, in one file: a read a day for 27 years


class Holder(Protocol):
    """An area of tables with personal data. A test names every table of the store and who answers for it."""

    tables: tuple[str, ...]

    def held(self, transaction: Transaction, subject: Subject) -> Sequence[Part]:
        """Return everything that is held on a person."""

    def needed(self, transaction: Transaction, subject: Subject) -> str:
        """Return why it cannot be erased yet, "" if nothing stands against it."""

    def erase(self, transaction: Transaction, subject: Subject, mark: str) -> None:
        """Take away what identifies a person; `mark` may stand in its place."""


class Log:
    """What boards and gateways work with; `gateway.central.rights.erasing` erases it itself."""

    tables: tuple[str, ...] = (
        "knowledge",
        "knowledge_past",
        "crossings",
        "feed",
        "frequent",
        "leaves",
        "records",
        "corrections",
    )

    def held(self, transaction: Transaction, subject: Subject) -> Sequence[Part]:
        """Return permits, cards, crossings, corrections and the boards' own records."""
        states = crossings_of(transaction, subject)
        return (
            ("Permits", list(transaction.knowledge.get("application", subject.applications).values())),
            ("Cards", list(transaction.knowledge.get("card", subject.cards).values())),
            ("Crossings", [{"position": state.position} | state.shown() for state in states]),
            ("Corrections", _corrections(transaction, subject, states)),
            ("Records of the boards", [_raw(transaction, at) for state in states for at in told(transaction, state)]),
        )

    def needed(self, transaction: Transaction, subject: Subject) -> str:
        """Return ""."""
        return ""

    def erase(self, transaction: Transaction, subject: Subject, mark: str) -> None:
        """Leave it to the erasure."""


class OfficeTables:
    """What programmes, reception and the rest of the office keep: see `gateway.central.store.holdings`."""

    tables: tuple[str, ...] = tuple(one.table.name for one in HOLDINGS)

    def held(self, transaction: Transaction, subject: Subject) -> Sequence[Part]:
        """Return the rows of every table."""
        return transaction.holdings.held(subject.named())

    def needed(self, transaction: Transaction, subject: Subject) -> str:
        """Return why these tables need the person still."""
        return transaction.holdings.needed(subject.named())

    def erase(self, transaction: Transaction, subject: Subject, mark: str) -> None:
        """Take the person out of every table."""
        transaction.holdings.erase(subject.named(), mark)


class Texts:
    """Where the person is named in words about others: the text stays, a mark stands for the name."""

    tables: tuple[str, ...] = ()  # those of `OfficeTables`

    def held(self, transaction: Transaction, subject: Subject) -> Sequence[Part]:
        """Return where such texts stand: what else they say may be another person's."""
        return (
            ("Texts that name the person", [{"where": one.place} for one, _ in self._naming(transaction, subject)]),
        )

    def needed(self, transaction: Transaction, subject: Subject) -> str:
        """Return ""."""
        return ""

    def erase(self, transaction: Transaction, subject: Subject, mark: str) -> None:
        """Put a mark in the person's place."""
        found = self._naming(transaction, subject)
        transaction.texts.put(replace(one, text=without(one.text, names, mark)) for one, names in found)

    def _naming(self, transaction: Transaction, subject: Subject) -> list[tuple[Text, set[str]]]:
        persons = transaction.persons.get(subject.refs).values()
        known = subject.refs | subject.applications | subject.cards | {person.name for person in persons}
        folded = {name.casefold() for name in known if WORD.search(name)}
        if not folded:
            return []
        return [(one, names) for one in transaction.texts.all() if (names := occurring(one.text, folded))]


class Reads:
    """Who read a person's data: the reads stay, without the person."""

    tables: tuple[str, ...] = ("reads",)

    def held(self, transaction: Transaction, subject: Subject) -> Sequence[Part]:
        """Return the reads of this person's data alone."""
        words = subject.identifiers()
        rows = transaction.people.reads(0, MAX_READS, words) if words else []
        shown = [{"utc_s": row.utc_s, "who": row.name, "what": row.what, "why": row.why} for row in rows]
        return (("Who read these data", shown),)

    def needed(self, transaction: Transaction, subject: Subject) -> str:
        """Return "": a read keeps nobody here."""
        return ""

    def erase(self, transaction: Transaction, subject: Subject, mark: str) -> None:
        """Put a mark in the person's place."""
        transaction.people.forget_reads(subject.identifiers(), mark)


def crossings_of(transaction: Transaction, subject: Subject) -> list[CrossingState]:
    """Return every crossing of a person, in the order of time."""
    found = transaction.crossings.of_cards(subject.cards) + transaction.crossings.of_permits(subject.applications)
    states = {(state.board, state.epoch, state.seq): state for state in found}
    return sorted(states.values(), key=lambda state: state.key)


def every_holder() -> tuple[Holder, ...]:
    """Return who holds what, in the order in which a person reads it."""
    return (Log(), Texts(), OfficeTables(), Reads())  # texts are read while the person's name is known


def _corrections(transaction: Transaction, subject: Subject, states: Sequence[CrossingState]) -> list[Row]:
    found = transaction.corrections.of("crossing", [f"{one.board}/{one.epoch}/{one.seq}" for one in states])
    found += transaction.corrections.of("application", subject.applications)
    return sorted(found, key=lambda row: int(row["number"]))


def _raw(transaction: Transaction, at: tuple[int, int, int]) -> Row:
    board, epoch, seq = at
    raw = transaction.log.records(board, epoch, seq, seq)[0]
    return {"board": board, "epoch": epoch, "seq": seq, "raw": raw.hex()}
