"""What a review rests on: the facts as they were when the question was raised, as canonical JSON and its digest."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from checkpost import reasons as why
from checkpost.anchor import CLOCKS
from checkpost.dates import format_local
from checkpost.record import ASSURANCES, DIRECTIONS, OUTCOMES
from checkpost.rules import Verdict
from checkpost.source import SOURCES
from gateway.store.reviews import Question
from gateway.store.store import Store
from gateway.verdict.facts import CrossingRow

Evidence = Mapping[str, Any]
MAX_CROSSINGS = 50  # the newest of a card: more tell a person nothing, and the evidence stays a few kilobytes


def canonical(evidence: Evidence) -> str:
    """Return JSON of one form only: keys sorted, no white space, UTF-8."""
    return json.dumps(evidence, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """Return the SHA-256 of canonical JSON, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def of_verdict(store: Store, row: CrossingRow, verdict: Verdict) -> Evidence:
    """Return the facts of a judged crossing: its record, the verdict, its card and permit as they are known now."""
    policy = store.knowledge.policy()
    said = {
        "verdict": why.VERDICTS[verdict.verdict],
        "reasons": verdict.reason_names(),
        "notes": verdict.note_names(),
        "unchecked": why.names(verdict.unchecked, why.CAUSES),
        "rule_version": verdict.rule_version,
        "policy_version": policy.version if policy else 0,
    }
    return (
        _record(store, row.board, row.epoch, row.seq)
        | {"crossing": crossing(row), "judged": said}
        | ({"beside": _beside(store, verdict.beside)} if verdict.beside else {})
        | _permit(store, row.card_uid)
    )


def of_question(store: Store, question: Question) -> Evidence:
    """Return the facts of a question about a record, or about a card: the card, its permit, its newest crossings."""
    if not question.card_uid:
        return _record(store, question.board, question.epoch, question.seq)
    newest = store.records.newest_of_card(question.card_uid, MAX_CROSSINGS)
    return _permit(store, question.card_uid) | {"crossings": [crossing(row) for row in newest]}


def crossing(row: CrossingRow) -> dict[str, Any]:
    """Return a stored crossing in words."""
    shown = why.names(row.board_reasons, why.REASONS) + why.names(row.board_causes, why.CAUSES)
    return {
        "board": row.board,
        "epoch": row.epoch,
        "seq": row.seq,
        "crossing_point": row.crossing_point,
        "card_uid": row.card_uid,
        "local_time": format_local(row.utc_s, row.offset),
        "clock": CLOCKS[row.trust],
        "direction": DIRECTIONS[row.direction],
        "party": row.outcome_party or row.party,
        "assurance": ASSURANCES[row.assurance],
        "board_verdict": why.VERDICTS[row.board_verdict],
        "board_reasons": shown,
        "outcome": OUTCOMES[row.outcome],
        "source": SOURCES[row.source],
    }


def _beside(store: Store, key: tuple[int, int, int]) -> dict[str, Any]:
    """Return what perhaps says the same crossing; of one at another gateway its key alone."""
    row = store.records.crossing(*key)
    return crossing(row) if row else dict(zip(("board", "epoch", "seq"), key, strict=True))


def _record(store: Store, board: int, epoch: int, seq: int) -> dict[str, Any]:
    raw = store.records.raw(board, epoch, seq, 1)
    return {"board": board, "epoch": epoch, "seq": seq, "record": raw[0].hex() if raw else None}


def _permit(store: Store, card_uid: str) -> dict[str, Any]:
    card = store.knowledge.card(card_uid) if card_uid else None
    application = store.knowledge.application(card.application_id) if card else None
    return {
        "card": card.model_dump() if card else None,
        "application": application.model_dump() if application else None,
    }
