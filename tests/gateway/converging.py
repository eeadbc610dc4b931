"""A small world of permits, cards, decisions, blocks and taps, delivered to gateways in any order and any split."""

import random
import sqlite3

from hypothesis import strategies as st

from checkpost import record
from checkpost.anchor import CLOCKS
from checkpost.permit import CARD_STATUSES, DECISIONS
from checkpost.source import HAND, PAPER, SOURCES, marked
from gateway.contract import (
    CONSOLE_LANE,
    Application,
    Board,
    Card,
    Change,
    CrossingPoint,
    Elsewhere,
    Hole,
    Journey,
    Policy,
)
from gateway.intake.handentry import HAND_UNCERTAINTY, PAPER_UNCERTAINTY
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from gateway.store import database
from gateway.store.schema import migrations
from gateway.store.store import Store
from tests.gateway.support import Journal

START_S = 1_792_800_000
NOW_S = START_S + 100 * 86_400
HOUR_S = 3600
POLICY = Policy(assurance="uid", frequent_count=3, journeys=[Journey(points=("P1", "P2"), minutes=600)])
BORDER = ("P1", "P2", "P3")
POINTS = [CrossingPoint(code=code, name=code, kind="border", zone="north") for code in BORDER]
POINTS += [
    CrossingPoint(code=code, name=code, kind="internal", zone=zone) for code, zone in (("I4", "north"), ("I5", "south"))
]
CARDS = ("04000000000001", "04000000000002", "04000000000003")
UIDS = (*CARDS, *CARDS, *CARDS, "", "04000000000099")  # no card, a stranger's, and the cards

ROTTEN_CROSSING, ROTTEN_OUTCOME = 2, 3

small = st.none() | st.integers(0, 2)
days = st.none() | st.integers(0, 12)
permits = st.tuples(
    st.sampled_from([1, 1, 1, 1, 0, 2, 3]),
    st.none() | st.integers(0, 300),  # withdrawn from, hours after the start
    days,
    days,
    st.integers(0, 7),  # which border points
    small,
    small,
    st.integers(0, 3),  # which zones
    small,
    small,
    st.sampled_from([(), (), (), (3,), (1, 6)]),  # days after the start on which a station released the holder
)
blocks = st.tuples(st.sampled_from([0, 0, 0, 1, 4]), st.none() | st.integers(0, 300))
versions = st.tuples(st.integers(0, 4), permits, blocks)  # 0-1: of that application; 2-4: of that card
taps = st.tuples(
    st.integers(1, len(POINTS)),  # the board
    st.integers(0, 300),  # hours after the start
    st.integers(0, len(UIDS) - 1),
    st.integers(0, 1),
    st.integers(0, 3),  # outcome
    st.integers(1, 3),  # party
    # 0: by a clock that no gateway confirmed; 1: a card that failed its proof; 2, 3: nobody can read the crossing, the
    # outcome
    st.integers(0, 20),
)
NEAR_S = (0, 40, -40, 300, 665, -665, 666, -666, 1113, -1113, 1114, -1114, 3600, -3600)
WITHIN_S = {HAND: 665, PAPER: 1113}  # ten minutes, what the hand's time is unsure of, and a second for the board's
lines = st.tuples(
    st.integers(0, 7),  # which tap a hand writes down, too
    st.sampled_from(NEAR_S),  # seconds later
    st.sampled_from([HAND, PAPER]),
    # What is told otherwise: 0 direction, 1 point, 2 card, 3 to 5 outcome; else nothing.
    st.integers(0, 11),
)
worlds = st.tuples(
    st.lists(versions, min_size=1, max_size=5),
    st.lists(taps, min_size=1, max_size=8),
    st.lists(lines, max_size=3),
    st.integers(0, 2**32),
)


class Template:
    """An empty store in memory, and copies of it that cost next to nothing."""

    def __init__(self):
        conn = sqlite3.connect(":memory:", isolation_level=None)
        migrations().apply(database.Database(conn))
        store = Store(conn)
        Learning(store).take_imported(POINTS, NOW_S)
        self._image = conn.serialize()
        conn.close()

    def store(self, boards):
        """Return a store whose boards are these numbers."""
        conn = sqlite3.connect(":memory:", isolation_level=None, cached_statements=database.CACHED_STATEMENTS)
        conn.deserialize(self._image)
        store = Store(conn)
        with store.transaction():
            for number in boards:
                store.knowledge.put(board(number), None)
        return store


def board(number):
    place = POINTS[(number - 1) % len(POINTS)].code
    lane = CONSOLE_LANE if is_console(number) else "1"
    return Board(board=number, epoch=1, crossing_point=place, lane=lane, gateway="g", link_key=f"{number:032x}")


def is_console(number):
    """Return True if a board is what hands write with: each point has one board and one console."""
    return number > len(POINTS)


class World:
    """One drawn world: the changes that the centre gives, in their order, and a journal a board."""

    def __init__(self, drawn, whole=False, written="as drawn"):
        """`whole`: every record can be read. `written`: "none" of the lines by hand, or "again": what says the same."""
        told, tapped, lines, self.seed = drawn
        self.whole = whole or not any(tap[-1] in (ROTTEN_CROSSING, ROTTEN_OUTCOME) for tap in tapped)
        self._rots = not whole
        self.changes = [Change(revision=at, **_version(*one)) for at, one in enumerate(_all_first() + told, 1)]
        self.journals = {number: Journal(number) for number in range(1, 2 * len(POINTS) + 1)}
        self.keys = []
        for number, hours, uid, direction, outcome, party, doubt in sorted(tapped, key=lambda tap: tap[1]):
            self._tap(self.journals[number], START_S + hours * HOUR_S, (UIDS[uid], direction, outcome, party, doubt))
        for at, after_s, source, other in lines:
            if written == "as drawn":
                self._write(tapped[at % len(tapped)], after_s, source, other)
            elif written == "again" and abs(after_s) <= WITHIN_S[source]:
                self._write(tapped[at % len(tapped)], after_s, source, 11)

    def _tap(self, journal, utc_s, said):
        card_uid, direction, outcome, party, doubt = said
        trust = record.HOLDOVER if doubt == 0 else record.SYNCED
        crossing = record.Crossing(bytes.fromhex(card_uid), direction, party, record.UID if card_uid else record.NONE)
        crossing.reasons = 2 if doubt == 1 and card_uid else 0
        seq = journal.append(record.CROSSING, utc_s, crossing.pack(), trust, self._rots and doubt == ROTTEN_CROSSING)
        if not (self._rots and doubt == ROTTEN_CROSSING):
            self.keys.append((journal.board, 1, seq))
        if outcome:
            body = record.pack_outcome(seq, outcome, party)
            journal.append(record.OUTCOME, utc_s + 5, body, trust, self._rots and doubt == ROTTEN_OUTCOME)

    def _write(self, tap, after_s, source, other):
        number, hours, uid, direction, outcome, party, _ = tap
        number = number % len(POINTS) + 1 if other == 1 else number
        card_uid = CARDS[(uid + 1) % len(CARDS)] if other == 2 else UIDS[uid]
        direction = 1 - direction if other == 0 else direction
        outcome = other - 2 if 3 <= other <= 5 else outcome
        journal = self.journals[number + len(POINTS)]
        uncertainty = PAPER_UNCERTAINTY if source == PAPER else HAND_UNCERTAINTY
        clock = (START_S + hours * HOUR_S + after_s, 36, record.HOLDOVER, uncertainty)
        crossing = record.Crossing(bytes.fromhex(card_uid), direction, party, record.NONE)
        seq = len(journal.records) + 1
        journal.add(record.Record(record.CROSSING, seq, *clock, marked(crossing.pack(), source)).pack())
        self.keys.append((journal.board, 1, seq))
        if outcome:
            body = record.pack_outcome(seq, outcome, party)
            journal.add(record.Record(record.OUTCOME, seq + 1, *clock, body).pack())


def _all_first():
    """Return a first version of everything, so that each card is of some permit."""
    granted = (1, None, None, None, 0, None, None, 0, None, None, ())
    return [(number, granted, (0, None)) for number in range(5)]


def _version(what, permit, block):
    if what >= 2:
        status, blocked = block
        from_s = None if blocked is None else START_S + blocked * HOUR_S
        uid = CARDS[what - 2]
        application_id = "A1" if what == 4 else "A0"
        return {
            "card": Card(card_uid=uid, application_id=application_id, status=CARD_STATUSES[status], blocked_from=from_s)
        }
    decision, withdrawn, first, last, points, entries, stay, zones, reception, companions, released = permit
    return {
        "application": Application(
            application_id=f"A{what}",
            decision=DECISIONS[decision],
            withdrawn_from=None if withdrawn is None else START_S + withdrawn * HOUR_S,
            valid_from=None if first is None else f"2026-10-{17 + first:02d}",
            valid_until=None if last is None else f"2026-11-{1 + last:02d}",
            crossing_points=[code for at, code in enumerate(BORDER) if points >> at & 1],
            entries=entries,
            max_stay_days=stay,
            zones=[zone for at, zone in enumerate(("north", "south")) if zones >> at & 1],
            reception_days=reception,
            companions=companions,
            released_on=[f"2026-10-{24 + day:02d}" for day in released],
        )
    }


class Site:
    """One gateway of a delivery: its store, and how much of everything it has."""

    def __init__(self, template, boards, world):
        self.store = template.store(boards)
        self.world = world
        self.had = dict.fromkeys(boards, 0)
        self.revision = 0
        self.heard = {}

    def take_run(self, number, count):
        """Bring up to `count` records more of a board."""
        journal, had = self.world.journals[number], self.had[number]
        last = min(had + count, len(journal.records))
        if last > had:
            [taken] = Intake(self.store).take([journal.run(had + 1, last)], NOW_S)
            assert taken.seq == last
            self.had[number] = last

    def learn(self, count):
        """Tell up to `count` of the centre's changes more."""
        some = self.world.changes[self.revision : self.revision + count]
        if some:
            self.revision += len(some)
            Learning(self.store).take_changes(some, self.revision, NOW_S)

    def caught_up(self):
        """Give the policy, and say that all is known."""
        with self.store.transaction():
            self.store.knowledge.set_policy(POLICY)
            self.store.knowledge.set(AS_OF, NOW_S)

    def border_crossings(self):
        """Return what the centre would tell others of this gateway's crossings."""
        rows = [self.store.records.crossing(*key) for key in self.world.keys if key[0] in self.had]
        return [_elsewhere(row) for row in rows if row and row.kind == "border" and row.card_uid]

    def holes(self):
        """Return what the centre would tell others of this gateway's unreadable records."""
        return [Hole(**row._asdict()) for row in self.store.holes.of_border() if row.board in self.had]

    def hear(self, sites):
        """Hear from the centre what it has of all gateways by now."""
        Learning(self.store).take_holes([hole for site in sites for hole in site.holes()])
        told = [crossing for site in sites for crossing in site.border_crossings()]
        self.heard.update({(crossing.board, crossing.seq): crossing for crossing in told})
        Learning(self.store).take_elsewhere(told, 1, NOW_S)

    def finish(self, sites):
        """Hear all, and judge what waited for it."""
        self.caught_up()
        Learning(self.store).take_holes([hole for site in sites for hole in site.holes()])
        told = [crossing for site in sites if site is not self for crossing in site.border_crossings()]
        for crossing in told:  # what it has heard already moves nothing
            if self.heard.get((crossing.board, crossing.seq)) != crossing:
                Learning(self.store).take_elsewhere([crossing], 1, NOW_S)
        Learning(self.store).complete_to(dict.fromkeys(BORDER, NOW_S))
        self.settle()

    def settle(self):
        """Judge again what waits for it, as the gateway's loop does."""
        while Learning(self.store).settle_provisional(NOW_S):
            pass

    def verdicts(self):
        """Return (verdict, reasons, causes, notes, waived, unchecked) of each crossing of this gateway."""
        rows = [self.store.records.crossing(*key) for key in self.world.keys if key[0] in self.had]
        return {(row.board, row.epoch, row.seq): row[20:26] for row in rows}


def _elsewhere(row):
    return Elsewhere.model_construct(
        board=row.board,
        epoch=row.epoch,
        seq=row.seq,
        crossing_point=row.crossing_point,
        card_uid=row.card_uid,
        order_s=row.order_s,
        utc_s=row.utc_s,
        offset=row.offset,
        clock=CLOCKS[row.trust],
        uncertainty=row.uncertainty,
        direction=record.DIRECTIONS[row.direction],
        party=row.outcome_party or row.party,
        assurance=record.ASSURANCES[row.assurance],
        genuine=not row.board_reasons & 2,
        outcome=record.OUTCOMES[row.outcome],
        source=SOURCES[row.source],
    )


def straight(template, world):
    """Return the verdicts of one gateway that is told all first, and then hears board after board."""
    site = Site(template, world.journals, world)
    site.learn(len(world.changes))
    site.caught_up()
    for number in world.journals:
        site.take_run(number, 100)
    site.settle()
    found = site.verdicts()
    site.store.close()
    return found


def scattered(template, world):
    """Return the verdicts of gateways that share the boards, and hear everything in an order drawn from the seed."""
    dice = random.Random(world.seed)
    numbers = list(world.journals)
    dice.shuffle(numbers)
    count = dice.randint(1, 3)
    sites = [Site(template, numbers[at::count], world) for at in range(count)]
    for site in sites:
        if dice.random() < 0.7:
            site.caught_up()
            Learning(site.store).complete_to({code: START_S + dice.randrange(300) * HOUR_S for code in BORDER})
    waiting = True
    while waiting:
        site = dice.choice(sites)
        what = dice.randrange(6)
        if what < 2:
            site.learn(dice.randint(1, 6))
        elif what == 2:
            site.hear(sites)
        else:
            short = [number for number in site.had if site.had[number] < len(world.journals[number].records)]
            site.take_run(dice.choice(short or list(site.had)), dice.randint(1, 8))
        waiting = any(_lacks(one, world) for one in sites)
    found = {}
    for site in sites:
        site.finish(sites)
        found |= site.verdicts()
    for site in sites:
        site.store.close()
    return found


def _lacks(site, world):
    short = [number for number in site.had if site.had[number] < len(world.journals[number].records)]
    return bool(short) or site.revision < len(world.changes)
