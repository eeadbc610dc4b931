"""What a board says in its turn, frame by frame: the question first where room is short, then status, then records."""

from checkpost.asking import Question, Telling
from checkpost.backlog import Backlog
from checkpost.carrier import Carrier
from checkpost.limits import BATCH_HEAD, BATCH_RECORDS
from checkpost.messages import pack
from checkpost.record import SIZE


class Saying:
    """Lays messages into payloads of the carrier's size."""

    def __init__(self, carrier: Carrier, telling: Telling, question: Question, backlog: Backlog):
        self._carrier = carrier
        self._telling = telling
        self._question = question
        self._backlog = backlog
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
                from checkpost.parts import PART_UP, cut  # only a radio's frame is that short

                self._cuts += 1
                self._opening += cut(packed, self._cuts, self._carrier.max_payload, PART_UP)
            elif packed:
                self._opening.append(packed)

    def payload(self) -> tuple[bytes, bool]:
        """Return the next frame's payload, and True if it carries a question and so ends the turn."""
        query = said = self._question.take()
        room = self._carrier.max_payload - len(said)
        while self._opening and len(self._opening[0]) <= room:
            room -= len(self._opening[0])
            said += self._opening.pop(0)
        if not self._opening:
            said += self._records(room)
        if query and self._opening:
            self._telling.unsaid()
        return said, bool(query)

    def more(self) -> bool:
        """Return True if this turn has more to say."""
        return bool(self._opening) or self._backlog.more()

    def _records(self, room: int) -> bytes:
        """Return the next records as a packed batch of at most `room` bytes, b"" when none fits."""
        batch = self._backlog.batch(min((room - BATCH_HEAD) // SIZE, BATCH_RECORDS))
        return pack(batch) if batch else b""
