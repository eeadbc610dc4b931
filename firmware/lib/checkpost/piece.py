"""A firmware on its way down a link: pieces of a bundle, and what the board says of it. Loaded while one comes.

SPEC.md, "Firmware over the link".
"""

import struct

from checkpost.fields import MessageError, exact, put
from checkpost.limits import FIRMWARE_NOTE, FIRMWARE_PIECE

PIECE = 0x47
WANTED = 0x09
ID_SIZE = 4  # of a bundle: the first bytes of SHA-256 over its head, signature and all
HEAD_FILE = 0  # the head of the bundle; its files count from 1, in the order of the list
MORE, TAKEN, KEPT, LEFT, REFUSED = range(5)  # what the board says of a bundle
STATES = ("sending", "on trial", "kept", "left", "refused")
PIECE_HEAD = 10
_WANTED_SIZE = 12


class Piece:
    """Bytes of one file of a bundle, or of its head, from `place` on. Gateway to board."""

    TYPE = PIECE

    def __init__(self, bundle: bytes, file: int, place: int, data: bytes):
        """`bundle`: its id, 4 bytes; `data`: at most FIRMWARE_PIECE bytes."""
        self.bundle = bundle
        self.file = file
        self.place = place
        self.data = data

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        if not 0 < len(self.data) <= FIRMWARE_PIECE:
            raise MessageError("a piece holds 1 to %d bytes" % FIRMWARE_PIECE)
        return _place(self.bundle, self.file, self.place) + self.data


def parse_piece(body: bytes) -> Piece:
    """Return the message in a body; MessageError when it is none."""
    if not PIECE_HEAD < len(body) <= PIECE_HEAD + FIRMWARE_PIECE:
        raise MessageError("a piece holds 1 to %d bytes" % FIRMWARE_PIECE)
    file, place = struct.unpack("<HI", body[ID_SIZE:PIECE_HEAD])
    return Piece(bytes(body[:ID_SIZE]), file, place, bytes(body[PIECE_HEAD:]))


class Wanted:
    """Which bytes of a bundle a board wants next, or what became of the bundle. Board to gateway."""

    TYPE = WANTED

    def __init__(self, bundle: bytes, file: int, place: int, state: int, percent: int, note: str = "", board: int = 0):
        """`bundle`: id, zeros while not known; `state`: as above; `percent`: of what the board lacked that is there.

        `note`: why it was left or refused; `board` is filled in at the gateway."""
        self.bundle = bundle
        self.file = file
        self.place = place
        self.state = state
        self.percent = percent
        self.note = note
        self.board = board

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        out = bytearray(_place(self.bundle, self.file, self.place))
        put(out, self.state, 1)
        put(out, self.percent, 1)
        return bytes(out) + self.note.encode()[:FIRMWARE_NOTE]


def parse_wanted(body: bytes) -> Wanted:
    """Return the message in a body; MessageError when it is none."""
    if not _WANTED_SIZE <= len(body) <= _WANTED_SIZE + FIRMWARE_NOTE or body[PIECE_HEAD] > REFUSED:
        raise MessageError("not what a board says of a bundle")
    file, place = struct.unpack("<HI", body[ID_SIZE:PIECE_HEAD])
    try:
        note = str(body[_WANTED_SIZE:], "utf-8")
    except ValueError:
        raise MessageError("note is not UTF-8")
    return Wanted(bytes(body[:ID_SIZE]), file, place, body[PIECE_HEAD], body[PIECE_HEAD + 1], note)


def _place(bundle: bytes, file: int, place: int) -> bytes:
    exact(bundle, ID_SIZE)
    out = bytearray(bundle)
    put(out, file, 2)
    put(out, place, 4)
    return bytes(out)
