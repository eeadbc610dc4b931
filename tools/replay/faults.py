"""What may go wrong in a replay, by name: faults the product must survive, and breaks it cannot."""

import random
from dataclasses import dataclass, field

KILLS = 10


@dataclass(frozen=True)
class Plan:
    """One plan of faults. `kills`: after which tap which part loses its power; `broken`: a part that never works."""

    name: str
    links_up: bool = True
    kills: dict[int, str] = field(default_factory=dict)
    broken: str = ""


SURVIVED = ("none", "links-down", "kills")
BREAKS = ("spi", "micropython", "uart", "http")
NAMES = SURVIVED + tuple(f"break-{part}" for part in BREAKS)


def plan(name: str, taps: int, seed: int) -> Plan:
    """Return the plan of a name; the seed draws the moments and the parts of `kills`."""
    if name == "links-down":
        return Plan(name, links_up=False)
    if name == "kills":
        dice = random.Random(seed)
        moments = sorted(dice.sample(range(taps), min(KILLS, taps)))
        return Plan(name, kills={at: dice.choice(("board", "gateway", "central")) for at in moments})
    if name.startswith("break-"):
        return Plan(name, broken=name.removeprefix("break-"))
    return Plan("none")
