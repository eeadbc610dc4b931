"""Random scenarios, read by the product's own readers: its rules say of every tap what the plain reference says.

CHECKPOST_SCENARIOS is how many seeds to try (default 300), CHECKPOST_FIRST_SEED the first of them.
"""

import os
from collections import Counter

import pytest

from checkpost import permit
from checkpost.history import replay
from checkpost.passage import Step
from checkpost.permit import Usage
from checkpost.record import DIRECTIONS, OUTCOMES, UID
from checkpost.rules import Knowledge, Policy, Tap, judge
from gateway.contract import Application, Card
from gateway.intake.imports import parse_paths
from gateway.verdict.facts import permit_of
from replay.scenario import load
from tests.support import reference, scenarios

SEEDS = int(os.environ.get("CHECKPOST_SCENARIOS", "300"))
FIRST = int(os.environ.get("CHECKPOST_FIRST_SEED", "1"))
PARTS = 6  # so that two workers share them


def told_by_reference(folder):
    """Return (verdict, reasons, notes) by tap number, from the reference."""
    taps = reference.judge(reference.World(folder))
    return {tap.number: (tap.verdict, tap.reasons, tap.notes) for tap in taps}


def told_by_product(folder):
    """Return (verdict, reasons, notes) by tap number, from the shared core."""
    scenario = load(folder)
    known = parse_paths([folder])
    assert not known.broken
    applications = {row.application_id: row for row in known.rows if isinstance(row, Application)}
    cards = {row.card_uid: row for row in known.rows if isinstance(row, Card)}
    steps = {tap.number: _step(scenario, seq, tap, cards) for seq, tap in enumerate(scenario.taps)}
    policy = Policy(UID)
    permits, alone = {}, []
    for step in steps.values():
        card = cards.get(step.uid.hex().upper())
        if card and card.application_id in applications:
            permits.setdefault(card.application_id, []).append(step)
        else:
            alone.append(step)
    for number, history in permits.items():
        replay(history, permit_of(applications[number]), policy, Knowledge())
    for step in alone:
        step.verdict = judge(step.tap, None, None, Usage(), policy, Knowledge())
    return {number: _words(step.verdict) for number, step in steps.items()}


def _step(scenario, seq, row, cards):
    point = scenario.points[row.point]
    tap = Tap(row.utc_s, row.offset, permit.POINT_KINDS.index(point.kind), point.code, point.zone)
    tap.direction = DIRECTIONS.index(row.direction)
    tap.has_card = bool(row.uid)
    tap.party, tap.outcome, tap.assurance = row.party, OUTCOMES.index(row.outcome), UID
    card = cards.get(row.uid.hex().upper())
    held = permit.Card(permit.CARD_STATUSES.index(card.status)) if card else None
    return Step((row.utc_s, 1 + list(scenario.points).index(row.point), 1, seq), row.uid, tap, held)


def _words(verdict):
    return ("permitted", "refer", "unverifiable")[verdict.verdict], verdict.reason_names(), verdict.note_names()


@pytest.mark.parametrize("part", range(PARTS))
def test_the_product_says_of_random_scenarios_what_the_reference_says(tmp_path, part):
    for seed in range(FIRST + part, FIRST + SEEDS, PARTS):
        folder = scenarios.write(scenarios.make(seed), tmp_path / str(seed), seed)
        assert told_by_product(folder) == told_by_reference(folder), f"seed {seed}"


def freed(folder, taps):
    """Return how many taps a station's release made good."""
    told = {tap.number: tap.reasons for tap in taps}
    world = reference.World(folder)
    for row in world.applications.values():
        row["released_on"] = ""
    without = reference.judge(world)
    return sum("reception-incomplete" in tap.reasons and tap.reasons != told[tap.number] for tap in without)


def test_random_scenarios_reach_every_reason_note_and_passage(tmp_path):
    seen = Counter()
    for seed in range(1, 61):
        folder = scenarios.write(scenarios.make(seed), tmp_path / str(seed), seed)
        taps = reference.judge(reference.World(folder))
        for tap in taps:
            seen.update(tap.reasons + tap.notes)
        seen["release"] += freed(folder, taps)
        seen["passage of several taps"] += sum(len(passage) > 1 for passage in reference.passages(taps))
    wanted = {
        *("no-permit", "unknown-card", "card-blocked", "application-not-approved", "not-yet-valid", "expired"),
        *("wrong-crossing-point", "entries-exhausted", "overstay", "outside-zone", "reception-incomplete"),
        *("party-too-large", "missing-exit", "missing-entry", "frequent", "passage of several taps", "release"),
    }
    assert {name for name in wanted if seen[name] < 3} == set()
