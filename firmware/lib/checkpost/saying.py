"""What a board says in its turn, frame by frame: the question first where room is short, then status, then records."""

from checkpost.asking import Question, Telling
from checkpost.backlog import Backlog
from checkpost.carrier import Carrier
from checkpost.limits import BATCH_HEAD, BATCH_RECORDS
from checkpost.messages import pack
from checkpost.record import SIZE
from checkpost.upward import Sealed


class Saying:
    """Lays messages into payloads of the carrier's size."""

    def __init__(self, carrier: Carrier, telling: Telling, question: Question, backlog: Backlog):
        self._carrier = carrier
        self._telling = telling
        self._question = question
        self._backlog = backlog
        self.slot_of: object = None  # slot_of(uid) -> slot of a card on the board's roster, or 0; None: no roster
        self._opening: list[bytes] = []  # what opens this turn and was not said yet

    def begin_turn(self, now_ms: int, waiting: bool) -> None:
        """Lay out what is told first: the status when it is due, and where the journal begins.

        `waiting`: for a roster; a status may have been lost in a burst whose last frame was heard."""
        self._question.lost()  # still open when a turn begins: the last one brought no verdict
        status = self._telling.take(now_ms, waiting and self._carrier.packets)
        base = self._backlog.begin_turn(now_ms)
        self._opening = []
        for packed in (status, pack(base) if base else b""):
            if packed:
                self._open(packed)

    def payload(self, last: bool) -> tuple[bytes, bool]:
        """Return the next frame's payload, and True if it carries a question and so ends the turn.

        `last`: this frame ends the turn in any case."""
        query = said = self._question.take()
        room = self._carrier.max_payload - len(said)
        while self._opening and len(self._opening[0]) <= room:
            room -= len(self._opening[0])
            said += self._opening.pop(0)
        if not self._opening:
            said += self._records(room, last or bool(query))
        if query and self._opening:
            self._telling.unsaid()
        return said, bool(query)

    def more(self) -> bool:
        """Return True if this turn has more to say."""
        return bool(self._opening) or self._backlog.more()

    def _open(self, packed: bytes) -> None:
        self._opening.append(packed)

    def _records(self, room: int, last: bool) -> bytes:
        """Return whole records as a batch, with a seal behind the last batch of the turn; b"" when there are none."""
        batch = self._backlog.batch(min((room - BATCH_HEAD) // SIZE, BATCH_RECORDS))
        if batch is None:
            return b""
        seal = None if self._backlog.more() and not last else self._backlog.seal()
        return pack(batch) + (pack(Sealed(batch.epoch, *seal)) if seal else b"")
