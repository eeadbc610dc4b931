"""How a gateway writes what it says to boards. A board has no use for it and does not load it. SPEC.md, "Messages"."""

from checkpost.aes import KEY_SIZE
from checkpost.downward import Acked, Answer, Correction, RosterPiece, Time
from checkpost.fields import MessageError, exact, put
from checkpost.limits import HELD_RANGES, ROSTER_ENTRY_SIZE, ROSTER_PIECE_ENTRIES
from checkpost.proofs import CardCounter, CardKey


def pack_acked(acked: Acked) -> bytes:
    """Return the body; MessageError when a field does not fit."""
    if len(acked.held) > HELD_RANGES:
        raise MessageError("too many ranges")
    out = bytearray()
    put(out, acked.epoch, 2)
    put(out, acked.gateway_seq, 4)
    put(out, acked.centre_seq, 4)
    for first, last in acked.held:
        put(out, first, 4)
        put(out, last - first + 1, 2)
    return bytes(out)


def pack_answer(answer: Answer) -> bytes:
    """Return the body; MessageError when a field does not fit."""
    out = bytearray()
    put(out, answer.query_id, 2)
    put(out, answer.verdict, 1)
    put(out, answer.reasons, 2)
    for value in (answer.causes, answer.notes, answer.rule_version, answer.age_code):
        put(out, value, 1)
    return bytes(out)


def pack_time(time: Time) -> bytes:
    """Return the body; MessageError when a field does not fit."""
    out = bytearray()
    put(out, time.utc_s, 4)
    put(out, time.ms, 2)
    out.append(_signed(time.offset_quarters))
    put(out, time.next_change_utc_s, 4)
    out.append(_signed(time.next_offset))
    put(out, time.uncertainty_ms, 2)
    return bytes(out)


def pack_roster(piece: RosterPiece) -> bytes:
    """Return the body; MessageError when a field does not fit."""
    if len(piece.entries) > ROSTER_PIECE_ENTRIES:
        raise MessageError("too many roster entries")
    out = bytearray()
    put(out, piece.id, 4)
    put(out, piece.from_rev, 4)
    put(out, piece.to_rev, 4)
    out.append((1 if piece.reset else 0) | (2 if piece.last else 0))
    for entry in piece.entries:
        exact(entry, ROSTER_ENTRY_SIZE)
        out.extend(entry)
    return bytes(out)


def pack_correction(correction: Correction) -> bytes:
    """Return the body; MessageError when a field does not fit."""
    out = bytearray()
    put(out, correction.seq, 4)
    put(out, correction.verdict, 1)
    put(out, correction.reasons, 2)
    put(out, correction.causes, 1)
    put(out, correction.notes, 1)
    return bytes(out)


def pack_card_key(message: CardKey) -> bytes:
    """Return the body; MessageError when a field does not fit."""
    exact(message.key, KEY_SIZE)
    out = bytearray()
    put(out, message.query_id, 2)
    put(out, message.number, 1)
    put(out, message.version, 1)
    return bytes(out) + message.key


def pack_card_counter(message: CardCounter) -> bytes:
    """Return the body; MessageError when a field does not fit."""
    out = bytearray()
    put(out, message.query_id, 2)
    put(out, message.counter, 3)
    return bytes(out)


def _signed(value: int) -> int:
    """Return a signed byte as the unsigned one that carries it; MessageError out of range."""
    if not -128 <= value < 128:
        raise MessageError("field out of range: %d" % value)
    return value & 0xFF


PACKERS = {
    Acked.TYPE: pack_acked,
    Answer.TYPE: pack_answer,
    Time.TYPE: pack_time,
    RosterPiece.TYPE: pack_roster,
    Correction.TYPE: pack_correction,
    CardKey.TYPE: pack_card_key,
    CardCounter.TYPE: pack_card_counter,
}
