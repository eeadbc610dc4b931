"""Rows of a person in the tables of the office: one look for what is held, one sweep for what is erased.

Each table says by what its rows are found, and what becomes of them. What figures count stays, with a mark where
somebody was named; the rest goes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from gateway.central.store.parts import chunks
from gateway.central.store.tables_applications import APPLICATIONS, DECISIONS, PERSON_CASES, PERSONS
from gateway.central.store.tables_exchange import EXCHANGE_BATCHES, EXCHANGE_CASES, EXCHANGE_MESSAGES
from gateway.central.store.tables_programmes import CERTIFICATES, CONTRACTS, DIPLOMAS
from gateway.central.store.tables_reception import STAY_EVENTS, STAYS, TRAVEL_PASSES
from gateway.central.store.tables_reviews import GATEWAY_STEPS, REVIEW_EVENTS, REVIEWS

Row = dict[str, Any]
Place = tuple[int, int, int]  # board, epoch, sequence
WITHDRAWN = "withdrawn"  # of `cases.questions`
MARK = object()  # in the place of a value: the erasure's mark
NUMBERED = object()  # the mark and a number: where the value is a key


@dataclass(frozen=True)
class Holding:
    """A table. `by`: its columns that name something of a person, and of what kind.

    `gives`: (kind, column) of further names that its rows bring in. `becomes`: what its columns become; nothing: its
    rows go. `hidden`: not for reading.
    """

    heading: str
    table: Table
    by: Mapping[str, str]
    gives: tuple[str, str] | None = None
    becomes: Mapping[str, Any] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


HOLDINGS = (
    Holding("Person", PERSONS, {"reference": "person"}),
    Holding("Cases about the person", PERSON_CASES, {"person": "person"}),
    Holding(
        "Applications as the office keeps them",
        APPLICATIONS,
        {"application_id": "application", "person": "person"},
        ("application", "application_id"),
        {"application_id": NUMBERED, "person": MARK, "reason": ""},
    ),
    Holding("Decisions", DECISIONS, {"application_id": "application"}, None, {"application_id": MARK, "reason": ""}),
    Holding("Contracts", CONTRACTS, {"person": "person"}, ("contract", "contract_id"), {"person": MARK}),
    Holding(
        "Certificates and appraisals",
        CERTIFICATES,
        {"contract_id": "contract"},
        None,
        {"content": b"", "sha256": "", "size_bytes": 0},
        ("content",),
    ),
    Holding(
        "Diplomas", DIPLOMAS, {"person": "person"}, None, {"diploma_id": NUMBERED, "person": MARK, "against": None}
    ),
    Holding(
        "Reception",
        STAYS,
        {"person": "person", "application_id": "application"},
        ("stay", "stay_id"),
        {"stay_id": NUMBERED, "person": MARK, "application_id": "", "reason": ""},
    ),
    Holding("What happened at a station", STAY_EVENTS, {"stay_id": "stay"}),
    Holding(
        "Questions and reviews",
        REVIEWS,
        {"number": "review", "card_uid": "card", "permit": "application"},
        ("review", "number"),
        {"card_uid": "", "permit": "", "detail": "", "evidence": "", "evidence_sha256": ""},
    ),
    Holding("What happened in reviews", REVIEW_EVENTS, {"review": "review"}, None, {"body": "{}"}),
    Holding(
        "What happened in reviews at gateways",
        GATEWAY_STEPS,
        {"number": "step", "card_uid": "card"},
        None,
        {"card_uid": "", "body": "{}"},
    ),
    Holding(
        "Exchange with the other side",
        EXCHANGE_CASES,
        {"person": "person", "application_id": "application"},
        ("case", "case_id"),
        {"subject": MARK, "person": MARK, "application_id": ""},
    ),
    Holding(
        "Messages of the exchange",
        EXCHANGE_MESSAGES,
        {"case_id": "case"},
        ("batch", "batch"),
        {"text": MARK, "ground": ""},
    ),
    # A file that went out holds several persons' messages, and is exact or nothing: it goes as a whole, its hash stays.
    Holding(
        "Files of the exchange", EXCHANGE_BATCHES, {"number": "batch"}, None, {"content": b"", "size": 0}, ("content",)
    ),
    Holding("Travel passes", TRAVEL_PASSES, {"stay_id": "stay"}, None, {"number": NUMBERED, "stay_id": MARK}),
)
NAMES = ("name", "contact")  # of PERSONS: words by which somebody is found


@dataclass(frozen=True)
class Named:
    """By what a person's rows are found: references, applications, cards, places of crossings."""

    refs: Iterable[str]
    applications: Iterable[str]
    cards: Iterable[str]
    places: Iterable[Place]


class HoldingRows:
    """What a person's rows are is found anew each time: nothing is remembered of anybody."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def known(self, ref: str) -> bool:
        """Return True if some table names a person by this reference."""
        columns = [
            (one.table, one.table.c[name]) for one in HOLDINGS for name, kind in one.by.items() if kind == "person"
        ]
        return any(
            self._connection.execute(select(column).where(column == ref).limit(1)).first() for _, column in columns
        )

    def names(self, refs: Iterable[str]) -> set[str]:
        """Return names and ways to reach persons."""
        found: set[str] = set()
        for some in chunks(sorted(refs)):
            query = select(*(PERSONS.c[name] for name in NAMES)).where(PERSONS.c.reference.in_(some))
            found |= {word for row in self._connection.execute(query) for word in row if word}
        return found

    def applications_of(self, refs: Iterable[str]) -> set[str]:
        """Return the numbers of these persons' applications."""
        found: set[str] = set()
        for some in chunks(sorted(refs)):
            query = select(APPLICATIONS.c.application_id).where(APPLICATIONS.c.person.in_(some))
            found |= {number for (number,) in self._connection.execute(query)}
        return found

    def persons_of(self, applications: Iterable[str]) -> set[str]:
        """Return the references of whoever made these applications."""
        found: set[str] = set()
        for some in chunks(sorted(applications)):
            query = select(APPLICATIONS.c.person).where(APPLICATIONS.c.application_id.in_(some))
            found |= {ref for (ref,) in self._connection.execute(query) if ref}
        return found

    def held(self, named: Named) -> list[tuple[str, list[Row]]]:
        """Return (heading, rows) of every table."""
        ids = self._ids(named)
        return [(one.heading, [_shown(one, row) for row in self._rows(one, ids)]) for one in HOLDINGS]

    def needed(self, named: Named) -> str:
        """Return why a person's data are needed still, "" if they are not."""
        ids = self._ids(named)
        reasons = (
            (PERSON_CASES, "a case is pending", lambda row: row["closed_on"] is None),
            (STAYS, "the person is at a reception station", lambda row: row["state"] == "here"),
            (REVIEWS, "a question is open", lambda row: row["waits"]),
            (EXCHANGE_CASES, "a case is put to the other side", lambda row: not row["closed_on"]),
        )
        for table, why, holds in reasons:
            if any(holds(row) for row in self._rows(_of(table), ids)):
                return why
        return ""

    def last_days(self) -> list[tuple[str, str, str]]:
        """Return (reference, application or "", last day) of every stay, contract and diploma."""
        queries = (
            select(STAYS.c.person, STAYS.c.application_id, STAYS.c.due_on),
            select(STAYS.c.person, STAYS.c.application_id, STAYS.c.ended_on).where(STAYS.c.ended_on.is_not(None)),
            select(CONTRACTS.c.person, CONTRACTS.c.state, CONTRACTS.c.ends_on),
            select(DIPLOMAS.c.person, DIPLOMAS.c.title, DIPLOMAS.c.entered_on),
            select(EXCHANGE_CASES.c.person, EXCHANGE_CASES.c.application_id, EXCHANGE_CASES.c.opened_on),
        )
        found = []
        for query in queries:
            of_stays = query.selected_columns[1].name == "application_id"
            for ref, application, day in self._connection.execute(query):
                found.append((str(ref), str(application) if of_stays else "", str(day)))
        return found

    def erase(self, named: Named, mark: str) -> None:
        """Take away what is of a person; rows that figures count stay without them."""
        ids = self._ids(named)
        for one in reversed(HOLDINGS):  # what is found through another table goes first
            for at, row in enumerate(self._rows(one, ids), start=1):
                keys = [column == row[column.name] for column in one.table.primary_key]
                if not one.becomes:
                    self._connection.execute(delete(one.table).where(*keys))
                    continue
                marks: dict[Any, Any] = {MARK: mark, NUMBERED: f"{mark} {at}"}
                values = {name: marks.get(value, value) for name, value in one.becomes.items()}
                if row.get("waits"):
                    values |= {"waits": 0, "state": WITHDRAWN}
                self._connection.execute(update(one.table).where(*keys).values(values))

    def _ids(self, named: Named) -> dict[str, set[Any]]:
        found: dict[str, set[Any]] = {
            "person": set(named.refs),
            "application": set(named.applications),
            "card": set(named.cards),
            "contract": set(),
            "stay": set(),
            "case": set(),
            "batch": set(),
            "review": self._at(REVIEWS, named.places),
            "step": self._at(GATEWAY_STEPS, named.places),
        }
        for one in HOLDINGS:
            if one.gives:
                kind, column = one.gives
                found[kind] |= {row[column] for row in self._rows(one, found) if row[column] is not None}
        return found

    def _at(self, table: Table, places: Iterable[Place]) -> set[Any]:
        """Return the numbers of a table's rows that are about these records."""
        found: set[Any] = set()
        for board, epoch, seq in places:
            at = (table.c.board == board, table.c.epoch == epoch, table.c.seq == seq)
            found |= {number for (number,) in self._connection.execute(select(table.c.number).where(*at))}
        return found

    def _rows(self, one: Holding, ids: Mapping[str, set[Any]]) -> list[Row]:
        found: dict[tuple[Any, ...], Row] = {}
        for name, kind in one.by.items():
            for some in chunks(sorted(ids[kind])):
                query = select(one.table).where(one.table.c[name].in_(some))
                for row in self._connection.execute(query.order_by(*one.table.primary_key)).mappings():
                    found[tuple(row[column.name] for column in one.table.primary_key)] = dict(row)
        return [found[key] for key in sorted(found)]


def _of(table: Table) -> Holding:
    return next(one for one in HOLDINGS if one.table is table)


def _shown(one: Holding, row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in one.hidden}
