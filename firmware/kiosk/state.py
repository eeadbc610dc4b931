"""Where a journal stands in its ring. `kiosk.recovery` finds it again after a restart."""

from checkpost import chain
from kiosk.sectors import RECORDS

FIRST_SLOT = 2  # the header takes two


class State:
    """Where the journal of one board's epoch stands in its ring. As `open` returns it, it tells what was found."""

    def __init__(self, board, epoch):
        self.board = board
        self.epoch = epoch
        self.tail = None  # header of the oldest sector in the ring, of any epoch
        self.first = None  # header of the oldest sector of this epoch
        self.newest = None  # header of the newest sector of this epoch
        self.counter = -1  # number of the newest sector of any epoch
        self.next_seq = 1
        self.head = chain.start(board, epoch)
        self.used = RECORDS  # slots of the newest sector, torn ones included
        self.torn = 0  # of these: spoiled by a power cut, skipped
        self.lost = 0  # records of the newest sector that were whole once and cannot be read any more
        self.sealed = True
        self.gateway_seq = 0  # acknowledged by the gateway, as last told or as the newest sector remembers
        self.centre_seq = 0
        self.let_go = False  # a technician gave up the records of earlier epochs
        self.reads = 0  # flash operations of the recovery
        self.faults = []

    def oldest_seq(self):
        """Return the first sequence still kept; next_seq while there is no record."""
        return self.first.first_seq if self.first else self.next_seq

    def of_this(self, header):
        """Return True if a sector is of this board and epoch."""
        return header.of(self.board, self.epoch)

    def begin(self, header):
        """Take a new sector, just begun, as the newest."""
        self.newest = header
        self.counter = header.counter
        self.used = 0
        self.torn = 0
        self.sealed = False
        self.tail = self.tail or header
        self.first = self.first or header

    def drop(self, counter, ring):
        """Move the tail past sector `counter`, which was freed."""
        while self.tail.counter <= counter < self.counter:
            self.tail = _any_after(ring, self.tail.counter, self)
        if self.newest and self.of_this(self.tail):
            self.first = self.tail


def _any_after(ring, counter, state):
    """Return the Header of the first readable sector after `counter`, of any epoch."""
    if state.newest:
        return ring.after(counter, state.newest)
    while True:
        counter += 1
        header = ring.header(counter)
        if header or counter >= state.counter:
            return header
