"""The journal's ring of sectors: where they lie, their headers and slots, which is the newest. SPEC.md, "Journal".

A sector is 128 slots of 32 bytes: a header of two, 125 records, the seal. Sectors are numbered for ever: number c
lies at place c modulo the ring's size, so a place is written once a lap and wear is level by construction. A bad place
leaves a hole in the numbers.
"""

import binascii
import struct

from checkpost.const import const
from kiosk.errors import JournalFault
from kiosk.flashmap import SECTOR

SLOT = 32
RECORDS = 125
SEAL_SLOT = 127
HEADER_SIZE = 64
PAGE = 256
BLANK_SLOT = b"\xff" * SLOT

# Unreadable sectors in a row that the search steps over: two erased ahead, one with a torn header, the rest bad.
PROBES = 8

_MAGIC = b"CJ"
_VERSION = const(1)
_STAMP = "<2sBBI"  # programmed when the sector is erased: says that the erase came to its end
_STAMP_SIZE = const(8)
_REST = "<HHII32sII"  # programmed when the sector is taken into use; then CRC-32 over all before it
_LET_GO = const(1 << 24)  # beside the key generation: a technician gave up the records of earlier epochs


class Header:
    """What a sector says of itself: enough to go on from it, and to prove its records, without any other sector."""

    def __init__(self, counter, board, epoch, generation, first_seq, head, gateway_seq, centre_seq, let_go=False):
        self.counter = counter
        self.board = board
        self.epoch = epoch
        self.generation = generation  # of the seal key
        self.first_seq = first_seq
        self.head = head  # of the chain before first_seq
        self.gateway_seq = gateway_seq  # acknowledged when the sector was begun
        self.centre_seq = centre_seq
        self.let_go = let_go

    def of(self, board, epoch):
        """Return True if the sector's records are of this board and epoch."""
        return self.board == board and self.epoch == epoch

    def pack(self):
        """Return the 64 bytes."""
        generation = self.generation | (_LET_GO if self.let_go else 0)
        packed = stamp(self.counter) + struct.pack(
            _REST, self.board, self.epoch, generation, self.first_seq, self.head, self.gateway_seq, self.centre_seq
        )
        return packed + struct.pack("<I", binascii.crc32(packed) & 0xFFFFFFFF)


def stamp(counter):
    """Return the first 8 bytes of sector `counter`."""
    return struct.pack(_STAMP, _MAGIC, _VERSION, 0, counter)


def unpack_header(raw):
    """Return the Header in 64 bytes, None if they are none; JournalFault for a layout of another firmware."""
    if raw[0:2] != _MAGIC or struct.unpack("<I", raw[60:64])[0] != binascii.crc32(raw[:60]) & 0xFFFFFFFF:
        return None
    if raw[2] != _VERSION:
        raise JournalFault("the flash holds a journal of another firmware (version %d): read it out first" % raw[2])
    fields = struct.unpack(_REST, raw[_STAMP_SIZE:60])
    generation = fields[2] & (_LET_GO - 1)
    counter = struct.unpack("<I", raw[4:8])[0]
    return Header(counter, fields[0], fields[1], generation, *fields[3:], let_go=bool(fields[2] & _LET_GO))


def last_true(low, high, probe, limit):
    """Return the largest i in [low, high) with probe(i) True, by halving; probe(low) is True and it turns once.

    probe gives None where it cannot tell: then the next readable one above decides, at most `limit` further.
    """
    while high - low > 1:
        middle = at = (low + high) // 2
        state = probe(at)
        while state is None and at + 1 < high and at - middle < limit:
            at += 1
            state = probe(at)
        if state:
            low = at
        else:
            high = middle
    return low


class Ring:
    """Reads and programs the sectors `first` to `first + size - 1` of a flash; `reads`, `writes` count operations."""

    def __init__(self, flash, first, size):
        self.size = size
        self.reads = 0
        self.writes = 0
        self._flash = flash
        self._first = first
        self._header = bytearray(HEADER_SIZE)
        self._slot = bytearray(SLOT)

    def address(self, counter, slot=0):
        """Return the flash address of a slot of sector `counter`."""
        return (self._first + counter % self.size) * SECTOR + slot * SLOT

    def header_at(self, place):
        """Return the Header at a place of the ring, None if none is whole there."""
        self.read_into(place, 0, self._header)
        header = unpack_header(self._header)
        return header if header and header.counter % self.size == place else None

    def header(self, counter):
        """Return the Header of sector `counter`, None when that sector is not there any more or not readable."""
        header = self.header_at(counter % self.size)
        return header if header and header.counter == counter else None

    def read_into(self, counter, slot, buf):
        """Fill `buf` from a slot on, within the sector."""
        self.reads += 1
        self._flash.read_into(self.address(counter, slot), buf)

    def write(self, counter, slot, data, offset=0):
        """Program `data` into erased flash and return True if it reads back right."""
        address = self.address(counter, slot) + offset
        self.writes += 1
        self._flash.program(address, data)
        self.reads += 1
        back = memoryview(self._header)[: len(data)]
        self._flash.read_into(address, back)
        return back == data

    def stamped(self, counter):
        """Return True if the sector was erased to the end for this number and nothing was written since."""
        self.read_into(counter, 0, self._header)
        return self._header[:_STAMP_SIZE] == stamp(counter) and self._header[_STAMP_SIZE:] == b"\xff" * 56

    def begin(self, header):
        """Write the header of a stamped sector; return True if it reads back right."""
        return self.write(header.counter, 0, header.pack()[_STAMP_SIZE:], _STAMP_SIZE)

    def blank(self):
        """Return True if the header that was read last is of an erased place."""
        return self._header[:_STAMP_SIZE] == b"\xff" * _STAMP_SIZE

    def after(self, counter, newest):
        """Return the Header of the first readable sector after `counter`, at the latest `newest`."""
        for at in range(counter + 1, newest.counter):
            header = self.header(at)
            if header:
                return header
        return newest
