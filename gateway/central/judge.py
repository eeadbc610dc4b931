"""Judges crossings by the shared rules: a permit's whole history in the order of time, whenever its records came."""

from collections.abc import Iterable, Mapping
from typing import Any

from checkpost import permit as grants
from checkpost import reasons as why
from checkpost.dates import parse_date
from checkpost.history import replay
from checkpost.hole import Hole
from checkpost.passage import Step
from checkpost.permit import Usage
from checkpost.record import ASSURANCES
from checkpost.rules import Knowledge, Policy, Tap, Verdict, judge
from checkpost.source import TAP
from gateway.central.crossing import CrossingState

Body = Mapping[str, Any]
Key = tuple[int, int, int]  # board, epoch, sequence


def policy_of(body: Body | None) -> Policy:
    """Return the policy as the rules read it; None: the domain's defaults."""
    policy = Policy()
    if body is None:
        return policy
    policy.version = body["version"]
    policy.assurance = ASSURANCES.index(body["assurance"])
    for name in ("frequent_count", "frequent_days", "repeat_s", "roster_max_age_s", "clock_max_uncertainty_s"):
        setattr(policy, name, body[name])
    for journey in body.get("journeys", []):
        there, back = journey["points"]
        policy.journeys[there, back] = policy.journeys[back, there] = journey["minutes"] * 60
    policy.lenient = why.mask(body["lenient"], why.REASONS)
    return policy


def permit_of(body: Body) -> grants.Permit:
    """Return what an application grants; ValueError when a date is none."""
    return grants.Permit(
        decision=grants.DECISIONS.index(body["decision"]),
        withdrawn_from_s=body["withdrawn_from"],
        valid_from_day=_day(body["valid_from"]),
        valid_until_day=_day(body["valid_until"]),
        points=tuple(body["crossing_points"]),
        entries=body["entries"],
        max_stay_days=body["max_stay_days"],
        zones=tuple(body["zones"]),
        reception_days=body["reception_days"],
        companions=body["companions"],
        released_days=tuple(sorted(map(parse_date, body.get("released_on", [])))),
    )


def card_of(body: Body) -> grants.Card:
    """Return a card as the rules read it."""
    return grants.Card(grants.CARD_STATUSES.index(body["status"]), body["blocked_from"])


def judge_permit(
    states: Iterable[CrossingState],
    application: Body | None,
    cards: Mapping[str, Body],
    policy: Policy,
    holes: tuple[Hole, ...] = (),
    complete_to_s: int | None = None,
) -> dict[Key, Key]:
    """Judge every crossing of one permit, in place. `cards`: those of the permit, by UID; `holes`: at border points.

    `complete_to_s`: see `checkpost.history.replay`. Return, for what is perhaps written twice, which crossing says the
    same.
    """
    steps = [
        (state, Step(state.key, bytes.fromhex(state.card_uid), _tap(state), card_of(cards[state.card_uid])))
        for state in states
    ]
    granted = permit_of(application) if application else None
    replay([step for _, step in steps], granted, policy, Knowledge(), complete_to_s, holes)
    for state, step in steps:
        assert step.verdict is not None
        _write(state, step.verdict)
    return {step.key[1:]: step.verdict.beside for _, step in steps if step.verdict and step.verdict.beside}


def judge_alone(state: CrossingState, policy: Policy) -> None:
    """Judge a crossing that belongs to no permit: without a card, or with one that was never issued."""
    _write(state, judge(_tap(state), None, None, Usage(), policy, Knowledge()))


def uncertainty_s(code: int) -> int:
    """Return the most, in seconds, that a record's uncertainty code stands for: below 2**code quarter seconds."""
    return ((1 << code) + 2) // 4


def _day(text: str | None) -> int | None:
    return parse_date(text) if text else None


def _tap(state: CrossingState) -> Tap:
    tap = Tap(state.utc_s, state.offset_quarters, state.kind, state.crossing_point, state.zone, state.direction)
    tap.has_card = bool(state.card_uid)
    tap.genuine = state.genuine
    tap.party = state.party
    tap.assurance = state.assurance
    tap.trust = state.trust
    tap.uncertainty_s = uncertainty_s(state.uncertainty)
    tap.outcome = state.outcome
    tap.by_hand = state.source != TAP
    return tap


def _write(state: CrossingState, verdict: Verdict) -> None:
    state.verdict = verdict.verdict
    state.reasons, state.causes = verdict.reasons, verdict.causes
    state.notes, state.waived = verdict.notes, verdict.waived
    state.unchecked, state.rule_version = verdict.unchecked, verdict.rule_version
