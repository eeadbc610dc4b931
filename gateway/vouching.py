"""Up to when the centre holds all that this gateway's boards wrote: what the other gateways' verdicts rest on."""

from collections.abc import Iterable

from gateway.boards import BoardState
from gateway.contract import CONSOLE_LANE
from gateway.parts import Parts


def vouched_until(parts: Parts, boards: Iterable[BoardState], real_s: float) -> int | None:
    """Return the instant (Unix UTC seconds), or None when something is known to wait or a board was not heard.

    `real_s`: the event loop's time, of which the boards' `heard_s` are. What a board writes after it was heard last
    is not vouched for.
    """
    heard = {board.number: board for board in boards}
    quiet_s = 0.0
    for number, registered in parts.view.boards.items():
        held = parts.held(number, registered.epoch)
        if held.seq > held.centre_seq:
            return None
        if registered.lane == CONSOLE_LANE:
            continue
        board = heard.get(number)
        if board is None or board.heard_s is None or board.status is None or board.status.next_seq - 1 > held.seq:
            return None
        quiet_s = max(quiet_s, real_s - board.heard_s)
    return int(parts.now_s() - quiet_s)
