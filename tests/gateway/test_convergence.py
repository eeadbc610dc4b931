"""Any set of records, decisions and blocks, in any order and any split over gateways, ends in the same verdicts.

CHECKPOST_CONVERGENCE is how many worlds to draw (default 1000; a long search: 100000), CHECKPOST_FIRST_SEED what they
are drawn from.
"""

import os
import random
from itertools import count

import pytest
from hypothesis import HealthCheck, given, seed, settings

from checkpost.reasons import EXPIRED, IMPOSSIBLE_TRAVEL, NOT_YET_VALID, PARTY_TOO_LARGE, WRITTEN_TWICE
from gateway.central.knowledge import Registry
from gateway.central.ledger import Ledger
from gateway.central.releases import change_releases
from gateway.central.settling import Settling
from gateway.central.telling import Telling
from gateway.contract import Batch, Import, RecordRun
from tests.central.support import laid
from tests.gateway.converging import (
    BORDER,
    HOUR_S,
    NOW_S,
    POINTS,
    POLICY,
    ROTTEN_OUTCOME,
    START_S,
    Site,
    Template,
    World,
    board,
    is_console,
    scattered,
    straight,
    worlds,
)

WORLDS = int(os.environ.get("CHECKPOST_CONVERGENCE", "1000"))
FIRST = int(os.environ.get("CHECKPOST_FIRST_SEED", "1"))
PARTS = 4  # so that two workers share them
AT_CENTRE = WORLDS // 100  # each has a store on disk
GATEWAYS = "g", "h"
ASKS_OF_OTHERS = IMPOSSIBLE_TRAVEL | WRITTEN_TWICE  # a card that may be copied; whoever wrote a line
OWN_CLAIM = NOT_YET_VALID | EXPIRED | PARTY_TOO_LARGE
QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def template():
    return Template()


@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_order_and_split_ends_in_the_same_verdicts(template, part):
    @seed(FIRST + part)
    @settings(max_examples=WORLDS // PARTS, suppress_health_check=QUIET, database=None)
    @given(worlds)
    def holds(drawn):
        world = World(drawn)
        found = straight(template, world)
        assert scattered(template, world) == found
        if not world.whole:
            accuses_nobody(found, straight(template, World(drawn, whole=True)))

    holds()


@pytest.mark.timeout(0)
def test_what_hands_write_a_second_time_accuses_nobody(template):
    @seed(FIRST)
    @settings(max_examples=WORLDS // 10, suppress_health_check=QUIET, database=None)
    @given(worlds.filter(lambda drawn: drawn[2]))
    def holds(drawn):
        truth = straight(template, World(drawn, whole=True, written="none"))
        found = straight(template, World(drawn, whole=True, written="again"))
        for key, (_, reasons, _, notes, *_) in truth.items():
            assert not found[key][1] & ~reasons, (key, found[key], truth[key])
            assert not found[key][3] & ~notes, (key, found[key], truth[key])

    holds()


def accuses_nobody(found, truth):
    """Assert that where records cannot be read nobody is told of a reason or a note that is not the whole log's too."""
    lost = [reasons for key, (_, reasons, *_) in truth.items() if key not in found]
    if any(reasons & NOT_YET_VALID for reasons in lost):
        return  # who was let in before the first day, where nobody looks for it
    for key, (_, reasons, _, notes, *_) in found.items():
        true_reasons, true_notes = truth[key][1], truth[key][3]
        if is_console(key[0]):
            # Where the board's record is lost, what a hand wrote is judged by its own time and party; where the outcome
            # is lost that spoke against it, as the crossing that it writes again.
            true_reasons |= OWN_CLAIM
            place = board(key[0]).crossing_point
            for other, (_, said, _, noted, *_) in truth.items():
                if not is_console(other[0]) and board(other[0]).crossing_point == place:
                    true_reasons, true_notes = true_reasons | said, true_notes | noted
        assert not reasons & ~true_reasons, (key, found[key], truth[key])
        assert not notes & ~true_notes & ~ASKS_OF_OTHERS, (key, found[key], truth[key])


# Each was found by a search: (versions, taps, lines, seed) as `worlds` draws them.
FOUND = {
    "a release stands until the entry after it is known to have passed": (
        [(0, (1, None, None, None, 5, 2, None, 1, 2, None, (3,)), (1, 1))],
        [(1, 277, 7, 0, 0, 2, 9), (5, 297, 7, 1, 2, 3, 7)],
        [],
        1460,
    ),
    "an outcome is missed where another board has a crossing in the same second": (
        [(0, (1, None, None, None, 0, None, None, 0, None, None, ()), (0, None))],
        [(1, 10, 0, 0, 0, 1, 9), (1, 10, 0, 1, 0, 1, 9), (2, 10, 0, 0, 2, 1, ROTTEN_OUTCOME)],
        [],
        1,
    ),
}


@pytest.mark.parametrize("drawn", FOUND.values(), ids=FOUND)
def test_worlds_that_once_ended_otherwise(template, drawn):
    world = World(drawn)
    found = straight(template, world)
    assert scattered(template, world) == found
    if not world.whole:
        accuses_nobody(found, straight(template, World(drawn, whole=True)))


def test_the_centre_ends_in_the_same_verdicts_and_tells_gateways_the_same_facts(template, tmp_path):
    folders = count()

    @seed(FIRST)
    @settings(max_examples=AT_CENTRE, suppress_health_check=QUIET, database=None)
    @given(worlds)
    def holds(drawn):
        world = World(drawn)
        store = laid(tmp_path / f"{next(folders)}.db")
        found = at_centre(store, world)
        answer = Telling(store, Registry(store)).changes(0, "g", 0, holes="")
        told, holes = answer.crossings, answer.holes or []
        store.close()
        assert found == straight(template, world)
        site = Site(template, world.journals, world)
        site.learn(len(world.changes))
        for number in world.journals:
            site.take_run(number, 100)
        ours = sorted(site.border_crossings(), key=lambda crossing: (crossing.board, crossing.seq))
        assert [hole for hole in holes if hole.board <= len(BORDER)] == site.holes()
        strangers = [crossing for crossing in ours if site.store.knowledge.card(crossing.card_uid) is None]
        site.store.close()
        assert sorted(told, key=lambda one: (one.board, one.seq)) == [one for one in ours if one not in strangers]

    holds()


def at_centre(store, world):
    """Return the verdicts of a centre that hears everything in an order drawn from the world's seed.

    Its two gateways vouch now and then for whatever instant, and in the end for all.
    """
    registry, ledger, dice = Registry(store), Ledger(store, lambda: NOW_S * 1000), random.Random(world.seed)
    settling = Settling(store, lambda: NOW_S)
    for point in POINTS:
        registry.put_point(point)
    registry.put_policy(POLICY)
    for number in world.journals:
        one = board(number)
        registry.register_board(one.crossing_point, one.lane, GATEWAYS[number % 2], one.link_key, None)
    steps = list(world.changes)
    had = dict.fromkeys(world.journals, 0)
    while steps or any(had[number] < len(world.journals[number].records) for number in had):
        if steps and dice.random() < 0.5:
            change = steps.pop(0)
            rows = {"applications": [change.application]} if change.application else {"cards": [change.card]}
            registry.take_import(Import(**rows))
            if change.application:  # an import takes no release back; a station does
                with store.write() as transaction:
                    days = set(change.application.released_on)
                    change_releases(transaction, change.application.application_id, lambda _, days=days: days)
            continue
        number = dice.choice(list(had))
        journal = world.journals[number]
        last = min(had[number] + dice.randint(1, 6), len(journal.records))
        if last > had[number]:
            texts = [raw.hex() for raw in journal.records[had[number] : last]]
            place = {"board": number, "epoch": 1, "first_seq": had[number] + 1}
            run = RecordRun(**place, records=texts, head=journal.heads[last].hex())
            ledger.take(Batch(runs=[run]), GATEWAYS[number % 2])
            had[number] = last
        if dice.random() < 0.2:
            settling.vouched(dice.choice(GATEWAYS), START_S + dice.randrange(300) * HOUR_S)
    for gateway in GATEWAYS:
        settling.vouched(gateway, NOW_S)
    with store.read() as transaction:
        found = [state for number in had for state in transaction.crossings.between(number, 1, 1, 1000)]
    said = ("verdict", "reasons", "causes", "notes", "waived", "unchecked")
    return {(one.board, one.epoch, one.seq): tuple(getattr(one, name) for name in said) for one in found}
