"""A board and a gateway on a simulated line, in virtual time and from one seed, for both interpreters."""

from checkpost import chain, record
from checkpost.carrier import serial
from checkpost.gateway_link import GatewayLink, Opened, Records, Send, StatusUpdate, Turn
from checkpost.lora import lora
from checkpost.messages import Acked, Answer, Base, Query, RosterPiece, Status, Time
from checkpost.seal import seal
from checkpost.sync import BoardLink, Conflict, Down, Up
from checkpost.upward import Sealed

KEY = bytes(range(16))
BOARD = 7
EPOCH = 3
START_MS = (1 << 30) - 5000  # so that ticks of 30 bits wrap early in every test
SEAL_KEY = bytes(32)
ROSTER_ID = 0xC0FFEE
BAUD = 921_600


def card_of(board, roster_id, slot):
    """Return the UID that a slot of the roster stands for."""
    return bytes([4, slot & 0xFF, slot >> 8, 7, 7, 7, 7]) if board == BOARD and slot < 500 else b""


def slot_of(uid):
    """Return the slot of a card on the roster, or 0."""
    slot = uid[1] | uid[2] << 8
    return slot if uid == card_of(BOARD, ROSTER_ID, slot) else 0


def crossing(chance, seq, seconds):
    """Return the record of a crossing, with a card on the roster, an unknown one, or none."""
    uid = card_of(BOARD, ROSTER_ID, 1 + chance.below(400)) if chance.happens(60) else b"\4" + chance.bytes(6)
    body = record.Crossing(uid if chance.happens(70) else b"", chance.below(2), 1 + chance.below(3), 1)
    body.verdict = chance.below(3)
    body.reasons = chance.below(5)
    return record.Record(record.CROSSING, seq, seconds, 36, 2, 3, body.pack()).pack()


def outcome(chance, seq, seconds):
    """Return the record of the outcome of the crossing before."""
    body = record.pack_outcome(seq - 1, 1 + chance.below(3), 1)
    return record.Record(record.OUTCOME, seq, seconds, 36, 2, 3, body).pack()


def radio(max_frame):
    """Return a LoRa profile; the times are those of SF7 and SF12 at 125 kHz, near enough."""
    if max_frame > 51:
        return lora(max_frame, lambda size: 30 + size * 3 // 2)
    return lora(max_frame, lambda size: 700 + 35 * size)


class Chance:
    """Pseudo-random numbers that are the same in both interpreters (xorshift, 32 bits)."""

    def __init__(self, seed):
        self._state = seed * 2654435761 % (1 << 32) or 1

    def below(self, limit):
        state = self._state
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        self._state = state
        return state % limit

    def happens(self, percent):
        return self.below(100) < percent

    def bytes(self, size):
        return bytes([self.below(256) for _ in range(size)])


class MemoryJournal:
    """What the link needs of a journal; packed, for the heap of a board."""

    def __init__(self, board=BOARD, epoch=EPOCH):
        self.epoch = epoch
        self.oldest_seq = 1
        self.next_seq = 1
        self._records = bytearray()
        self._heads = bytearray(chain.start(board, epoch))

    def append(self, record):
        self._records.extend(record)
        self._heads.extend(chain.link(self.head_at(self.next_seq - 1), record))
        self.next_seq += 1

    def read(self, seq):
        return bytes(self._records[32 * seq - 32 : 32 * seq])

    def read_into(self, first_seq, buffer):
        count = min(len(buffer) // 32, self.next_seq - first_seq)
        buffer[: 32 * count] = self._records[32 * first_seq - 32 : 32 * (first_seq + count) - 32]
        return count

    def section(self):
        return 0, b""

    def seal_of(self, seq, head):
        return seq // 50, seal(SEAL_KEY, BOARD, self.epoch, seq, head)

    def head_at(self, seq):
        return bytes(self._heads[32 * seq : 32 * seq + 32])


class Wire:
    """One direction of a paced line. Data arrives after its bytes' time and `delay_ms`, if `faults` lets it."""

    def __init__(self, chance, faults, carrier, slack_ms):
        self._chance = chance
        self._faults = faults
        self._carrier = carrier
        self._slack_us = slack_ms * 1000
        self._busy_us = 0
        self._flying = []  # (arrival, order, data)
        self._order = 0
        self.up = True
        self.carried = 0
        self.packets = 0

    def free(self, now_ms):
        """Return True when no more than the slack waits to be sent: a UART's small buffer, none of a radio."""
        return self._busy_us < now_ms * 1000 + self._slack_us

    def put(self, data, now_ms):
        """Send bytes; faults strike frame by frame."""
        self._busy_us = max(self._busy_us, now_ms * 1000)
        faults = self._faults
        self.carried += len(data)
        for piece in self._pieces(data):
            self.packets += 1
            self._busy_us += self._time_us(len(piece))
            if not self.up or self._chance.happens(faults.get("loss", 0)):
                continue
            self._fly(piece)
            if self._chance.happens(faults.get("doubling", 0)):
                self._fly(piece)

    def _pieces(self, data):
        """Cut bytes after each delimiter; `noise` changes a byte of a piece."""
        pieces = []
        at = 0
        while at < len(data):
            end = data.find(b"\0", at) + 1 or len(data)
            if self._carrier.packets:
                end = len(data)
            piece = data[at:end]
            if self._chance.happens(self._faults.get("noise", 0)):
                hit = self._chance.below(len(piece))
                piece = piece[:hit] + bytes([self._chance.below(256)]) + piece[hit + 1 :]
            pieces.append(piece)
            at = end
        return pieces

    def _time_us(self, size):
        if self._carrier.packets:
            return self._carrier.airtime_ms(size) * 1000
        return size * 10_000_000 // BAUD

    def _fly(self, piece):
        late = self._busy_us // 1000 + self._faults.get("delay_ms", 0)
        if "jitter_ms" in self._faults:
            late += self._chance.below(self._faults["jitter_ms"])
        self._order += 1
        self._flying.append((late, self._order, piece))

    def get(self, now_ms):
        """Return the chunks that have arrived, in the order of their arrival."""
        due = sorted([item for item in self._flying if item[0] <= now_ms])
        self._flying = [item for item in self._flying if item[0] > now_ms]
        chunks = [piece for _, _, piece in due]
        if self._faults.get("one_byte") and not self._carrier.packets:
            return (chunk[at : at + 1] for chunk in chunks for at in range(len(chunk)))  # a list of them fills a board
        return chunks


class GatewayApp:
    """A gateway that commits before it acknowledges. `store` survives its restarts."""

    def __init__(self, chance, store, roster_size, carrier):
        self.store = store
        self.carrier = carrier
        self.link = GatewayLink(lambda board: KEY if board == BOARD else None, chance.bytes, carrier, card_of)
        self.roster_size = roster_size
        self.revision = None
        self.answers = []
        self.seals = []
        self.opened = 0
        self.refusing = False
        self.bases = 0
        self.clock = None

    def take(self, data, now_ms):
        """Return what goes back: pieces of a stream, or packets."""
        out = []
        packets = self.carrier.packets
        for event in self.link.receive_frame(data, now_ms) if packets else self.link.receive(data, now_ms):
            if isinstance(event, Send):
                out.append(event.frame if packets else event.data)
            elif isinstance(event, (Opened, StatusUpdate)):
                self.opened += isinstance(event, Opened)
                self.revision = event.status.roster_revision if event.status.roster_id == ROSTER_ID else 0
            elif isinstance(event, Records):
                self._intake(event)
            elif isinstance(event, Query):
                self.answers.append(Answer(event.query_id, event.record[1] % 3, 5, 2, 1, 1, 4))
            elif isinstance(event, Sealed):
                self.seals.append(event)
            elif isinstance(event, Base):
                self.bases += 1
                self.store.begin(event.first_seq, event.head)
            elif isinstance(event, Turn):
                out += self._answer(now_ms)
        return out

    def _intake(self, event):
        store = self.store
        if self.refusing or event.first_seq != store.held + 1:
            return
        head = chain.extend(store.head, event.records)
        if head[:4] != event.head4:
            assert event.rebuilt
            return
        store.records.extend(event.records)
        store.head = head

    def _answer(self, now_ms):
        messages = [Acked(EPOCH, self.store.held, self.store.held // 2)] + self.answers
        self.answers = []
        if self.clock:
            messages.append(Time(self.clock(now_ms) // 1000, self.clock(now_ms) % 1000, 36))
        if self.revision is not None:
            messages += self.pieces(self.revision)
        if self.carrier.packets:
            return self.link.answer_frames(messages, now_ms)
        return [self.link.answer(messages, now_ms)]

    def pieces(self, revision):
        """Return the next two roster pieces after a revision."""
        found = []
        while revision < self.roster_size and len(found) < 2:
            to = min(revision + self.carrier.roster_entries, self.roster_size)
            entries = [bytes([at & 0xFF, at >> 8] * 32) for at in range(revision, to)]
            found.append(RosterPiece(ROSTER_ID, revision, to, revision == 0, to == self.roster_size, entries))
            revision = to
        return found


class Store:
    """What the gateway has on disk."""

    def __init__(self):
        self.records = bytearray()
        self.before = 0
        self.head = chain.start(BOARD, EPOCH)

    @property
    def held(self):
        return self.before + len(self.records) // 32

    def begin(self, first_seq, head):
        """Start in the middle, where the journal does."""
        if self.held < first_seq - 1:
            self.records = bytearray()
            self.before = first_seq - 1
            self.head = head


class World:
    """A board, a gateway, two wires. `run` lets time pass; `jump` moves all clocks at once."""

    def __init__(self, seed=1, faults=None, roster_size=0, carrier=None):
        self.chance = Chance(seed)
        self.faults = faults or {}
        self.now_ms = START_MS
        self.journal = MemoryJournal()
        self.store = Store()
        self.carrier = carrier or serial(BAUD)
        self.tick_ms = max(1, self.carrier.airtime_ms(13) // 4)  # a quarter of the shortest packet; of a line 1
        self.patience = 240 if self.carrier.packets else 1  # a quiet radio polls each 15 minutes
        slack_ms = 1 if self.carrier.packets else 2
        self.up = Wire(self.chance, self.faults, self.carrier, slack_ms)
        self.down = Wire(self.chance, self.faults, self.carrier, slack_ms)
        self.roster_size = roster_size
        self.roster = []
        self.status = Status()
        self.status.utc_s = 1_700_000_000
        self.events = []
        self.times = []
        self.start_board()
        self.start_gateway()

    def start_board(self):
        """Switch the board on: its memory is new, its journal and roster are as they were."""
        self.board = BoardLink(BOARD, KEY, self.journal, self.chance.bytes, self.carrier)
        self.board.name_cards(slot_of)
        self.board.set_status(self.status)
        self.board.started()
        self.answered = {}
        self.asked = {}

    def start_gateway(self):
        """Start the gateway's process: its disk is as it was."""
        self.gateway = GatewayApp(self.chance, self.store, self.roster_size, self.carrier)
        self.gateway.clock = self.clock_ms

    def clock_ms(self, now_ms):
        """Return the true UTC in milliseconds; it moves with the ticks."""
        return 1_700_000_000_000 + now_ms - START_MS

    def jump(self, ms):
        self.now_ms += ms

    def write(self, count):
        """Put new records into the journal."""
        for _ in range(count):
            seq, seconds = self.journal.next_seq, self.clock_ms(self.now_ms) // 1000
            if not self.carrier.packets or self.chance.happens(5):
                self.journal.append(self.chance.bytes(32))
            else:
                self.journal.append((crossing if seq % 2 else outcome)(self.chance, seq, seconds))
        self.board.wake(self.now_ms)

    def ask(self):
        """Ask the gateway about a card; return the id."""
        record = self.chance.bytes(32)
        query_id = self.board.ask(record, self.now_ms)
        if query_id:
            self.asked[query_id] = record[1] % 3
        return query_id

    def turn_of_the_world(self):
        """One tick: a millisecond of a line, ten of a radio."""
        ticks = self.now_ms % (1 << 30)
        data = b"-"
        while self.up.free(self.now_ms) and (data or self.board.busy):
            data = self.board.step(ticks)
            if data:
                self.up.put(data, self.now_ms)
        for chunk in self.up.get(self.now_ms):
            for reply in self.gateway.take(chunk, self.now_ms):
                self.down.put(reply, self.now_ms)
        receive = self.board.receive_frame if self.carrier.packets else self.board.receive
        for chunk in self.down.get(self.now_ms):
            for event in receive(chunk, ticks):
                self.hear(event)
        self.now_ms += self.tick_ms

    def hear(self, event):
        """What a board's app does with events."""
        if isinstance(event, Answer):
            assert event.query_id not in self.answered
            self.answered[event.query_id] = event.verdict
        elif isinstance(event, RosterPiece):
            self.apply(event)
        elif isinstance(event, Time):
            self.times.append((event, self.now_ms))
        elif isinstance(event, Acked):
            assert event.gateway_seq <= self.store.held
            self.events.append(event)
        elif isinstance(event, (Up, Down, Conflict)):
            self.events.append(event)

    def apply(self, piece):
        if piece.reset and self.status.roster_id != piece.id:
            self.roster = []
        if piece.from_rev != len(self.roster):
            return
        self.roster += piece.entries
        self.status.roster_id = piece.id
        self.status.roster_revision = piece.to_rev
        self.board.set_status(self.status)

    def run(self, ms):
        for _ in range(0, ms, self.tick_ms):
            self.turn_of_the_world()

    def run_until(self, done, limit_ms):
        """Let time pass until `done()`, at most `limit_ms`; return the milliseconds it took."""
        begun = self.now_ms
        while not done():
            assert self.now_ms - begun < limit_ms, "not done in time: " + repr(self.board.counters)
            self.turn_of_the_world()
        return self.now_ms - begun

    def delivered(self):
        return self.store.held == self.journal.next_seq - 1

    def check(self):
        """Everything arrived once and in order, and the board knows no more than what is on disk."""
        assert self.delivered()
        assert self.store.head == self.journal.head_at(self.journal.next_seq - 1)
        for seq in range(1 + self.store.before, self.journal.next_seq):
            at = 32 * (seq - 1 - self.store.before)
            assert self.store.records[at : at + 32] == self.journal.read(seq)
