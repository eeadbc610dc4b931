"""Up to when the centre holds all that this gateway's boards wrote: what the other gateways' verdicts rest on."""

from collections.abc import Iterable

from gateway.boards.port import BoardState
from gateway.contract import CONSOLE_LANE
from gateway.parts import Parts


def vouched_until(parts: Parts, boards: Iterable[BoardState]) -> int | None:
    """Return the instant (Unix UTC seconds), or None when something is known to wait or a board was not heard.

    What a board writes after it was heard last is not vouched for. Steady time counts, so a step of UTC vouches for
    nothing.
    """
    heard = {board.number: board for board in boards}
    quiet_ms, now_ms = 0, parts.clock.steady_ms()
    for number, registered in parts.view.boards.items():
        held = parts.held(number, registered.epoch)
        if held.seq > held.centre_seq:
            return None
        if registered.lane == CONSOLE_LANE:
            continue
        board = heard.get(number)
        if board is None or board.heard_ms is None or board.status is None or board.status.next_seq - 1 > held.seq:
            return None
        quiet_ms = max(quiet_ms, now_ms - board.heard_ms)
    return (parts.clock.utc_ms() - quiet_ms) // 1000
