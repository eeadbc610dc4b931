"""The faults that a run may meet: their names, how often each strikes, and how often each did."""

from collections import Counter
from collections.abc import Callable
from random import Random

# Chance at each occasion: a frame, a request, or a second of a machine's life.
RATES = {
    "loss": 0.15,  # of frames
    "double": 0.05,
    "reorder": 0.05,
    "flip": 0.02,
    "power": 0.012,  # a board loses power at one of its next flash operations
    "unplug": 0.004,  # a line is cut for up to 20 s
    "gateway-kill": 0.006,  # between two statements of a transaction
    "disk-full": 0.004,  # for up to 10 s
    "gateway-swap": 0.0008,  # a gateway's disk is lost: an empty one takes its place
    "gateway-restore": 0.0008,  # its disk is as it was up to a minute before
    "board-move": 0.001,  # a board's line is plugged into another gateway, and the centre told of it before or after
    "board-swap": 0.0005,  # a spare takes a board's place; the log of the old one comes in a file
    "board-restore": 0.0006,  # a board's chip is as it was up to a minute before; what it wrote since is gone
    "board-clone": 0.0006,  # another board with a copy of its chip speaks as it, for up to two minutes
    "lost-request": 0.03,
    "lost-reply": 0.03,  # after the centre's commit
    "centre-busy": 0.03,  # 503
    "half-open": 0.005,  # a request that is never answered
    "centre-kill": 0.004,
    "clock-jump": 0.002,  # a board's clock: a day ahead or back
    "clock-stop": 0.002,  # a board's clock lost its supply
    "air-loss": 0.01,  # for up to 40 s each receiver misses up to 90 % of the packets
    "air-bits": 0.01,  # for up to 40 s up to half of the packets are spoilt
    "air-foreign": 0.05,  # somebody else sends on the channel, whatever is on it
    "radio-fails": 0.003,  # a radio chip does not answer its driver for up to 20 s
    "modem-power": 0.006,  # a gateway's radio loses power at one of its next flash operations
    "rot": 0.02,  # a bit of a record on a board's flash flips: the record may be lost, if the board says so
}
# A record that rots after its gateway had it, and then a gateway without its disk, are two losses of one record: what
# comes of both at once is promised by nobody. Rot is asked for by name.
BY_NAME = ("rot",)
ALL = tuple(name for name in RATES if name not in BY_NAME)
NONE: tuple[str, ...] = ()


class UnknownFault(ValueError):
    """A fault's name is not in RATES; the message lists them."""


class Faults:
    """Strikes by chance, with the chances of `chosen`, until `calm` is called."""

    def __init__(self, rng: Random, chosen: tuple[str, ...], note: Callable[[str], None] = lambda what: None):
        """`note` is told each fault that strikes a machine rather than a frame."""
        self._note = note
        self._rng = rng
        self._chosen = frozenset(chosen)
        self.counts: Counter[str] = Counter()
        self.over = False

    def strikes(self, name: str, whom: str = "") -> bool:
        """Return True if the fault strikes now, and count it; `whom`: the machine, empty for a frame."""
        if self.over or name not in self._chosen or self._rng.random() >= RATES[name]:
            return False
        self.counts[name] += 1
        if whom:
            self._note(f"{name} at {whom}")
        return True

    def calm(self) -> None:
        """End all faults: what is left has to mend itself now."""
        self.over = True


def chosen(names: str) -> tuple[str, ...]:
    """Return the faults that a comma-separated text names; `all` and `none` are such texts."""
    if names == "all":
        return ALL
    if names == "none":
        return NONE
    found = tuple(name.strip() for name in names.split(","))
    for name in found:
        if name not in RATES:
            raise UnknownFault(f"There is no fault {name!r}; there are: all, none, {', '.join(RATES)}.")
    return found
