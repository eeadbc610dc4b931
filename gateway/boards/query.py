"""Answers the card at a reader: judged by all that is held here, before its record exists."""

from typing import NamedTuple

from checkpost import record
from checkpost.permit import Usage
from checkpost.rules import Verdict, judge
from gateway.contract import zone_of
from gateway.intake.judging import Judging
from gateway.store.store import Store
from gateway.verdict.facts import card_of, tap_of
from gateway.verdict.judge import judge_next


class OfCard(NamedTuple):
    """A card that may be proven: known, and not blocked now. `zone`: whose master key makes its keys."""

    uid: bytes
    zone: str
    key_version: int


class Answered(NamedTuple):
    """What is said to a query: the verdict on the card as if it were proven, and the card that is to be."""

    verdict: Verdict
    of_card: OfCard | None


class Asked(NamedTuple):
    """A query of a board. `raw`: the record as it would be written; `age_s`: of what is known here, None: nothing."""

    board: int
    epoch: int
    raw: bytes
    now_s: int
    age_s: int | None


def answer(store: Store, asked: Asked) -> Answered | None:
    """Return what can be said, or None when that is nothing of this board or record: then the board judges alone."""
    point = store.knowledge.point_of(asked.board)
    if point is None or asked.age_s is None or not record.valid(asked.raw):
        return None
    head = record.unpack(asked.raw)
    if head.kind != record.CROSSING:
        return None
    crossing = record.unpack_crossing(head.body)
    judging = Judging(store, asked.now_s)
    tap = tap_of(crossing, head, point)
    if head.trust == record.UNSET:
        tap.utc_s = asked.now_s  # it asks now; its dates stay unasked, its blocks and withdrawals do not
    card = store.knowledge.card(crossing.uid.hex().upper())
    if card is None:
        alone = judging.facts_at("", asked.age_s)
        return Answered(judge(tap, None, None, Usage(), alone.policy, alone.known), None)
    facts = judging.facts_at(card.application_id, asked.age_s)
    rows = judging.history(card.application_id)
    verdict = judge_next(rows, tap, crossing.uid, card_of(card), (asked.board, asked.epoch), facts)
    if card_of(card).blocked(tap.utc_s):
        return Answered(verdict, None)
    zone = zone_of(card, store.knowledge.application(card.application_id))
    return Answered(verdict, OfCard(crossing.uid, zone, card.key_version))
