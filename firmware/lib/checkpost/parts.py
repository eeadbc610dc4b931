"""A message that is longer than the carrier's frame travels in parts. Only radio needs it. SPEC.md, "Parts"."""

from checkpost.fields import MessageError
from checkpost.limits import MAX_MESSAGE, MAX_PARTS

PART_UP = 0x08
PART_DOWN = 0x48
_HEAD = 4  # type, length, number, place


class Part:
    """A piece of a packed message. `number`: low byte of a count of messages that were cut."""

    TYPE = PART_UP

    def __init__(self, number: int, index: int, count: int, data: bytes):
        self.number = number
        self.index = index
        self.count = count
        self.data = data


def parse_part(body: bytes) -> Part:
    """Return the part in a body; MessageError when it is none."""
    if len(body) < 3:
        raise MessageError("part cut short")
    index, count = body[1] >> 4, (body[1] & 15) + 1
    if index >= count:
        raise MessageError("no such part")
    return Part(body[0], index, count, bytes(body[2:]))


def cut(packed: bytes, number: int, room: int, kind: int) -> list[bytes]:
    """Return a packed message as packed parts of at most `room` bytes (17 to 129); MessageError if it is too long."""
    size = room - _HEAD
    count = (len(packed) + size - 1) // size
    if count > MAX_PARTS or len(packed) > MAX_MESSAGE:
        raise MessageError("message too long for the carrier")
    found = []
    for index in range(count):
        data = packed[index * size : (index + 1) * size]
        found.append(bytes([kind, len(data) + 2, number & 0xFF, index << 4 | count - 1]) + data)
    return found


class Joined:
    """Puts parts together again, one message at a time: a part of another one drops what was there."""

    def __init__(self) -> None:
        self._number = -1
        self._parts: list[bytes] = []

    def take(self, part: Part) -> bytes:
        """Return the packed message that a part completes, else b""."""
        if part.number != self._number or part.count != len(self._parts):
            self._number = part.number
            self._parts = [b""] * part.count
        self._parts[part.index] = part.data
        if b"" in self._parts:
            return b""
        whole = b"".join(self._parts)
        self._number = -1
        self._parts = []
        return whole if len(whole) <= MAX_MESSAGE else b""
