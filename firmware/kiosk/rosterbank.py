"""One bank of the roster: a header, a delta log, a sorted table. SPEC.md, "Roster".

Sector 0 holds the header, 1 to 32 the log, the rest the table, 64 entries a sector. A bank counts from the moment its
header is whole, which is written last.
"""

import binascii
import struct

from checkpost.roster import KEY_SIZE, SIZE
from kiosk.flashmap import SECTOR

LOG_SECTORS = 32
TABLE_FIRST = 1 + LOG_SECTORS
PER_SECTOR = SECTOR // SIZE
ERASE_LIMIT_MS = 500  # W25Q64JV: tSE at most 400 ms

_MAGIC = b"CRB\x01"
_LAYOUT = "<4s8I24x"  # 60 bytes, then CRC-32


class Facts:
    """What a bank holds. `base`: revision before its log; `count`, `digest`: of all entries then, and of the table."""

    def __init__(self, generation, roster_id, base, count=0, digest=0, as_of_s=0, table_count=0, table_digest=0):
        self.generation = generation
        self.roster_id = roster_id
        self.base = base
        self.count = count
        self.digest = digest
        self.as_of_s = as_of_s
        self.table_count = table_count
        self.table_digest = table_digest


class Bank:
    """The sectors of a bank on a flash chip; `buf` is a buffer of 64 bytes that the banks share."""

    def __init__(self, flash, first_sector, buf):
        self.flash = flash
        self._first = first_sector
        self._buf = buf
        self._key = memoryview(buf)[:KEY_SIZE]

    def address(self, sector, slot=0):
        """Return the flash address of a 64-byte slot."""
        return (self._first + sector) * SECTOR + slot * SIZE

    def entry_address(self, index):
        """Return the flash address of a table entry."""
        return self.address(TABLE_FIRST + index // PER_SECTOR, index % PER_SECTOR)

    def erase(self, sector):
        """Erase a sector and wait for it."""
        self.flash.erase_start(self.address(sector))
        self.flash.wait(ERASE_LIMIT_MS)

    def write(self, address, data):
        """Program `data`, up to 64 bytes of one page; return True if it reads back right."""
        self.flash.program(address, data)
        back = memoryview(self._buf)[: len(data)]
        self.flash.read_into(address, back)
        return back == data

    def facts(self):
        """Return the Facts of a whole bank, else None."""
        self.flash.read_into(self.address(0), self._buf)
        raw = bytes(self._buf)
        if raw[:4] != _MAGIC or not crc_right(raw):
            return None
        return Facts(*struct.unpack(_LAYOUT, raw[:60])[1:])

    def put_facts(self, facts):
        """Write the header into its erased sector: from here on the bank counts. Return True if it reads back right."""
        packed = struct.pack(
            _LAYOUT,
            _MAGIC,
            facts.generation,
            facts.roster_id,
            facts.base,
            facts.count,
            facts.digest,
            facts.as_of_s,
            facts.table_count,
            facts.table_digest,
        )
        return self.write(self.address(0), with_crc(packed))

    def read_key(self, address):
        """Return the 11 key bytes of the entry at an address."""
        self.flash.read_into(address, self._key)
        return bytes(self._key)

    def read(self, address):
        """Return the 64 bytes at an address."""
        self.flash.read_into(address, self._buf)
        return bytes(self._buf)

    def find(self, key, count):
        """Return the first index of a table of `count` entries whose key is not below `key`, by halving."""
        low, high = 0, count
        while low < high:
            middle = (low + high) // 2
            if self.read_key(self.entry_address(middle)) < key:
                low = middle + 1
            else:
                high = middle
        return low


def crc_right(raw):
    """Return True if the CRC-32 at the end of 64 bytes is right."""
    return struct.unpack("<I", raw[60:64])[0] == binascii.crc32(raw[:60]) & 0xFFFFFFFF


def with_crc(packed):
    """Return 60 bytes with their CRC-32 behind."""
    return packed + struct.pack("<I", binascii.crc32(packed) & 0xFFFFFFFF)
