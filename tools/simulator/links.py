"""Which boards of a run are by radio, and on which channel: drawn from the seed."""

from random import Random

from checkpost.regions import region
from simulator.air import REGION

SERIAL, LORA, MIXED, SCARCE = NAMES = ("serial", "lora", "mixed", "scarce")
NO_RADIO = 0.4  # of mixed runs
FACTORS = (7, 7, 7, 9)
SCARCE_HZ = 868_900_000  # where a thousandth of the hour is all the law gives


class Links:
    """`of(number)` is the `link` of a board's settings; in `mixed` runs half the boards have a radio, or none.

    In `scarce` runs all have one, where there is hardly any airtime: they last for hours, and take a minute each.
    """

    def __init__(self, name: str, rng: Random):
        self.serial: dict[str, object] = {"carrier": "serial", "baud": 921_600}
        self.factor = rng.choice(FACTORS)
        self.channel_hz = SCARCE_HZ if name == SCARCE else region(REGION).channel_hz
        self.radio: dict[str, object] = {"carrier": "lora", "region": REGION, "channel_hz": self.channel_hz}
        self.radio["spreading_factor"] = self.factor
        without = name == SERIAL or (name == MIXED and rng.random() < NO_RADIO)
        self._share = 0.0 if without else 0.5 if name == MIXED else 1.0
        self._rng = rng

    def of(self, number: int) -> dict[str, object]:
        """Return the link of the next board."""
        return self.radio if self._rng.random() < self._share else self.serial
