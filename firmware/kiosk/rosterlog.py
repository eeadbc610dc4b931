"""The roster's delta log: entries as they came, each group closed by a commit; in memory only their order by card."""

import struct

from checkpost.roster import SIZE
from kiosk.rosterbank import LOG_SECTORS, PER_SECTOR, crc_right, with_crc

PER_LOG_SECTOR = PER_SECTOR - 1  # the first slot says to which generation of the bank the sector belongs
POSITIONS = LOG_SECTORS * PER_LOG_SECTOR

_ROOM = 128  # cards that the order grows by, 256 bytes: a merge begins at 256, a log that none could merge has 2,016

_SECTOR_MAGIC = b"CRL\x01"
_SECTOR_LAYOUT = "<4sII48x"
_COMMIT_MAGIC = b"CRC\x01"
_COMMIT_LAYOUT = "<4s7I28x"
_BLANK = b"\xff" * SIZE


class Commit:
    """Closes a group of `entries` entries: the roster's revision, count, digest and age after them."""

    def __init__(self, entries, revision, count, digest, as_of_s):
        self.entries = entries
        self.revision = revision
        self.count = count
        self.digest = digest
        self.as_of_s = as_of_s

    def pack(self, generation):
        """Return the 64 bytes for a bank's generation."""
        fields = (generation, self.entries, self.revision, self.count, self.digest, self.as_of_s, 0)
        return with_crc(struct.pack(_COMMIT_LAYOUT, _COMMIT_MAGIC, *fields))


def unpack_commit(raw):
    """Return the Commit in 64 bytes, None if they are none."""
    if raw[:4] != _COMMIT_MAGIC or not crc_right(raw):
        return None
    fields = struct.unpack(_COMMIT_LAYOUT, raw[:60])
    return Commit(*fields[2:7])


class Log:
    """The log of one bank. `end` is the next free position; `size` counts the cards it holds something of."""

    def __init__(self):
        self.end = 0
        self.size = 0
        self._bank = None
        self._generation = 0
        self._prepared = 0  # sectors that are erased and marked
        self._order = None  # positions, sorted by the key of their entry, 2 bytes each; only while the log is of use

    def format(self, bank, generation):
        """Begin an empty log in a bank: erases its first sector."""
        self._take_room()
        self._bank = bank
        self._generation = generation
        self.end = self.size = self._prepared = 0
        self.prepare()

    def open(self, bank, generation):
        """Read a bank's log and return its last Commit, or None. Entries without a commit count nothing."""
        self._take_room()
        self._bank = bank
        self._generation = generation
        self.end = self.size = 0
        self._prepared = 0
        while self._prepared < LOG_SECTORS and self._marked(self._prepared):
            self._prepared += 1
        last = None
        for position in range(self._prepared * PER_LOG_SECTOR):
            raw = self.read(position)
            if raw == _BLANK:
                break
            self.end = position + 1
            commit = unpack_commit(raw)
            if commit:
                last = commit
                self.take(commit.entries, position)
        return last

    def close(self):
        """Give the memory back; `format` or `open` take it again."""
        self._order = None

    def _take_room(self):
        if self._order is None:
            self._order = memoryview(bytearray(2 * _ROOM))

    def room(self):
        """Return how many more slots fit."""
        return POSITIONS - self.end

    def prepared(self):
        """Return True if the sector after the one being written is erased, or there is none."""
        return self._prepared == LOG_SECTORS or self._prepared > self.end // PER_LOG_SECTOR + 1

    def prepare(self):
        """Erase and mark the next sector; return True if the mark reads back right."""
        sector = 1 + self._prepared
        self._bank.erase(sector)
        mark = with_crc(struct.pack(_SECTOR_LAYOUT, _SECTOR_MAGIC, self._generation, self._prepared))
        if not self._bank.write(self._bank.address(sector), mark):
            return False
        self._prepared += 1
        return True

    def append(self, raw):
        """Write one slot; return True if it reads back right. The position is used up in any case."""
        if self.end == POSITIONS:
            return False
        if self.end // PER_LOG_SECTOR >= self._prepared and not self.prepare():
            return False
        self.end += 1
        return self._bank.write(self.address(self.end - 1), raw)

    def commit(self, commit):
        """Write a Commit; return True if it reads back right."""
        return self.append(commit.pack(self._generation))

    def address(self, position):
        """Return the flash address of a position."""
        return self._bank.address(1 + position // PER_LOG_SECTOR, 1 + position % PER_LOG_SECTOR)

    def read(self, position):
        """Return the 64 bytes at a position."""
        return self._bank.read(self.address(position))

    def position(self, index):
        """Return the position of the card at `index` in the order of keys."""
        return self._order[2 * index] | self._order[2 * index + 1] << 8

    def key(self, index):
        """Return the key of the card at `index` in the order of keys."""
        return self._bank.read_key(self.address(self.position(index)))

    def find(self, key):
        """Return (index, True) of a card, or (index where it would stand, False)."""
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            found = self.key(middle)
            if found == key:
                return middle, True
            if found < key:
                low = middle + 1
            else:
                high = middle
        return low, False

    def take(self, count, position):
        """Take the `count` entries before a position into the order."""
        for at in range(position - count, position):
            self.insert(at)

    def insert(self, position):
        """Take the entry at a position into the order; return the index of a new card, -1 where it replaced one."""
        index, known = self.find(self._bank.read_key(self.address(position)))
        if not known:
            if 2 * self.size == len(self._order):
                self._grow()
            self._order[2 * index + 2 : 2 * self.size + 2] = self._order[2 * index : 2 * self.size]
            self.size += 1
        self._order[2 * index] = position & 0xFF
        self._order[2 * index + 1] = position >> 8
        return -1 if known else index

    def _grow(self):
        grown = bytearray(2 * (self.size + _ROOM))
        grown[: 2 * self.size] = self._order
        self._order = memoryview(grown)

    def _marked(self, sector):
        raw = self._bank.read(self._bank.address(1 + sector))
        if raw[:4] != _SECTOR_MAGIC or not crc_right(raw):
            return False
        return struct.unpack(_SECTOR_LAYOUT, raw[:60])[1:] == (self._generation, sector)
