"""Records that rot before they were sent, or after: all others arrive once and unchanged, and the gap is named."""

import gc

from checkpost import chain
from kiosk.journal import Journal
from tests.core.linkworld import BOARD, EPOCH, World, radio
from tests.support.nor import Nor

SECTORS = 8
BATCH = 125  # records of a sector


class RottenWorld(World):
    """A world whose board keeps a real journal; `written` has every record as it was written."""

    def __init__(self, carrier=None, seed=3, faults=None):
        gc.collect()
        self.flash = Nor(2 + SECTORS)
        self.written = []
        super().__init__(seed, faults, 0, carrier)
        self.mount()
        self.gateway.forgiving = True

    def mount(self):
        """Start the board: what it knows is what its flash holds."""
        self.journal = Journal(self.flash, BOARD, EPOCH, bytes(32), 0, 2, SECTORS)
        self.journal.open()
        self.start_board()

    def write(self, count):
        from checkpost.record import CROSSING, Record

        for _ in range(count):
            self.journal.append(Record(CROSSING, 0, 1_700_000_000 + len(self.written), 36, 2, 3, self.chance.bytes(19)))
            self.written.append(self.journal.read(self.journal.next_seq - 1))
        self.board.wake(self.now_ms)

    def rot(self, seq, at=12):
        """Flip a bit of a record on its flash; `at`: of its bytes (1 to 4: its number)."""
        address = self.journal.ring.address((seq - 1) // BATCH, 2 + (seq - 1) % BATCH) + at
        self.flash.poke(address, bytes([self.flash.peek(address, 1)[0] ^ 8]))

    def arrived(self, *rotten):
        """Check what the gateway holds: every record once and as it was written, but for the rotten ones."""
        self.run_until(self.delivered, 240_000 * self.patience)
        held = bytes(self.store.records)
        wrong = [at + 1 for at, raw in enumerate(self.written) if held[32 * at : 32 * at + 32] != raw]
        assert wrong == list(rotten), wrong
        self.write(3)
        self.run_until(self.delivered, 240_000 * self.patience)
        assert self.store.head == self.journal.head()


def test_a_record_that_rots_before_it_is_sent_holds_up_none_behind_it():
    for at in (12, 2):
        world = RottenWorld()
        world.write(300)
        world.rot(60, at)
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
    world.write(400)
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
