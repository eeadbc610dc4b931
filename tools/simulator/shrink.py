"""Makes a failing run smaller while it still fails: fewer taps, fewer boards, fewer kinds of faults."""

from simulator.run import simulate

Case = tuple[int, int, int, tuple[str, ...]]  # seed, boards, taps, faults
MAX_RUNS = 40  # about two minutes


def shrink(seed: int, boards: int, taps: int, faults: tuple[str, ...]) -> Case:
    """Return the smallest failing case that was found near this one."""
    case: Case = (seed, boards, taps, faults)
    runs = 0
    found = True
    while found and runs < MAX_RUNS:
        found = False
        for smaller in _smaller(*case):
            runs += 1
            if simulate(*smaller).broken:
                case, found = smaller, True
                break
            if runs >= MAX_RUNS:
                break
    return case


def _smaller(seed: int, boards: int, taps: int, faults: tuple[str, ...]) -> list[Case]:
    cases: list[Case] = []
    if taps > 1:
        cases.append((seed, boards, taps // 2, faults))
    if boards > 1:
        cases.append((seed, boards // 2, taps, faults))
    half = len(faults) // 2
    if half:
        cases += [(seed, boards, taps, faults[:half]), (seed, boards, taps, faults[half:])]
    if 1 < len(faults) <= 4:
        cases += [(seed, boards, taps, faults[:at] + faults[at + 1 :]) for at in range(len(faults))]
    return cases
