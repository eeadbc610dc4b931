"""What a review rests on: the facts as they were when its question was raised, as canonical JSON and its digest."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.central.crossing import CrossingState
from gateway.central.store import Transaction
from gateway.central.store.knowledge import Body

Evidence = Mapping[str, Any]
Key = tuple[int, int, int]  # board, epoch, sequence


def canonical(evidence: Evidence) -> str:
    """Return JSON of one form only: keys sorted, no white space, UTF-8."""
    return json.dumps(evidence, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """Return the SHA-256 of canonical JSON, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


class Facts:
    """What was known when a transaction judged: cards and applications by their keys, and the policy's version.

    `twice`: of what is perhaps written twice, the key of the crossing that says the same.
    """

    def __init__(
        self,
        cards: Mapping[str, Body],
        applications: Mapping[str, Body],
        policy_version: int,
        twice: Mapping[Key, Key],
    ):
        self.twice = twice
        self._cards = cards
        self._applications = applications
        self._policy_version = policy_version

    def of(self, state: CrossingState, record: str | None) -> Evidence:
        """Return the facts of a judged crossing: its record (hex), the verdict, its card and its permit."""
        return {
            "record": record,
            "crossing": state.shown(),
            "policy_version": self._policy_version,
            "card": self._cards.get(state.card_uid),
            "application": self._applications.get(state.permit),
        }


def records(transaction: Transaction, states: Iterable[CrossingState]) -> dict[Key, str]:
    """Return the records of crossings as their boards wrote them, in hex, by key."""
    seqs: dict[tuple[int, int], list[int]] = {}
    for state in states:
        seqs.setdefault((state.board, state.epoch), []).append(state.seq)
    return {
        (*at, seq): raw.hex() for at, wanted in seqs.items() for seq, raw in transaction.log.raws(*at, wanted).items()
    }
