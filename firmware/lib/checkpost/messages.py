"""The messages inside sealed frames, packed and parsed. The classes serve both ends. Layouts: SPEC.md, "Messages".

A gateway hands the classes of `downward` to `GatewayLink.answer`; the board gets the same classes as events.
"""

from checkpost.downward import (
    Acked,
    Answer,
    BoardPolicy,
    Correction,
    RosterPiece,
    Time,
    parse_acked,
    parse_answer,
    parse_correction,
    parse_policy,
    parse_roster,
    parse_time,
)
from checkpost.fields import MessageError
from checkpost.upward import Base, Batch, Query, Status

__all__ = [
    "Acked",
    "Answer",
    "Base",
    "Batch",
    "BoardPolicy",
    "Correction",
    "MessageError",
    "Query",
    "Reader",
    "RosterPiece",
    "Status",
    "Time",
    "pack",
    "parse",
]

_PARSERS_DOWN = {
    Acked.TYPE: parse_acked,
    Answer.TYPE: parse_answer,
    Time.TYPE: parse_time,
    RosterPiece.TYPE: parse_roster,
    BoardPolicy.TYPE: parse_policy,
    Correction.TYPE: parse_correction,
}
_PARTS = (0x08, 0x48)  # types of parts, up and down: checkpost.parts
_OF_A_CARD = (0x49, 0x4A)  # checkpost.proofs
_PIECE = 0x47  # checkpost.piece
TO_THE_END = 0x80  # set in a type: no length follows, the body goes to the payload's end
_LONG = 0x80  # set in a length of two bytes


def pack(message: object) -> bytes:
    """Return a message as it lies in a payload: type, length (one byte, or two from 128 on), body."""
    return pack_body(message.TYPE, _body(message))  # type: ignore[attr-defined]


def pack_body(kind: int, body: bytes) -> bytes:
    """Return a body with its type and length before it."""
    size = len(body)
    if size >> 15:
        raise MessageError("message too long")
    length = bytes([size]) if size < _LONG else bytes([_LONG | size >> 8, size & 0xFF])
    return bytes([kind]) + length + body


def parse(payload: bytes, upward: bool) -> list[object]:
    """Return the messages of a payload in order; types that are not known are skipped. Raises MessageError only."""
    found: list[object] = []
    at = 0
    while at < len(payload):
        kind = payload[at] & ~TO_THE_END
        end = len(payload)
        if payload[at] & TO_THE_END:
            at += 1
        else:
            at, size = _read_length(payload, at + 1)
            end = at + size
        if end > len(payload):
            raise MessageError("message cut short")
        parser = _parser(kind, upward)
        if parser:
            found.append(parser(payload[at:end]))  # type: ignore[operator]
        at = end
    return found


def _read_length(payload: bytes, at: int) -> tuple[int, int]:
    """Return (place of the body, its size)."""
    size = (payload[at : at + 2] + b"\0\0")[0]
    if not size & _LONG:
        return at + 1, size
    if at + 2 > len(payload):
        raise MessageError("message cut short")
    return at + 2, (size & 0x7F) << 8 | payload[at + 1]


def _body(message: object) -> bytes:
    """Return a message's body. Boards never load what writes their gateway's messages."""
    if hasattr(message, "pack"):
        return message.pack()  # type: ignore[no-any-return]
    from checkpost.downward_pack import PACKERS

    return PACKERS[message.TYPE](message)  # type: ignore[attr-defined,no-any-return,operator]


class Reader:
    """Reads the payloads of one sender, and puts together the messages that came in parts."""

    def __init__(self, upward: bool):
        """`upward`: True at the gateway."""
        self._upward = upward
        self._joined: object = None

    def read(self, payload: bytes) -> list[object]:
        """Return the whole messages of a payload in order. Raises MessageError only."""
        found = []
        for message in parse(payload, self._upward):
            if getattr(message, "TYPE", 0) not in _PARTS:
                found.append(message)
                continue
            whole = self._join(message)
            found += [inner for inner in parse(whole, self._upward) if getattr(inner, "TYPE", 0) not in _PARTS]
        return found

    def _join(self, part: object) -> bytes:
        if self._joined is None:
            from checkpost.parts import Joined

            self._joined = Joined()
        return self._joined.take(part)  # type: ignore[attr-defined,no-any-return]


def _parser(kind: int, upward: bool) -> object:
    """Return the function that reads a type of message, or None. Boards never load what reads their own."""
    if kind == (_PARTS[0] if upward else _PARTS[1]):
        from checkpost.parts import parse_part  # only a radio's frames are that short

        return parse_part
    if upward:
        from checkpost.upread import PARSERS

        return PARSERS.get(kind)
    if kind in _OF_A_CARD:
        from checkpost.proofs import PARSERS as of_a_card

        return of_a_card[kind]
    if kind == _PIECE:
        from checkpost.piece import parse_piece  # while an update comes

        return parse_piece
    return _PARSERS_DOWN.get(kind)
