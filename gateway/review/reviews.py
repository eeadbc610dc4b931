"""A named person looks at a question: takes it, hears the traveller, decides with a reason; an appeal reopens it."""

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from gateway.errors import OperatorError
from gateway.review.evidence import canonical, digest
from gateway.store.reviews import EventRow, ReviewRow
from gateway.store.store import Store

OPEN = "open"
TAKEN = "taken"
DECIDED = "decided"

PERMITTED_AFTER_ALL = "permitted-after-all"
REGULARISED = "regularised"  # a permit is issued
VOLUNTARY_RETURN = "voluntary-return"
RETURNED = "returned"
REFERRED_TO_COURT = "referred-to-court"
OUR_ERROR = "our-error"
DISPOSITIONS = (PERMITTED_AFTER_ALL, REGULARISED, VOLUNTARY_RETURN, RETURNED, REFERRED_TO_COURT, OUR_ERROR)

MAX_TEXT = 4000  # characters of a statement or reason: two pages
MAX_PERSON = 64  # characters of a person's name
ERASED = "{}"  # evidence: every other names at least its question
MAX_LIST = 200  # reviews at once: several screens


class ReviewError(OperatorError):
    """A step that a review does not allow; the message says why and what to do."""


@dataclass(frozen=True)
class Event:
    """One step. `person` is empty for what the gateway itself did; `body`: its words, such as `text` or `reason`."""

    at_s: int
    person: str
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Review:
    """A review as it stands, its evidence as it was when it opened, and all that happened in it, oldest first.

    `kind`: of the question; about a card when `card_uid` is set, else about the record (board, epoch, seq).
    `intact`: the evidence still has the digest that was noted when the review opened.
    """

    id: int
    kind: str
    card_uid: str
    board: int
    epoch: int
    seq: int
    detail: str
    opened_s: int
    state: str
    reviewer: str
    disposition: str
    reason: str
    decided_s: int | None
    evidence: dict[str, Any]
    evidence_sha256: str
    intact: bool
    events: tuple[Event, ...]

    @property
    def statements(self) -> list[Event]:
        """Return what the traveller said."""
        return [event for event in self.events if event.kind == "statement"]

    @property
    def deciders(self) -> set[str]:
        """Return who decided it so far."""
        return {event.person for event in self.events if event.kind == "decided"}


class Reviews:
    """The reviews of one store. Every step is one transaction and appends to the history; nothing is deleted."""

    def __init__(self, store: Store):
        self._store = store

    def list_open(self, after: int = 0, limit: int = 50) -> list[Review]:
        """Return up to `limit` (at most MAX_LIST) reviews that wait, oldest first, behind number `after`."""
        return [self._full(row) for row in self._store.reviews.waiting(after, min(limit, MAX_LIST))]

    def list_decided(self, limit: int = 50) -> list[Review]:
        """Return up to `limit` (at most MAX_LIST) decided reviews, newest questions first."""
        return [self._full(row) for row in self._store.reviews.decided(min(limit, MAX_LIST))]

    def of_record(self, board: int, epoch: int, seq: int) -> list[Review]:
        """Return every review of a record, decided ones too, oldest first."""
        return [self._full(row) for row in self._store.reviews.of_record(board, epoch, seq)]

    def get(self, review_id: int) -> Review:
        """Return a review; ReviewError when there is none of that number."""
        return self._full(self._row(review_id))

    def take(self, review_id: int, person: str, at_s: int, instead_of: str = "") -> Review:
        """Make `person` the reviewer; one that another has is taken over only by naming them in `instead_of`."""
        person = _named(person)
        with self._store.transaction():
            row = self._waiting(review_id)
            if row.reviewer and row.reviewer not in (person, instead_of):
                raise ReviewError(
                    f"Review {review_id} is with {row.reviewer}; ask them, or take it over in their stead."
                )
            self._not_decided_by(review_id, person)
            if row.reviewer != person:
                self._store.reviews.set(review_id, TAKEN, person)
                self._note(review_id, at_s, person, "taken", {"instead_of": row.reviewer} if row.reviewer else {})
        return self.get(review_id)

    def add_statement(self, review_id: int, text: str, person: str, at_s: int) -> Review:
        """Append what the traveller says, as `person` wrote it down; also after the disposition."""
        person, text = _named(person), _text(text, "statement")
        with self._store.transaction():
            self._not_erased(review_id)
            self._note(review_id, at_s, person, "statement", {"text": text})
        return self.get(review_id)

    def decide(self, review_id: int, disposition: str, reason: str, person: str, at_s: int) -> Review:
        """Close a review that `person` has, with one of DISPOSITIONS and its reason."""
        person, reason = _named(person), _text(reason, "reason")
        if disposition not in DISPOSITIONS:
            raise ReviewError(f"There is no disposition {disposition!r}; choose one of {', '.join(DISPOSITIONS)}.")
        with self._store.transaction():
            row = self._waiting(review_id)
            if row.reviewer != person:
                raise ReviewError(f"Review {review_id} is with {row.reviewer or 'nobody'}; {person} takes it first.")
            self._store.reviews.decide(review_id, disposition, reason, at_s)
            self._store.reviews.set_flag(row.flag_id, DECIDED, row.detail)
            self._note(review_id, at_s, person, "decided", {"disposition": disposition, "reason": reason})
        return self.get(review_id)

    def appeal(self, review_id: int, ground: str, person: str, at_s: int) -> Review:
        """Reopen a decided review on the traveller's `ground`, as `person` wrote it down; another person decides it."""
        person, ground = _named(person), _text(ground, "ground of the appeal")
        with self._store.transaction():
            row = self._not_erased(review_id)
            if row.state != DECIDED:
                raise ReviewError(f"Review {review_id} is not decided yet; add the traveller's statement to it.")
            newer = self._store.reviews.open_of(row.flag_id)
            if newer is not None:
                raise ReviewError(f"The same question is open again as review {newer.id}; add the statement there.")
            self._store.reviews.set(review_id, OPEN, "")
            self._store.reviews.set_flag(row.flag_id, OPEN, row.detail)
            self._note(review_id, at_s, person, "appealed", {"ground": ground})
        return self.get(review_id)

    def _not_decided_by(self, review_id: int, person: str) -> None:
        if _key(person) in map(_key, self.get(review_id).deciders):
            raise ReviewError(f"{person} decided review {review_id} before; after an appeal another person takes it.")

    def _row(self, review_id: int) -> ReviewRow:
        row = self._store.reviews.get(review_id)
        if row is None:
            raise ReviewError(f"There is no review {review_id}; look at the list again.")
        return row

    def _not_erased(self, review_id: int) -> ReviewRow:
        row = self._row(review_id)
        if row.evidence == ERASED:  # words would bring back whom it was about
            raise ReviewError(f"Review {review_id} was erased with the person it was about; nothing is added to it.")
        return row

    def _waiting(self, review_id: int) -> ReviewRow:
        row = self._row(review_id)
        if row.state == DECIDED:
            raise ReviewError(f"Review {review_id} was decided as {row.disposition}; an appeal reopens it.")
        return row

    def _note(self, review_id: int, at_s: int, person: str, kind: str, body: dict[str, Any]) -> None:
        event = self._store.reviews.add_event(review_id, EventRow(at_s, person, kind, canonical(body)))
        self._store.outbox.add_step(event)

    def _full(self, row: ReviewRow) -> Review:
        events = tuple(
            Event(event.at_s, event.person, event.kind, json.loads(event.body))
            for event in self._store.reviews.events(row.id)
        )
        values = row._asdict()
        del values["flag_id"]
        intact = digest(row.evidence) == row.evidence_sha256
        return Review(**(values | {"evidence": json.loads(row.evidence)}), intact=intact, events=events)


def _key(person: str) -> str:
    """Return a name as it is compared: whoever spells theirs otherwise is no other person."""
    return " ".join(unicodedata.normalize("NFKC", person).casefold().split())


def _named(person: str) -> str:
    person = person.strip()
    if not person or len(person) > MAX_PERSON:
        raise ReviewError(f"A step in a review needs the name of a person, of at most {MAX_PERSON} characters.")
    return person


def _text(text: str, what: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        raise ReviewError(f"The {what} is empty or longer than {MAX_TEXT} characters; write it in fewer words.")
    return text
