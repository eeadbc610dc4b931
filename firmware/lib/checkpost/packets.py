"""What a board says by radio: compact batches, and in parts what no packet holds. Serial boards do not load it."""

from checkpost.asking import Question, Telling
from checkpost.backlog import Backlog
from checkpost.carrier import Carrier
from checkpost.chain import SHORT_SIZE
from checkpost.limits import COMPACT_RECORDS, LEAST_RECORD, PLAIN_BATCHES
from checkpost.messages import pack
from checkpost.record import SIZE
from checkpost.saying import Saying
from checkpost.upward import Batch


class Packets(Saying):
    """Lays messages into the payloads of packets."""

    def __init__(self, carrier: Carrier, telling: Telling, question: Question, backlog: Backlog):
        super().__init__(carrier, telling, question, backlog)
        self._plain = 0  # batches to come that name no slots: the gateway may not know them
        self._cuts = 0  # messages that were cut into parts

    def _open(self, packed: bytes) -> None:
        if len(packed) > self._carrier.max_payload:
            self._cut(packed)
        else:
            self._opening.append(packed)

    def _cut(self, packed: bytes) -> None:
        """Say a message in parts."""
        from checkpost.parts import PART_UP, cut  # only a radio's frame is that short

        self._cuts += 1
        self._opening += cut(packed, self._cuts, self._carrier.max_payload, PART_UP)

    def _records(self, room: int, last: bool) -> bytes:
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
