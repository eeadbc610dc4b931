"""The checks of the source: each takes a board and returns sentences, one a fault; none where all is well."""

from collections.abc import Callable, Iterable

from hardware import gpio, harness, power
from hardware.model import Board

# RP2350-E9: an input that has once been between its levels leaks up to 120 uA; only 8.2 kohm or less pulls it down.
E9_LIMIT_OHM = 8200
_PULL_UP_LIMIT_OHM = 100_000
_OHM = {"R": 1.0, "k": 1e3, "M": 1e6}


def ohms(value: str) -> float:
    """Return what a value such as 4k7, 120R or 100k means."""
    for letter, factor in _OHM.items():
        if letter in value:
            whole, _, rest = value.partition(letter)
            return float(f"{whole or 0}.{rest or 0}") * factor
    return float(value)


def functions_exist(board: Board) -> list[str]:
    """Each pin can be what the source says it is."""
    return [
        f"{name}: GP{spec['gp']} cannot be {spec['fn']}"
        for name, spec in board.signals.items()
        if spec["fn"] not in gpio.functions(spec["gp"])
    ]


def pins_used_once(board: Board) -> list[str]:
    """No GPIO carries two signals, no part two pins of one number, no two parts one name."""
    gps = [(f"GP{spec['gp']}", name) for name, spec in board.signals.items()]
    pads = [(f"{part.ref} pad {pin.number}", pin.name) for part in board.parts for pin in part.pins]
    refs = [(part.ref, part.value) for part in board.parts]
    return _twice(gps) + _twice(pads) + _twice(refs)


def _twice(pairs: Iterable[tuple[str, str]]) -> list[str]:
    first: dict[str, str] = {}
    faults = []
    for key, name in pairs:
        if key in first:
            faults.append(f"{key} is used twice: {first[key]} and {name}")
        first.setdefault(key, name)
    return faults


def inputs_pulled_up(board: Board) -> list[str]:
    """Each active-low input has a pull-up, in the chip or on the board."""
    return [
        f"{name}: an active-low input needs a pull-up"
        for name, spec in board.signals.items()
        if name.endswith("_N") and spec.get("dir") == "in" and spec.get("pull") != "up" and not _pull(board, name, True)
    ]


def resets_held(board: Board) -> list[str]:
    """Each output that must be quiet while the chip starts is held by a resistor: low ones strongly (RP2350-E9)."""
    faults = []
    for name, spec in board.signals.items():
        wanted = spec.get("reset")
        if wanted is None:
            continue
        found = _pull(board, name, wanted == "high")
        if found is None:
            faults.append(f"{name}: nothing holds it {wanted} at reset")
        elif found > (E9_LIMIT_OHM if wanted == "low" else _PULL_UP_LIMIT_OHM):
            faults.append(f"{name}: {found:.0f} ohm is too weak to hold it {wanted} at reset (RP2350-E9)")
    return faults


def _pull(board: Board, net: str, up: bool) -> float | None:
    """Return the ohms of the resistor from a net to ground or to a 3.3 V rail."""
    ends = {"V3V3", "V3V3P"} if up else {"GND"}
    for part in board.parts:
        nets = {pin.net for pin in part.pins}
        if part.ref.startswith("R") and net in nets and nets & ends:
            return ohms(part.value)
    return None


def addresses_differ(board: Board) -> list[str]:
    """No two devices of an I2C bus answer to one address."""
    faults = []
    for bus, spec in board.raw["i2c"].items():
        faults += [f"{bus}: {fault}" for fault in _twice((f"0x{d['addr']:02X}", d["name"]) for d in spec["device"])]
    return faults


def power_inputs_fed(board: Board) -> list[str]:
    """Each power input has a net that something feeds, or a waiver that says why not (ERC does not see an open one)."""
    waived = {entry["pin"] for entry in board.raw.get("waiver", []) if entry.get("why")}
    flagged = set(board.raw["nets"]["flag"])
    fed = {pin.net for part in board.parts for pin in part.pins if pin.kind == "power_out"} | flagged
    faults = []
    for part in board.parts:
        for pin in part.pins:
            if pin.kind == "power_in" and f"{part.ref}.{pin.number}" not in waived and (pin.net or "-") not in fed:
                faults.append(f"{part.ref} pin {pin.number} ({pin.name}): nothing feeds it")
    return faults


def nets_have_two_ends(board: Board) -> list[str]:
    """Each net joins at least two pins: a name written wrong would make a net of one."""
    return [f"net {net}: only {pins[0][0]} is on it" for net, pins in board.nets().items() if len(pins) < 2]


def grounds_connected(board: Board) -> list[str]:
    """Each ground pad of the Pico is on GND."""
    pico = next(part for part in board.parts if part.mcu)
    nets = {int(pin.number): pin.net for pin in pico.pins}
    return [f"{pico.ref} pad {pad} is not on GND" for pad in gpio.GROUND_PADS if nets.get(pad) != "GND"]


def rails_below_limits(board: Board) -> list[str]:
    """Each rail carries less at its worst than its limit."""
    return [
        f"{rail.name}: {rail.peak_ma:.0f} mA at worst, the limit is {rail.limit_ma:.0f} mA"
        for rail in power.rails(board.raw).values()
        if rail.peak_ma > rail.limit_ma
    ]


def battery_lasts(board: Board) -> list[str]:
    """The battery carries the typical load for the hours asked for."""
    hours, least = power.battery_hours(board.raw), board.raw["battery"]["least_hours"]
    return [f"the battery lasts {hours:.0f} h, {least} h are asked for"] if hours < least else []


def lines_have_part_numbers(board: Board) -> list[str]:
    """Each thing that is bought has a maker's part number, a maker and a price."""
    lines = [(part.ref, part.mpn, part.mfr, part.price_eur) for part in board.parts if part.bought]
    for entry in board.raw["module"] + board.raw["extra"]:
        label = entry.get("ref") or entry["name"]
        lines.append((label, entry.get("mpn", ""), entry.get("mfr", ""), entry.get("price_eur", 0)))
    return [f"{ref}: no part number, maker or price" for ref, mpn, mfr, price in lines if not (mpn and mfr and price)]


CHECKS: tuple[Callable[[Board], list[str]], ...] = (
    functions_exist,
    pins_used_once,
    inputs_pulled_up,
    resets_held,
    addresses_differ,
    power_inputs_fed,
    nets_have_two_ends,
    grounds_connected,
    harness.wires_end_somewhere,
    rails_below_limits,
    battery_lasts,
    lines_have_part_numbers,
)


def faults(board: Board) -> list[str]:
    """Return what all checks of the source find."""
    return [f"{check.__name__}: {fault}" for check in CHECKS for fault in check(board)]
