"""The gateway's end of a link, sans-io: one object a port (or radio channel), any number of boards up to MAX_BOARDS."""

from checkpost import frames
from checkpost.carrier import Carrier, serial
from checkpost.compact import Compact
from checkpost.downward import Acked
from checkpost.fields import MessageError
from checkpost.gap import Gap
from checkpost.gateway_events import Opened, Records, Send, StatusUpdate, Turn
from checkpost.handshake import read_hello, reopen, session_key, welcome
from checkpost.limits import CANDIDATES, MAX_BOARDS, REOPEN_EVERY_MS
from checkpost.peer import Candidate, Peer, rebuild
from checkpost.piece import Wanted
from checkpost.proofs import Sun
from checkpost.replying import payloads
from checkpost.session import Session, new_counters
from checkpost.ticks import elapsed_ms
from checkpost.upward import Base, Batch, Query, Sealed, Status
from checkpost.x25519 import KEY_SIZE, multiply

__all__ = ["GatewayLink", "Opened", "Records", "Send", "StatusUpdate", "Turn"]


class GatewayLink:
    """Answers boards on one port.

    On a serial line hand bytes to `receive` and write what `answer` returns; on a radio hand packets to `receive_frame`
    and send those of `answer_frames`. Events: Opened, StatusUpdate, Records, Turn, Send of this module; messages.Query,
    messages.Base, gap.Gap, piece.Wanted and, before its query, proofs.Sun, each with `board`. `counters`: drops by
    cause (session.DROPS).
    """

    def __init__(self, keys: object, random: object, carrier: Carrier | None = None, cards: object = None):
        """`keys(board)` -> 16-byte link key or None; `random(n)` -> n bytes from the system; `carrier`: its profile,
        None: a serial line; `cards(board, roster_id, slot)` -> UID of a card on that roster, or b"": for a radio."""
        self._cards = cards
        self._carrier = carrier or serial()
        self._keys = keys
        self._random = random
        self.counters = new_counters()
        self._of_board: dict[int, dict[str, int]] = {}
        self._decoder = frames.StreamDecoder(self.counters)
        self._peers: dict[int, Peer] = {}
        self._last_turn = 0
        self._hinted_ms: int | None = None

    def receive(self, data: bytes, now_ms: int) -> list[object]:
        """Take bytes from the port; return events in order. Never raises on any bytes."""
        events: list[object] = []
        for frame in self._decoder.feed(bytes(data)):
            self._take(frame, now_ms, events)
        return events

    def receive_frame(self, frame: bytes, now_ms: int) -> list[object]:
        """Take one packet of a radio; return events in order. Never raises on any bytes."""
        events: list[object] = []
        self._take(bytes(frame), now_ms, events)
        return events

    def answer(self, messages: list[object], now_ms: int, board: int = 0) -> bytes:
        """Return the frames of `answer_frames` as they go on a serial line, in one piece."""
        found = self.answer_frames(messages, now_ms, board)
        return b"\0" + b"".join([frames.encode(frame) for frame in found]) if found else b""

    def answer_frames(self, messages: list[object], now_ms: int, board: int = 0) -> list[bytes]:
        """Return the frames of the gateway's turn to the board of the last Turn (or to `board`).

        Messages go in the order given, within what the carrier takes in a turn; what does not fit is left out (count in
        `counters["left-out"]`) and is to be given again: put acks and answers first, roster pieces last. On a radio an
        answer to a traveller goes alone, but for the ack of records that came with the question.
        Give an Acked in every turn. Raises MessageError when a message cannot be packed."""
        peer = self._peers.get(board or self._last_turn)
        if peer is None or peer.session is None:
            return []
        for message in messages:
            if isinstance(message, Acked):
                peer.reorder.acked(message)
        found = []
        laid, left_out = payloads(self._carrier, messages, peer)
        self.counters["left-out"] += left_out
        for at in range(len(laid)):
            if peer.session.ended():
                peer.session = None  # the board's next frame finds no session, and is told so
                break
            found.append(peer.session.seal(laid[at], at == len(laid) - 1))
        return found

    def drops_of(self, board: int) -> dict[str, int]:
        """Return what was dropped, by cause, of frames that say they are of a board with a link key here."""
        return dict(self._of_board.get(board, {}))

    def forget(self, board: int) -> None:
        """Drop the session of a board, as when its link key changed; it has to say hello again."""
        if board in self._peers:
            del self._peers[board]

    def _drop(self, cause: str, board: int) -> None:
        """Count a drop, also for the board that the frame names, if it is one of ours: anybody may write its number."""
        self.counters[cause] += 1
        if board in self._of_board or self._keys(board) is not None:  # type: ignore[operator]
            of_board = self._of_board.setdefault(board, {})
            of_board[cause] = of_board.get(cause, 0) + 1

    def _take(self, frame: bytes, now_ms: int, events: list[object]) -> None:
        """Sort one frame: a hello, a sealed one, or dropped and counted."""
        header = frames.parse_header(frame)
        if header is None:
            self.counters["short"] += 1
        elif header.version != frames.VERSION:
            self._drop("version", header.board)
        elif header.down:
            self._drop("direction", header.board)
        elif header.kind == frames.HELLO:
            self._take_hello(frame, header, now_ms, events)
        elif header.kind == frames.SEALED:
            self._take_sealed(frame, header, now_ms, events)
        else:
            self._drop("type", header.board)

    def _take_hello(self, frame: bytes, header: frames.Header, now_ms: int, events: list[object]) -> None:
        """Answer a hello that is by the board's link key; the session that runs stays until the new one is proven."""
        link_key = self._keys(header.board)  # type: ignore[operator]
        if link_key is None:
            self._drop("board", header.board)
            return
        public = read_hello(link_key, frame)
        if public is None:
            self._drop("forged", header.board)
            return
        peer = self._peer(header.board, link_key, now_ms)
        for candidate in peer.candidates:
            if candidate.hello == frame:
                events.append(Send(candidate.welcome))
                return
        scalar = self._random(KEY_SIZE)  # type: ignore[operator]
        shared = multiply(scalar, public)
        if shared == bytes(KEY_SIZE):
            self._drop("forged", header.board)
            return
        answer = welcome(link_key, frame, header.board, multiply(scalar))
        session = Session(session_key(link_key, shared, frame, answer), header.board, True, now_ms)
        peer.candidates = [Candidate(frame, answer, session)] + peer.candidates[: CANDIDATES - 1]
        events.append(Send(answer))

    def _peer(self, board: int, link_key: bytes, now_ms: int) -> Peer:
        """Return the board's peer, made if need be; the one that was silent for longest makes room."""
        peer = self._peers.get(board)
        if peer is None or peer.link_key != link_key:
            if peer is None and len(self._peers) >= MAX_BOARDS:
                waits = [(elapsed_ms(now_ms, other.heard_ms), other.board) for other in self._peers.values()]
                del self._peers[max(waits)[1]]
            peer = Peer(board, link_key, self.counters, now_ms)
            self._peers[board] = peer
        return peer

    def _take_sealed(self, frame: bytes, header: frames.Header, now_ms: int, events: list[object]) -> None:
        peer = self._peers.get(header.board)
        if peer is None or (peer.session is None and not peer.candidates):
            self._drop("no-session", header.board)
            if header.turn:
                self._hint(frame, header, now_ms, events)
            return
        payload = self._open(peer, frame, header, now_ms)
        if payload is None:
            return
        peer.heard_ms = now_ms
        try:
            messages = peer.reader.read(payload)
        except MessageError:
            self._drop("message", header.board)
            messages = []
        newest = peer.session.newest(header.counter)  # type: ignore[union-attr]
        for message in messages:
            # A status that was overtaken on the way says how the board was, which would look like a chip put back.
            if newest or peer.status is None or not isinstance(message, Status):
                self._hear(peer, message, header.turn, events)
        if header.turn:
            peer.asked = frame[3:4]
            self._last_turn = header.board
            events.append(Turn(header.board))

    def _hint(self, frame: bytes, header: frames.Header, now_ms: int, events: list[object]) -> None:
        """Tell a board whose session is not known here to say hello, not too often."""
        if self._hinted_ms is not None and elapsed_ms(now_ms, self._hinted_ms) < REOPEN_EVERY_MS:
            return
        link_key = self._keys(header.board)  # type: ignore[operator]
        if link_key is None:
            self._drop("board", header.board)
            return
        self._hinted_ms = now_ms
        events.append(Send(reopen(link_key, header.board, header.counter, frame)))

    def _open(self, peer: Peer, frame: bytes, header: frames.Header, now_ms: int) -> bytes | None:
        """Return the payload of a fresh frame of the peer's session, or of a candidate that it proves."""
        if peer.session:
            peer.session.tick(now_ms)
            payload = peer.session.open(frame)
            if payload is not None:
                if peer.session.accept(header.counter):
                    return payload
                self._drop("replay", header.board)
                return None
        for candidate in peer.candidates:
            payload = candidate.session.open(frame)
            if payload is not None:
                candidate.session.accept(header.counter)
                peer.replaced = peer.session
                peer.session = candidate.session
                peer.candidates = []
                peer.status = None
                peer.reorder.reset()
                return payload
        self._drop("twin" if peer.speaks_twice(frame, header.counter) else "forged", header.board)
        return None

    def _hear(self, peer: Peer, message: object, turn: bool, events: list[object]) -> None:
        """Take one message of a board."""
        if isinstance(message, Status):
            known = peer.status is not None and peer.status.epoch == message.epoch
            if not known:
                peer.reorder.reset()
            peer.status = message
            events.append(StatusUpdate(peer.board, message) if known else Opened(peer.board, message))
        elif peer.status is None:
            self._drop("early", peer.board)
        elif isinstance(message, Compact):
            self._unpack(peer, message, turn, events)
        elif isinstance(message, Batch):
            self._hand_on(peer, message, turn, events)
        elif isinstance(message, (Query, Base, Sealed, Sun, Gap, Wanted)):
            message.board = peer.board
            events.append(message)

    def _hand_on(self, peer: Peer, batch: Batch, turn: bool, events: list[object]) -> None:
        """Pass records on in order."""
        if batch.epoch != peer.status.epoch:  # type: ignore[union-attr]
            self._drop("epoch", peer.board)
            return
        peer.brought = True
        for one in peer.reorder.take(batch):
            events.append(Records(peer.board, one.epoch, one.first_seq, one.records, one.head4, turn, one.rebuilt))

    def _unpack(self, peer: Peer, compact: Compact, turn: bool, events: list[object]) -> None:
        """Rebuild the records of a compact batch; what cannot be rebuilt here comes again in full."""
        try:
            batch, sealed = rebuild(compact, peer, self._cards)
        except MessageError:
            self._drop("compact", peer.board)
            return
        self._hand_on(peer, batch, turn, events)
        if sealed:
            events.append(sealed)
