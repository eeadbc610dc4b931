"""The board's end of the link, sans-io: it is given bytes, milliseconds and a journal, and returns bytes and events.

The gateway's end is `checkpost.gateway_link.GatewayLink`. State machines: SPEC.md, "Sync".
"""

from checkpost import frames
from checkpost.asking import Question, Telling
from checkpost.backlog import Backlog, Journal
from checkpost.carrier import Carrier, serial
from checkpost.downward import Acked, Answer, RosterPiece, Time
from checkpost.fields import MessageError
from checkpost.joining import SCALAR_SIZE, Joining, reopened
from checkpost.limits import DOWN_AFTER_TRIES, LADDER_ROUNDS
from checkpost.messages import Reader
from checkpost.saying import Saying
from checkpost.session import Session, new_counters
from checkpost.ticks import elapsed_ms
from checkpost.turns import Turns
from checkpost.upward import Status

DOWN = "down"  # nobody answers
HELLO = "hello"  # a session is being made
UP = "up"  # the gateway answers


class Up:
    """Event: a gateway answers, in a session that is new."""


class Down:
    """Event: several turns in a row went unanswered."""


class Conflict:
    """Event: the gateway holds of this epoch what the journal never wrote (a restored or replaced journal)."""

    def __init__(self, epoch: int, gateway_seq: int):
        self.epoch = epoch
        self.gateway_seq = gateway_seq


class BoardLink:
    """Speaks for one board. `step` returns bytes: write them all, call again when the carrier has taken them.

    On a serial line hand what the UART receives to `receive`. On a radio `step` returns one packet: call it only when a
    packet may be sent, tell `sent` when it has left, and hand each packet that comes in to `receive_frame`.
    Do not idle between calls of `step` while `busy`.
    Events: messages.Answer, Acked, Time, RosterPiece, BoardPolicy, Correction; Up, Down and Conflict of this module.
    `telling.more`: a packed message to be said once, with the next turn; empty as soon as it was heard.
    `last_heard_ms`: ticks of the last good frame; `counters`: drops by cause (session.DROPS).
    """

    def __init__(self, board: int, link_key: bytes, source: object, random: object, carrier: Carrier | None = None):
        """`source`: as backlog.Journal; `random(n)` -> n bytes from the system; `carrier`: its profile, None: a serial
        line at 921,600 baud."""
        self._board = board
        self._link_key = link_key
        self._source: Journal = source  # type: ignore[assignment]
        self._random = random
        self.counters = new_counters()
        self._carrier = carrier or serial()
        self._decoder = None if self._carrier.packets else frames.StreamDecoder(self.counters)
        self._turns = Turns(self._carrier, random)
        self._backlog = Backlog(source, self._carrier)
        self.telling = Telling(source, self._carrier)
        self._question = Question(self._carrier)
        self._saying = _saying(self._carrier)(self._carrier, self.telling, self._question, self._backlog)
        self._reader = Reader(False)
        self._session: Session | None = None
        self._joining = self._new_joining()
        self._told_up = False
        self._told_conflict = False
        self._events: list[object] = []
        self.last_heard_ms = 0

    def started(self) -> None:
        """The journal was read, and this start has written nothing yet: a gateway that holds more is a Conflict."""
        self._backlog.started()

    @property
    def state(self) -> str:
        """DOWN, HELLO or UP."""
        if self._turns.tries >= DOWN_AFTER_TRIES:
            return DOWN
        return UP if self._session and self._backlog.known else HELLO

    @property
    def busy(self) -> bool:
        """True while the next `step` has something to do at once: key work for a first session, or a burst."""
        return self._turns.speaking or (self._session is None and not self._joining.ready)

    @property
    def urgent(self) -> bool:
        """True while what the next `step` says cannot wait: a question, or a new session."""
        return self._question.unsent or self._session is None

    def set_status(self, status: Status) -> None:
        """Replace the Status; a change other than of clock, sequences, fill or battery is sent at once.

        After applying a RosterPiece hand in the new roster revision here: the gateway sends the next piece on it."""
        self.telling.status = status

    def name_cards(self, slot_of: object) -> None:
        """`slot_of(uid)` -> slot of a card on the board's roster, or 0: a radio's batches name cards by it."""
        self._saying.slot_of = slot_of

    def ask(self, record: bytes, now_ms: int, sun: tuple[bytes, bytes] | None = None) -> int:
        """Send a 32-byte record as a query, before all else; return its id, or 0 while the link is not up.

        `sun`: PICCData and MAC of the card's own message. A newer query replaces an older one; an answer comes as an
        Answer event with this id, once, or never; what is said of the card (checkpost.proofs) comes before it."""
        return self._question.ask(record, now_ms, sun) if self.state == UP else 0

    def wake(self, now_ms: int) -> None:
        """Say that the journal has a new record: it goes with the next turn, at once when the line is free."""
        self._backlog.hurry()

    def step(self, now_ms: int) -> bytes:
        """Return at most one coded frame to send now, or b""; does a bounded slice of key work. Ticks may wrap."""
        self._work_on_keys(now_ms)
        self._expire(now_ms)
        turns = self._turns
        if turns.listening:
            return b""
        if self._joining.ready and self._wants_hello():
            self._joining.asked = True
            return turns.say(self._joining.hello, True, now_ms)
        if self._session is None or not (turns.speaking or self._has_cause(now_ms)):
            return b""
        return self._speak(self._session, now_ms)

    def receive(self, data: bytes, now_ms: int) -> list[object]:
        """Take bytes from the line; return the events since the last call, in order. Never raises on any bytes."""
        for frame in self._decoder.feed(bytes(data)):  # type: ignore[union-attr]
            self._take(frame, now_ms)
        return self._happened()

    def receive_frame(self, frame: bytes, now_ms: int) -> list[object]:
        """Take one packet of a radio; return the events since the last call, in order. Never raises on any bytes."""
        self._take(bytes(frame), now_ms)
        return self._happened()

    def sent(self, now_ms: int) -> None:
        """Say that the packet of the last `step` has left: the wait for the reply counts from here."""
        if self._turns.listening:
            self._turns.sent(now_ms)

    def _happened(self) -> list[object]:
        events, self._events = self._events, []
        return events

    def _new_joining(self) -> Joining:
        return Joining(self._board, self._link_key, self._random(SCALAR_SIZE))  # type: ignore[operator]

    def _work_on_keys(self, now_ms: int) -> None:
        """Do a slice of the ladder; with its last slice a new session takes over."""
        key = self._joining.step(LADDER_ROUNDS)
        if key is None:
            return
        self._session = Session(key, self._board, False, now_ms)
        self._joining = self._new_joining()
        self._told_conflict = False
        self.telling.reset()
        self._backlog.reset()
        self._question.lost()
        self._turns.restart()

    def _wants_hello(self) -> bool:
        """Return True if this turn is for a new session; the old one serves until then."""
        if self._turns.speaking:
            return False
        if self._session is None or self._session.worn():
            return True
        # The gateway may have lost its half unheard: on a silent line every other try is a hello.
        return self._turns.tries >= DOWN_AFTER_TRIES and self._turns.tries % 2 == 1

    def _expire(self, now_ms: int) -> None:
        """Let time pass for the session, the question and the turn that waits for an answer."""
        if self._session:
            self._session.tick(now_ms)
            if self._session.ended():
                self._leave()
        self._question.expire(now_ms)
        if self._turns.timed_out(now_ms, self._question.unsent):
            self._question.lost()
        if self._turns.tries >= DOWN_AFTER_TRIES and self._told_up:
            self._told_up = False
            self._events.append(Down())

    def _leave(self) -> None:
        """Give up the session; the next step works on a new one."""
        self._session = None
        self._turns.restart()

    def _has_cause(self, now_ms: int) -> bool:
        """Return True if there is a reason to take a turn now."""
        if self._turns.poll_due(now_ms) or self._question.unsent:
            return True
        return self._backlog.known and (self.telling.changed() or self._backlog.due(now_ms))

    def _speak(self, session: Session, now_ms: int) -> bytes:
        """Return the next frame of this turn; a question ends it."""
        if not self._turns.speaking:
            self._saying.begin_turn(now_ms, self._turns.short)
        last = self._turns.last()
        payload, query = self._saying.payload(last)
        turn = query or last or not self._saying.more()
        return self._turns.say(session.seal(payload, turn), turn, now_ms)

    def _take(self, frame: bytes, now_ms: int) -> None:
        """Sort one frame: ours to hear, or dropped and counted."""
        header = frames.parse_header(frame)
        if header is None:
            self.counters["short"] += 1
        elif header.version != frames.VERSION:
            self.counters["version"] += 1
        elif not header.down:
            self.counters["direction"] += 1
        elif header.board != self._board:
            self.counters["board"] += 1
        elif header.kind == frames.SEALED:
            self._take_sealed(frame, header, now_ms)
        elif header.kind == frames.WELCOME:
            self._take_welcome(frame, now_ms)
        elif header.kind == frames.REOPEN:
            self._take_reopen(frame, now_ms)
        else:
            self.counters["type"] += 1

    def _take_welcome(self, frame: bytes, now_ms: int) -> None:
        if self._joining.welcomed(frame):
            self._turns.answered(now_ms)
        else:
            self.counters["forged"] += 1

    def _take_reopen(self, frame: bytes, now_ms: int) -> None:
        """The gateway lost the session (it was started anew): say hello at once."""
        if self._session and self._turns.listening and reopened(self._link_key, frame, self._turns.asked):
            self._turns.heard(now_ms)
            self._leave()
        else:
            self.counters["forged"] += 1

    def _take_sealed(self, frame: bytes, header: frames.Header, now_ms: int) -> None:
        """Open a frame and hear its messages; the right one with the turn bit gives the word back."""
        if self._session is None:
            self.counters["no-session"] += 1
            return
        payload = self._session.open(frame)
        if payload is None:
            self.counters["forged"] += 1
            return
        if not self._session.accept(header.counter):
            self.counters["replay"] += 1
            return
        self.last_heard_ms = now_ms
        self._turns.heard(now_ms)
        in_turn = self._turns.listening and payload[:1] == self._turns.asked[3:4]
        try:
            messages = self._reader.read(payload[1:])
        except MessageError:
            self.counters["message"] += 1
            messages = []
        for message in messages:
            self._hear(message, in_turn, now_ms)
        if header.turn and in_turn:
            self._end_turn(now_ms)
        if self._backlog.known and not self._told_up:
            self._told_up = True
            self._events.append(Up())

    def _end_turn(self, now_ms: int) -> None:
        self._turns.hungry = not self._backlog.known
        self._turns.answered(now_ms)
        self.telling.heard(now_ms)
        self._backlog.end_turn()

    def _hear(self, message: object, in_turn: bool, now_ms: int) -> None:
        """Take one message; most are events as they are."""
        if isinstance(message, Acked):
            self._hear_ack(message)
        elif isinstance(message, Time) and in_turn:
            message.rtt_ms = elapsed_ms(now_ms, self._turns.said_ms)
            self._events.append(message)
        elif isinstance(message, Time) or not self._asked_for(message):
            self.counters["late"] += 1
        else:
            if isinstance(message, RosterPiece):
                self._turns.short = not message.last
                self._turns.fed = True
            self._events.append(message)

    def _asked_for(self, message: object) -> bool:
        """Return False for a verdict on a question that is no longer open; closes the one that is."""
        return not isinstance(message, Answer) or self._question.answered(message.query_id)

    def _hear_ack(self, acked: Acked) -> None:
        if acked.epoch != self._source.epoch:
            self.counters["epoch"] += 1
            return
        backlog = self._backlog
        rose = backlog.acked(acked.gateway_seq, acked.centre_seq, acked.held)
        self.telling.back_to = backlog.back_to
        if backlog.conflict:
            if not self._told_conflict:
                self._told_conflict = True
                self._events.append(Conflict(acked.epoch, acked.gateway_seq))
        elif rose:
            self._events.append(Acked(acked.epoch, backlog.gateway_seq, backlog.centre_seq))


def _saying(carrier: Carrier) -> type[Saying]:
    """Return what lays messages into a carrier's payloads."""
    if not carrier.packets:
        return Saying
    from checkpost.packets import Packets

    return Packets
