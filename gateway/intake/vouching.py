"""Up to when the centre holds all that this gateway's boards wrote: what verdicts elsewhere rest on."""

from collections.abc import Iterable

from gateway.boards.port import BoardState
from gateway.contract import CONSOLE_LANE
from gateway.parts import Parts


class Vouching:
    """Remembers of each board when nothing of it waited. Steady time counts: a step of UTC vouches for nothing.

    Boards are looked at one by one: where cards are tapped all day, there is hardly a moment at which none has news.
    """

    def __init__(self, parts: Parts):
        self._parts = parts
        self._clear_ms: dict[tuple[int, int], int] = {}  # by board and epoch

    def until(self, boards: Iterable[BoardState]) -> int | None:
        """Return the instant (Unix UTC seconds), or None when nobody can say.

        What a board writes after its last status is not vouched for. A gateway vouches for nothing before it has
        heard all from the centre: its store may be new, and it would not know its boards.
        """
        if not self._parts.freshness.connected:
            return None
        heard = {board.number: board for board in boards}
        now_ms = self._parts.clock.steady_ms()
        since: list[int] = []
        for number, registered in self._parts.view.boards.items():
            if registered.lane == CONSOLE_LANE:
                if self._waits(number, registered.epoch):
                    return None  # what is typed may be of any time
                continue
            self._look(number, registered.epoch, heard.get(number))
            clear_ms = self._clear_ms.get((number, registered.epoch))
            if clear_ms is None:
                return None
            since.append(clear_ms)
        return (self._parts.clock.utc_ms() - (now_ms - min(since))) // 1000 if since else None

    def _look(self, number: int, epoch: int, board: BoardState | None) -> None:
        status = board.status if board else None
        if board is None or board.told_ms is None or status is None or status.epoch != epoch:
            return
        if status.next_seq - 1 <= self._parts.held(number, epoch).seq and not self._waits(number, epoch):
            self._clear_ms[number, epoch] = board.told_ms

    def _waits(self, number: int, epoch: int) -> bool:
        held = self._parts.held(number, epoch)
        return held.seq > held.centre_seq
