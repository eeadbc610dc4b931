"""What a board says in its turn, frame by frame: the question first where room is short, then status, then records."""

from checkpost.asking import Question, Telling
from checkpost.backlog import Backlog
from checkpost.carrier import Carrier
from checkpost.chain import SHORT_SIZE
from checkpost.limits import BATCH_HEAD, BATCH_RECORDS, COMPACT_RECORDS, LEAST_RECORD, PLAIN_BATCHES
from checkpost.messages import pack
from checkpost.record import SIZE
from checkpost.upward import Batch, Sealed


class Saying:
    """Lays messages into payloads of the carrier's size."""

    def __init__(self, carrier: Carrier, telling: Telling, question: Question, backlog: Backlog):
        self._carrier = carrier
        self._telling = telling
        self._question = question
        self._backlog = backlog
        self.slot_of: object = None  # slot_of(uid) -> slot of a card on the board's roster, or 0; None: no roster
        self._plain = 0  # batches to come that name no slots: the gateway may not know them
        self._opening: list[bytes] = []  # what opens this turn and was not said yet
        self._cuts = 0  # messages that were cut into parts

    def begin_turn(self, now_ms: int, waiting: bool) -> None:
        """Lay out what is told first: the status when it is due, and where the journal begins.

        `waiting`: for a roster; a status may have been lost in a burst whose last frame was heard."""
        self._question.lost()  # still open when a turn begins: the last one brought no verdict
        status = self._telling.take(now_ms, waiting and self._carrier.packets)
        base = self._backlog.begin_turn(now_ms)
        self._opening = []
        for packed in (status, pack(base) if base else b""):
            if len(packed) > self._carrier.max_payload:
                self._cut(packed)
            elif packed:
                self._opening.append(packed)

    def payload(self, last: bool) -> tuple[bytes, bool]:
        """Return the next frame's payload, and True if it carries a question and so ends the turn.

        `last`: this frame ends the turn in any case."""
        query = said = self._question.take()
        room = self._carrier.max_payload - len(said)
        while self._opening and len(self._opening[0]) <= room:
            room -= len(self._opening[0])
            said += self._opening.pop(0)
        if not self._opening:
            said += self._packed(room) if self._carrier.packets else self._whole(room, last or bool(query))
        if query and self._opening:
            self._telling.unsaid()
        return said, bool(query)

    def more(self) -> bool:
        """Return True if this turn has more to say."""
        return bool(self._opening) or self._backlog.more()

    def _cut(self, packed: bytes) -> None:
        """Say a message in parts."""
        from checkpost.parts import PART_UP, cut  # only a radio's frame is that short

        self._cuts += 1
        self._opening += cut(packed, self._cuts, self._carrier.max_payload, PART_UP)

    def _whole(self, room: int, last: bool) -> bytes:
        """Return whole records as a batch, with a seal behind the last batch of the turn; b"" when there are none."""
        batch = self._backlog.batch(min((room - BATCH_HEAD) // SIZE, BATCH_RECORDS))
        if batch is None:
            return b""
        seal = None if self._backlog.more() and not last else self._backlog.seal()
        return pack(batch) + (pack(Sealed(batch.epoch, *seal)) if seal else b"")

    def _packed(self, room: int) -> bytes:
        """Return a compact batch with its seal, without it where not even one record fits beside it."""
        first, records = self._backlog.peek(min(COMPACT_RECORDS, room // LEAST_RECORD))
        if not records:
            return b""
        if self._backlog.stalled > 1:
            return self._in_parts(first, records[:SIZE], room)
        from checkpost.compact import SEAL_ROOM, Packing

        self._plain = PLAIN_BATCHES if self._backlog.stalled else max(0, self._plain - 1)
        slot_of = None if self._plain else self.slot_of
        packing = Packing(first, records, self._telling.status.utc_s, slot_of)
        sealed = packing.fill(room - SEAL_ROOM)
        if not sealed and not packing.fill(room):
            return b"" if room < self._carrier.max_payload else self._in_parts(first, records[:SIZE], room)
        head = self._backlog.take(first, records[: packing.count * SIZE])
        return packing.pack(head, self._backlog.seal() if sealed else None) if head else b""

    def _in_parts(self, first: int, record: bytes, room: int) -> bytes:
        """Return the first part of a batch with one whole record, and keep the others: nothing else is taken for it."""
        head = self._backlog.take(first, record)
        if head is None:
            return b""
        self._cut(pack(Batch(self._telling.status.epoch, first, record, head[:SHORT_SIZE])))
        return self._opening.pop(0) if len(self._opening[0]) <= room else b""
