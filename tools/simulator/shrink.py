"""Makes a failing run smaller while it still fails: fewer taps, fewer boards, fewer kinds of faults, one carrier."""

from typing import NamedTuple

from simulator.links import MIXED, SERIAL
from simulator.run import attempt

MAX_RUNS = 40  # about a minute


class Shape(NamedTuple):
    """What a run is made of besides its seed: the arguments of `attempt`."""

    boards: int
    taps: int
    faults: tuple[str, ...]
    links: str = MIXED


def shrink(seed: int, shape: Shape) -> Shape:
    """Return the smallest failing shape that was found near this one."""
    runs = 0
    found = True
    while found and runs < MAX_RUNS:
        found = False
        for smaller in _smaller(shape):
            runs += 1
            if attempt(seed, *smaller).broken:
                shape, found = smaller, True
                break
            if runs >= MAX_RUNS:
                break
    return shape


def _smaller(shape: Shape) -> list[Shape]:
    faults, half = shape.faults, len(shape.faults) // 2
    shapes: list[Shape] = []
    if shape.links != SERIAL:
        shapes.append(shape._replace(links=SERIAL))
    if shape.taps > 1:
        shapes.append(shape._replace(taps=shape.taps // 2))
    if shape.boards > 1:
        shapes.append(shape._replace(boards=shape.boards // 2))
    if half:
        shapes += [shape._replace(faults=faults[:half]), shape._replace(faults=faults[half:])]
    if 1 < len(faults) <= 4:
        shapes += [shape._replace(faults=faults[:at] + faults[at + 1 :]) for at in range(len(faults))]
    return shapes
