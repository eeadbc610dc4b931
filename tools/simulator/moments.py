"""Knows when each crossing was beeped: the centre may be unsure of a time, and never surer than it is right."""

from checkpost.record import UNSET
from kiosk.clock import uncertainty_s
from simulator.board import Board
from simulator.chips import Rtc

ANSWER_S = 10  # a crossing is stamped at the card and beeped with its answer

Place = tuple[int, int]  # board, epoch
Key = tuple[int, int, int]  # board, epoch, sequence
Moment = tuple[int, int, int]  # Unix UTC s, trust of `checkpost.anchor.CLOCKS`, uncertainty code


class Moments:
    """The true time of beeps, and what the clock chip was then."""

    def __init__(self) -> None:
        self._beeped: dict[Key, tuple[int, int, Rtc]] = {}  # true UTC s, the chip's error that no board can see, chip

    def beeped(self, key: Key, board: Board) -> None:
        """Take the beep of a crossing."""
        self._beeped.setdefault(key, (board.rtc.true_s(), board.rtc.misled, board.rtc))

    def judge(self, found: dict[Key, Moment], places: set[Place]) -> list[str]:
        """Return a sentence for each wrong time in these epochs; `found`: the centre's times.

        A clock that jumped without power is found out by a gateway's time, unless it stopped before it heard one.
        """
        wrong = []
        for key, (utc_s, trust, code) in found.items():
            if key not in self._beeped or trust == UNSET or key[:2] not in places:
                continue
            true_s, misled, rtc = self._beeped[key]
            if abs(utc_s - true_s) > uncertainty_s(code) + ANSWER_S and not rtc.unknowable(misled):
                sure = f"off {utc_s - true_s} s, and sure to {uncertainty_s(code)} s"
                wrong.append(f"time: record {key[2]} of board {key[0]}, epoch {key[1]} is {sure} (trust {trust})")
        return wrong
