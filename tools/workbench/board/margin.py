"""The radio range test: how far board and gateway hear each other above the weakest signal that a chip can read."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.board.checking import Finding
from workbench.board.wire import Board, BoardTrouble

PINGS = 10
GOOD_DB = 10  # of margin: rain, a parked lorry, and a battery that is low take some of it
MOST_LOST = 1  # of ten
# dBm at 125 kHz with boosted gain, by spreading factor: Semtech DS.SX1261-2.W.APP rev. 2.2, table 3-8, RXS_LB, names
# SF7 and SF12, as rev. 1.2 did; those between lie where the demodulator's least signal to noise puts them, 2.5 dB a
# step (6.1.1.1).
SENSITIVITY_DBM = {7: -124.0, 8: -126.5, 9: -129.0, 10: -131.5, 11: -134.0, 12: -137.0}
Heard = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Range:
    """What a range test found. `there`: (dBm, dB) of pings as the gateway heard them; `here`: of its answers."""

    sent: int
    there: Heard
    here: Heard
    spreading_factor: int

    @property
    def lost(self) -> int:
        """Return how many pings were not answered."""
        return self.sent - len(self.there)

    @property
    def margin_db(self) -> float:
        """Return the weaker way's weakest signal above what the chip can read. There is one that was answered."""
        return min(map(_signal_dbm, [*self.there, *self.here])) - SENSITIVITY_DBM[self.spreading_factor]

    def words(self) -> str:
        """Return one sentence: both ways, lost, margin."""
        if not self.there:
            return f"none of {self.sent} pings was answered"
        ways = f"{_way(self.there)} at the gateway, {_way(self.here)} at the board"
        return f"margin {self.margin_db:.0f} dB at SF{self.spreading_factor} ({ways}), {self.lost} of {self.sent} lost"


def measure(board: Board, spreading_factor: int, count: int = PINGS) -> Range:
    """Run the test on a board whose gateway's modem is on. Raises BoardTrouble."""
    board.load("radio")
    said = board.ask(f"_range({count})")
    there, here = ([(int(dbm), int(db)) for dbm, db in said[name]] for name in ("there", "here"))
    return Range(int(said["sent"]), there, here, spreading_factor)


def finding(board: Board, spreading_factor: int) -> Finding:
    """Return the range test as a part of a check."""
    try:
        found = measure(board, spreading_factor)
    except BoardTrouble as error:
        return Finding("radio range", False, str(error), "check the radio's plug, antenna and select wire (GP9)")
    if not found.sent:
        return Finding("radio range", None, "nothing was sent", "the hour's airtime is used, or the channel never free")
    if not found.there:
        advice = "switch the gateway's modem on; compare region, channel and spreading factor; check both antennas"
        return Finding("radio range", False, found.words(), advice)
    right = found.margin_db >= GOOD_DB and found.lost <= MOST_LOST
    advice = "put an antenna higher or into the open, or choose a higher spreading factor for the site"
    return Finding("radio range", right, found.words(), "" if right else advice)


def _signal_dbm(heard: tuple[int, int]) -> int:
    """Return a packet's own strength: below the noise its measured power is mostly noise (DS 13.5.3)."""
    rssi_dbm, snr_db = heard
    return rssi_dbm + min(0, snr_db)


def _way(heard: Heard) -> str:
    weakest = min(heard, key=_signal_dbm)
    return f"{weakest[0]} dBm and {weakest[1]} dB signal to noise"
