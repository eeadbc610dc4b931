"""Rows of reviews: opened with frozen evidence, listed by when they are due, their history only ever added to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, select, tuple_, update

from gateway.central.store.add import Add
from gateway.central.store.among import Among
from gateway.central.store.parts import chunks
from gateway.central.store.tables_applications import APPLICATIONS
from gateway.central.store.tables_reviews import REVIEW_EVENTS, REVIEWS, WAITS


class Question(NamedTuple):
    """What is asked: a kind, about a record (board, epoch, seq) or about a card (the numbers 0)."""

    kind: str
    card_uid: str = ""
    board: int = 0
    epoch: int = 0
    seq: int = 0


class Newest(NamedTuple):
    """The newest review of a question. `detail`: as it was raised last."""

    number: int
    waits: bool
    state: str
    reviewer: str
    detail: str


class NewReview(NamedTuple):
    """A review to be opened; the fields are columns."""

    question: Question
    crossing_point: str
    permit: str
    detail: str
    opened_s: int
    due_s: int
    evidence: str
    evidence_sha256: str


class ReviewRow(NamedTuple):
    """A review as it stands; the fields are the columns of the table, in its order."""

    number: int
    kind: str
    card_uid: str
    board: int
    epoch: int
    seq: int
    crossing_point: str
    permit: str
    detail: str
    opened_s: int
    due_s: int
    evidence: str
    evidence_sha256: str
    waits: int
    state: str
    reviewer: str
    disposition: str
    decided_s: int | None


class EventRow(NamedTuple):
    """One thing that happened in a review."""

    at_s: int
    person: str
    kind: str
    body: str


_NEWEST = (
    REVIEWS.c.kind,
    REVIEWS.c.card_uid,
    REVIEWS.c.board,
    REVIEWS.c.epoch,
    REVIEWS.c.seq,
    REVIEWS.c.number,
    REVIEWS.c.waits,
    REVIEWS.c.state,
    REVIEWS.c.reviewer,
    REVIEWS.c.detail,
)
# Built once: each batch asks these.
_OF_RECORDS = Among(
    select(*_NEWEST)
    .where(REVIEWS.c.board == bindparam("board"), REVIEWS.c.epoch == bindparam("epoch"))
    .order_by(REVIEWS.c.number),
    REVIEWS.c.seq,
)
_OF_CARDS = Among(select(*_NEWEST).where(REVIEWS.c.board == 0).order_by(REVIEWS.c.number), REVIEWS.c.card_uid)
_ADD = Add(REVIEWS, (*Question._fields, *NewReview._fields[1:], "waits", "state", "reviewer", "disposition"))
_ADD_EVENT = Add(REVIEW_EVENTS, ("review", *EventRow._fields))


class ReviewRows:
    """A question has one review at most that waits; nothing is deleted."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def newest(self, questions: Iterable[Question]) -> dict[Question, Newest]:
        """Return the newest review of each question that was raised before."""
        records: dict[tuple[int, int], set[int]] = defaultdict(set)
        cards: set[str] = set()
        for question in questions:
            if question.card_uid:
                cards.add(question.card_uid)
            else:
                records[question.board, question.epoch].add(question.seq)
        found: dict[Question, Newest] = {}
        for (board, epoch), seqs in records.items():
            for some in chunks(sorted(seqs)):
                found |= _found(_OF_RECORDS.run(self._connection, some, board=board, epoch=epoch))
        for uids in chunks(sorted(cards)):
            found |= _found(_OF_CARDS.run(self._connection, uids))
        return found

    def add(self, reviews: Iterable[NewReview]) -> None:
        """Open reviews."""
        _ADD.run(self._connection, [(*review.question, *review[1:], 1, "open", "", "") for review in reviews])

    def get(self, number: int) -> ReviewRow | None:
        """Return a review."""
        return next(iter(self._rows(select(REVIEWS).where(REVIEWS.c.number == number))), None)

    def waiting(self, after: tuple[int, int], limit: int, crossing_point: str = "") -> list[ReviewRow]:
        """Return at most `limit` that wait, of one point or of all, soonest due first, after (due_s, number)."""
        place = tuple_(REVIEWS.c.due_s, REVIEWS.c.number)
        query = select(REVIEWS).where(WAITS, place > tuple_(*after))
        if crossing_point:
            query = query.where(REVIEWS.c.crossing_point == crossing_point)
        return self._rows(query.order_by(REVIEWS.c.due_s, REVIEWS.c.number).limit(limit))

    def decided(self, before: tuple[int, int], limit: int) -> list[ReviewRow]:
        """Return at most `limit` that were decided before (decided_s, number), newest decision first."""
        place = tuple_(REVIEWS.c.decided_s, REVIEWS.c.number)
        query = select(REVIEWS).where(place < tuple_(*before))
        return self._rows(query.order_by(REVIEWS.c.decided_s.desc(), REVIEWS.c.number.desc()).limit(limit))

    def of_record(self, board: int, epoch: int, seq: int) -> list[ReviewRow]:
        """Return every review of a record, oldest first."""
        at = REVIEWS.c.board == board, REVIEWS.c.epoch == epoch, REVIEWS.c.seq == seq
        return self._rows(select(REVIEWS).where(*at).order_by(REVIEWS.c.number))

    def of_permit(self, permit: str) -> list[ReviewRow]:
        """Return every review of a crossing of a permit, oldest first."""
        return self._rows(select(REVIEWS).where(REVIEWS.c.permit == permit).order_by(REVIEWS.c.number))

    def open_about(self, persons: Iterable[str]) -> dict[str, list[int]]:
        """Return the numbers of the reviews that wait about permits of those persons, by person."""
        found: dict[str, list[int]] = defaultdict(list)
        pair = select(APPLICATIONS.c.person, REVIEWS.c.number)
        pair = pair.join(REVIEWS, REVIEWS.c.permit == APPLICATIONS.c.application_id).order_by(REVIEWS.c.number)
        for some in chunks(sorted(set(persons) - {""})):
            query = pair.where(APPLICATIONS.c.person.in_(some), APPLICATIONS.c.application_id != "", WAITS)
            for person, number in self._connection.execute(query):
                found[person].append(number)
        return dict(found)

    def of_card(self, card_uid: str) -> list[ReviewRow]:
        """Return every review about a card, oldest first."""
        return self._rows(select(REVIEWS).where(REVIEWS.c.card_uid == card_uid).order_by(REVIEWS.c.number))

    def counts(self, now_s: int) -> tuple[int, int]:
        """Return how many wait, and how many of them are overdue."""
        count = select(func.count()).select_from(REVIEWS).where(WAITS)
        overdue = count.where(REVIEWS.c.due_s < now_s)
        return self._connection.execute(count).scalar_one(), self._connection.execute(overdue).scalar_one()

    def by_point(self) -> dict[str, int]:
        """Return how many wait, by crossing point."""
        query = select(REVIEWS.c.crossing_point, func.count()).where(WAITS).group_by(REVIEWS.c.crossing_point)
        return {str(row[0]): int(row[1]) for row in self._connection.execute(query)}

    def set(self, number: int, **values: Any) -> None:
        """Write where a review stands."""
        self._connection.execute(update(REVIEWS).where(REVIEWS.c.number == number).values(values))

    def add_events(self, events: Sequence[tuple[int, EventRow]]) -> None:
        """Append what happened, as (number of the review, event)."""
        _ADD_EVENT.run(self._connection, [(number, *event) for number, event in events])

    def events(self, number: int) -> list[EventRow]:
        """Return what happened in a review, oldest first."""
        columns = REVIEW_EVENTS.c.at_s, REVIEW_EVENTS.c.person, REVIEW_EVENTS.c.kind, REVIEW_EVENTS.c.body
        query = select(*columns).where(REVIEW_EVENTS.c.review == number).order_by(REVIEW_EVENTS.c.number)
        return [EventRow(*row) for row in self._connection.execute(query)]

    def erase(self, numbers: Iterable[int]) -> None:
        """Erase what reviews say of a person; that there were reviews, how they ended, and the digests, stay."""
        for some in chunks(sorted(set(numbers))):
            gone = {"evidence": "", "permit": "", "detail": ""}
            self._connection.execute(update(REVIEWS).where(REVIEWS.c.number.in_(some)).values(gone))
            events = update(REVIEW_EVENTS).where(REVIEW_EVENTS.c.review.in_(some))
            self._connection.execute(events.values(body="{}"))

    def _rows(self, query: Select[Any]) -> list[ReviewRow]:
        return [ReviewRow(*row) for row in self._connection.execute(query)]


def _found(rows: list[Any]) -> dict[Question, Newest]:
    return {Question(*row[:5]): Newest(row[5], bool(row[6]), *row[7:]) for row in rows}
