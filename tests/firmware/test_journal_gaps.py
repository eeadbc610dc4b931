"""Records that rot before they were sent, or after: all others arrive once and unchanged, and the gap is named."""

import gc

from checkpost import chain
from checkpost.gap import Gap
from checkpost.record import CROSSING, Record
from kiosk.journal import Journal
from tests.core.linkworld import BOARD, EPOCH, GatewayApp, World, radio
from tests.support.nor import Nor

SECTORS = 4
BATCH = 125  # records of a sector


class Hearing:
    """A gateway's link that hears of gaps: they open a turn, so the store takes them before its records."""

    def __init__(self, link, store):
        self._link = link
        self._store = store

    def __getattr__(self, name):
        return getattr(self._link, name)

    def receive(self, data, now_ms):
        return self._heard(self._link.receive(data, now_ms))

    def receive_frame(self, frame, now_ms):
        return self._heard(self._link.receive_frame(frame, now_ms))

    def _heard(self, events):
        for event in events:
            if isinstance(event, Gap) and event.seq == self._store.held and event.head != self._store.head:
                self._store.gaps.append(event)
                self._store.head = event.head
        return events


class RottenGateway(GatewayApp):
    """Refuses what does not fit its chain, as the real one does."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.link = Hearing(self.link, self.store)

    def _intake(self, event):
        head = chain.extend(self.store.head, event.records)
        if event.first_seq != self.store.held + 1 or head[:4] == event.head4:
            super()._intake(event)


class RottenWorld(World):
    """A world whose board keeps a real journal; `written` has every record as it was written."""

    def __init__(self, carrier=None, seed=3, faults=None):
        gc.collect()
        self.flash = Nor(2 + SECTORS)
        self.written = bytearray()
        super().__init__(seed, faults, 0, carrier)
        self.mount()

    def start_gateway(self):
        self.store.gaps = []
        self.gateway = RottenGateway(self.chance, self.store, 0, self.carrier)
        self.gateway.clock = self.clock_ms

    def mount(self):
        """Start the board: what it knows is what its flash holds."""
        self.journal = Journal(self.flash, BOARD, EPOCH, bytes(32), 0, 2, SECTORS)
        self.journal.open()
        self.start_board()

    def write(self, count):
        for _ in range(count):
            self.journal.append(Record(CROSSING, 0, 1_700_000_000 + len(self.written), 36, 2, 3, self.chance.bytes(19)))
            self.written.extend(self.journal.read(self.journal.next_seq - 1))
        self.board.wake(self.now_ms)

    def rot(self, seq, at=12):
        """Flip a bit of a record on its flash; `at`: of its bytes (1 to 4: its number)."""
        address = self.journal.ring.address((seq - 1) // BATCH, 2 + (seq - 1) % BATCH) + at
        self.flash.poke(address, bytes([self.flash.peek(address, 1)[0] ^ 8]))

    def arrived(self, *rotten):
        """Check what the gateway holds: every record once and as it was written, but for the rotten ones."""
        self.run_until(self.delivered, 240_000 * self.patience)
        held, size = self.store.records, len(self.written)
        wrong = [at // 32 + 1 for at in range(0, size, 32) if held[at : at + 32] != self.written[at : at + 32]]
        assert wrong == list(rotten), wrong
        self.write(3)
        self.run_until(self.delivered, 240_000 * self.patience)
        assert self.store.head == self.journal.head()


def test_a_record_that_rots_before_it_is_sent_holds_up_none_behind_it():
    world = RottenWorld()
    world.write(300)
    world.rot(60)
    world.arrived(60)
    assert [(gap.first_seq, gap.last_seq, gap.seq) for gap in world.store.gaps] == [(60, 60, 125)]


def test_so_it_is_where_its_number_rots():
    world = RottenWorld()
    world.write(140)
    world.rot(60, 2)
    world.arrived(60)
    assert [(gap.first_seq, gap.last_seq, gap.seq) for gap in world.store.gaps] == [(60, 60, 125)]


def test_so_it_is_by_radio():
    world = RottenWorld(radio(222))
    world.write(170)
    world.rot(60)
    world.arrived(60)
    assert [(gap.first_seq, gap.seq) for gap in world.store.gaps] == [(60, 125)]


def test_two_in_one_sector_are_one_gap_and_two_sectors_are_two():
    world = RottenWorld()
    world.write(300)
    for seq in (10, 90, 200):
        world.rot(seq)
    world.arrived(10, 90, 200)
    assert [(gap.first_seq, gap.last_seq) for gap in world.store.gaps] == [(10, 90), (200, 200)]


def test_it_is_so_with_losses_and_a_board_that_starts_anew_in_between():
    world = RottenWorld(seed=5, faults={"loss": 30, "doubling": 20})
    world.write(300)
    world.rot(60)
    world.run(3000)
    world.mount()
    world.run(3000)
    world.mount()
    world.arrived(60)
    assert {gap.first_seq for gap in world.store.gaps} == {60}


def test_what_rots_in_the_newest_sector_after_it_was_delivered_is_no_loss():
    world = RottenWorld()
    world.write(40)
    world.run_until(world.delivered, 60_000)
    world.rot(20)
    world.mount()
    world.write(10)
    world.arrived()
    assert [(gap.first_seq, gap.seq) for gap in world.store.gaps] == [(20, 40)]


def test_what_rots_in_the_newest_sector_and_is_met_at_a_start_is_held_as_nothing():
    world = RottenWorld()
    world.write(40)
    world.rot(20)
    world.mount()
    world.arrived(20)
    assert bytes(world.store.records[19 * 32 : 20 * 32]) == b"\xff" * 32


def test_a_journal_without_rot_tells_no_gap_when_a_gateway_takes_nothing():
    world = RottenWorld()
    world.gateway.refusing = True
    world.write(200)
    world.run(10_000)
    world.gateway.refusing = False
    world.arrived()
    assert world.store.gaps == []
    assert chain.extend(chain.start(BOARD, EPOCH), world.store.records) == world.store.head
