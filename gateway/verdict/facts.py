"""From rows to the facts that the rules ask for. Pure: rows in, core objects out."""

from typing import NamedTuple

from checkpost import permit, reasons, record, rules
from checkpost.dates import parse_date
from checkpost.passage import Step
from checkpost.source import TAP
from gateway.contract import Application, Card, CrossingPoint, Policy


class CrossingRow(NamedTuple):
    """A crossing as the store holds it, its card as it is known now, its point as it was then; codes as in the core."""

    board: int
    epoch: int
    seq: int
    crossing_point: str
    card_uid: str  # upper-case hex, empty without a card
    order_s: int  # Unix UTC, non-decreasing along the board's sequence
    utc_s: int  # of the record, or anchored; `order_s` where nobody can tell
    offset: int  # quarter hours
    trust: int  # of `checkpost.anchor.CLOCKS`
    uncertainty: int  # log2 code of quarter seconds
    direction: int
    party: int
    assurance: int
    board_verdict: int
    board_reasons: int
    board_causes: int
    source: int  # of `checkpost.source.SOURCES`
    outcome: int
    outcome_party: int | None
    outcome_seq: int | None
    verdict: int | None  # the newest verdict here; None: not yet judged
    reasons: int | None
    causes: int | None
    notes: int | None
    waived: int | None
    unchecked: int | None
    provisional: int | None
    kind: str | None  # of the point when this came in; None when the centre has not named it yet
    zone: str | None
    card_status: str | None  # None: no such card is known
    blocked_from: int | None


def permit_of(application: Application) -> permit.Permit:
    """Return what an application grants, as the rules see it."""
    lists = (" ".join(application.crossing_points), " ".join(application.zones))
    return permit_of_row(
        application.decision,
        application.withdrawn_from,
        application.valid_from,
        application.valid_until,
        lists[0],
        application.entries,
        application.max_stay_days,
        lists[1],
        application.reception_days,
        application.companions,
        " ".join(application.released_on),
    )


def permit_of_row(
    decision: str,
    withdrawn_from: int | None,
    valid_from: str | None,
    valid_until: str | None,
    points: str,
    entries: int | None,
    max_stay_days: int | None,
    zones: str,
    reception_days: int | None,
    companions: int | None,
    released: str,
) -> permit.Permit:
    """Return what a row of `applications` grants; `points`, `zones`, `released`: codes and days, spaces between."""
    return permit.Permit(
        permit.DECISIONS.index(decision),
        withdrawn_from,
        parse_date(valid_from) if valid_from else None,
        parse_date(valid_until) if valid_until else None,
        tuple(points.split()) if points else (),
        entries,
        max_stay_days,
        tuple(zones.split()) if zones else (),
        reception_days,
        companions,
        tuple(sorted(map(parse_date, released.split()))) if released else (),
    )


def card_of(card: Card) -> permit.Card:
    """Return a card as the rules see it."""
    return permit.Card(permit.CARD_STATUSES.index(card.status), card.blocked_from)


def policy_of(policy: Policy) -> rules.Policy:
    """Return the centre's policy as the rules see it; ValueError names a lenient reason that does not exist."""
    found = rules.Policy(record.ASSURANCES.index(policy.assurance), policy.version)
    found.frequent_count = policy.frequent_count
    found.frequent_days = policy.frequent_days
    found.repeat_s = policy.repeat_s
    found.roster_max_age_s = policy.roster_max_age_s
    found.clock_max_uncertainty_s = policy.clock_max_uncertainty_s
    for journey in policy.journeys:
        there, back = journey.points
        found.journeys[there, back] = found.journeys[back, there] = journey.minutes * 60
    found.lenient = reasons.mask(policy.lenient, reasons.REASONS)
    return found


def uncertainty_s(code: int) -> int:
    """Return the seconds, rounded up, that a record's uncertainty code stands for: below 2**code quarter seconds."""
    return ((1 << code) + 2) // 4


def tap_of(crossing: record.Crossing, head: record.Record, point: CrossingPoint) -> rules.Tap:
    """Return the tap of a crossing record, before any outcome is known."""
    kind = permit.POINT_KINDS.index(point.kind)
    tap = rules.Tap(head.seconds, head.offset, kind, point.code, point.zone, crossing.direction)
    tap.has_card = bool(crossing.uid)
    tap.genuine = not crossing.reasons & reasons.CARD_NOT_GENUINE
    tap.party = crossing.party
    tap.assurance = crossing.assurance
    tap.trust = head.trust
    tap.uncertainty_s = uncertainty_s(head.uncertainty)
    return tap


def step_of(row: CrossingRow) -> Step:
    """Return a stored crossing as a step of its permit's history."""
    kind = permit.POINT_KINDS.index(row.kind) if row.kind else permit.BORDER
    tap = rules.Tap(row.utc_s, row.offset, kind, row.crossing_point, row.zone or "", row.direction)
    tap.has_card = bool(row.card_uid)
    # Only the board can see a proof fail: its record is the fact.
    tap.genuine = not row.board_reasons & reasons.CARD_NOT_GENUINE
    tap.party = row.outcome_party or row.party
    tap.assurance = row.assurance
    tap.trust = row.trust
    tap.uncertainty_s = uncertainty_s(row.uncertainty)
    tap.outcome = row.outcome
    tap.by_hand = row.source != TAP
    card = permit.Card(permit.CARD_STATUSES.index(row.card_status), row.blocked_from) if row.card_status else None
    return Step((row.order_s, row.board, row.epoch, row.seq), bytes.fromhex(row.card_uid), tap, card)
