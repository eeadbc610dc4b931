"""What a gateway's turn holds: messages in order of weight, laid into payloads of the carrier's size."""

from checkpost.carrier import Carrier
from checkpost.downward import Acked, Answer
from checkpost.messages import pack
from checkpost.parts import PART_DOWN, cut
from checkpost.peer import Peer
from checkpost.proofs import CardCounter, CardKey


def payloads(carrier: Carrier, messages: list[object], peer: Peer) -> tuple[list[bytes], int]:
    """Return (payloads, count of messages left out) of a turn; each begins with the counter that gave us the word."""
    chosen = _urgent(messages, peer.brought) if carrier.packets else messages
    peer.brought = False
    found = [peer.asked]
    total = 0
    for at in range(len(chosen)):
        packed = pack(chosen[at])
        pieces = [packed]
        if 1 + len(packed) > carrier.max_payload:
            peer.cuts += 1
            pieces = cut(packed, peer.cuts, carrier.max_payload - 1, PART_DOWN) if carrier.packets else []
        total += len(packed)
        if not pieces or total > carrier.down_bytes or not _lay(found, pieces, carrier):
            return found, len(chosen) - at
    return found, 0


def _urgent(messages: list[object], brought: bool) -> list[object]:
    """Return what goes on the air: with an answer, and what goes before it, nothing but an ack that is waited for."""
    if not any(isinstance(message, Answer) for message in messages):
        return messages
    answers = [message for message in messages if isinstance(message, (CardCounter, CardKey, Answer))]
    return answers + [message for message in messages if brought and isinstance(message, Acked)]


def _lay(found: list[bytes], pieces: list[bytes], carrier: Carrier) -> bool:
    """Add the pieces of one message to the payloads; False, and nothing added, when the turn has no room for them."""
    laid = [found[-1]]
    for piece in pieces:
        if len(laid[-1]) + len(piece) > carrier.max_payload:
            laid.append(found[0][:1])
        laid[-1] += piece
    if len(found) - 1 + len(laid) > carrier.down_frames:
        return False
    found[-1:] = laid
    return True
