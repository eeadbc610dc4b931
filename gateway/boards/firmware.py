"""Firmware that a gateway brings to its boards: the bundle as its list says, and what became of it at each board.

The layout of a bundle is in firmware/lib/checkpost/SPEC.md, "Firmware bundle". A gateway has no key for it and needs
none: each board checks the signature itself.
"""

import hashlib
import struct
from typing import NamedTuple

from checkpost.piece import HEAD_FILE, ID_SIZE, KEPT, LEFT, MORE, REFUSED, TAKEN, Piece, Wanted
from gateway.errors import OperatorError

MARK = b"CKFW"
LAYOUT = 1
HEAD = "<4sBBBBBBHII"
HEAD_SIZE = 20
SIGNATURE = 64
ENTRY = 36  # size and SHA-256 behind a path
STATES = {MORE: "sending", TAKEN: "on trial", KEPT: "kept", LEFT: "left", REFUSED: "refused"}
WAITING = "waiting"
NO_LIST = "altered: the bundle's list of files does not fit what it holds; copy the bundle again"
UNDER_WAY = (WAITING, STATES[MORE])


class FirmwareTrouble(OperatorError):
    """A bundle cannot be used: the text says why and what to do."""


class Bundle:
    """A whole bundle, `data`. `id`: by which pieces name it; `head`: up to its signature; `files`: content by path."""

    def __init__(self, data: bytes, proven: bool = True):
        """Read a bundle; FirmwareTrouble where it is not whole, or (`proven`) a file is not what its list says."""
        if len(data) < HEAD_SIZE or data[:4] != MARK:
            raise FirmwareTrouble("wrong: this is no firmware bundle; make one with checkpost board bundle")
        _, layout, *version, _, _, count, listed, content = struct.unpack(HEAD, data[:HEAD_SIZE])
        first = HEAD_SIZE + listed + SIGNATURE
        if layout != LAYOUT or len(data) != first + content:
            raise FirmwareTrouble(f"half: {len(data)} of {first + content} bytes are there; copy the bundle again")
        self.version = (version[0], version[1], version[2])
        self.data = data
        self.head = data[:first]
        self.id = hashlib.sha256(self.head).digest()[:ID_SIZE]
        self.files: dict[str, bytes] = {}
        at, place, listed_end = HEAD_SIZE, first, HEAD_SIZE + listed
        for _ in range(count):
            end = at + 1 + data[at]
            if end + ENTRY > listed_end:
                raise FirmwareTrouble(NO_LIST)
            size = struct.unpack("<I", data[end : end + 4])[0]
            name, found = data[at + 1 : end].decode(errors="replace"), data[place : place + size]
            if name in self.files or not {"", ".", ".."}.isdisjoint(name.split("/")):
                raise FirmwareTrouble(NO_LIST)  # twice, or out of its slot
            if proven and hashlib.sha256(found).digest() != data[end + 4 : end + ENTRY]:
                raise FirmwareTrouble(f"altered: {name} is not what its list says; copy the bundle again")
            self.files[name] = found
            at, place = end + ENTRY, place + size
        if (at, place) != (listed_end, len(data)):
            raise FirmwareTrouble(NO_LIST)
        self._contents = list(self.files.values())

    @property
    def dotted(self) -> str:
        """Return the version for people."""
        return ".".join(map(str, self.version))

    def piece(self, file: int, place: int, room: int) -> Piece | None:
        """Return up to `room` bytes of a file from a place on, None where it has none there."""
        if file > len(self._contents):
            return None
        content = self.head if file == HEAD_FILE else self._contents[file - 1]
        data = content[place : place + room]
        return Piece(self.id, file, place, data) if data else None


class Wish(NamedTuple):
    """What a board is to run. `state`: waiting, sending, on trial, kept, left or refused, with a `note` why."""

    bundle: bytes
    version: str
    state: str
    percent: int
    note: str


def heard(wish: Wish, wanted: Wanted) -> Wish:
    """Return a wish as it stands after what its board says of the bundle."""
    if wanted.bundle not in (wish.bundle, bytes(ID_SIZE)):
        return wish
    return wish._replace(state=STATES[wanted.state], percent=min(wanted.percent, 100), note=wanted.note)
