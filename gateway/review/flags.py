"""Raises a question for a person, in the transaction of whoever found what asks for one."""

from gateway.review.evidence import Evidence, canonical, digest, of_question
from gateway.store.reviews import EventRow, Question
from gateway.store.store import Store

OPENED = "opened"
RAISED_AGAIN = "raised-again"


def about_record(kind: str, board: int, epoch: int, seq: int) -> Question:
    """Return a question about a record of a board, such as a crossing."""
    return Question(kind, "", board, epoch, seq)


def about_card(kind: str, card_uid: str) -> Question:
    """Return a question about a card (upper-case hex), which is none about the person who carries it."""
    return Question(kind, card_uid)


def raise_flag(store: Store, question: Question, at_s: int, detail: str = "", evidence: Evidence | None = None) -> bool:
    """Raise a question; return True if it opened a review.

    Its evidence (by default what is held of the record or card) is frozen as it is now. While its review is open, the
    same question adds to it what is new; after a disposition it opens the next review. `detail` says what was found:
    the same words again are no news.
    """
    held = store.reviews.flag(question)
    if held and held.detail == detail:
        return False
    text = canonical({"question": question.kind, "detail": detail} | dict(evidence or of_question(store, question)))
    opened = EventRow(at_s, "", OPENED, canonical({"detail": detail, "evidence_sha256": digest(text)}))
    if held is None:
        flag_id = store.reviews.add_flag(question, at_s, detail)
    else:
        flag_id = held.id
        store.reviews.set_flag(flag_id, "open", detail)
        review = store.reviews.open_of(flag_id)
        if review is not None:
            store.reviews.add_event(review.id, EventRow(at_s, "", RAISED_AGAIN, text))
            return False
    store.reviews.add_event(store.reviews.add(flag_id, at_s, text, digest(text)), opened)
    return True
