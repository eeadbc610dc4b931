"""What KiCad itself says of the committed files, and that it says it when something is wrong."""

import shutil

import pytest

from hardware import gpio, model, parity
from hardware.kicad import cli, footprints, schematic
from hardware.kicad.sexpr import dump, find, one, parse

if cli.version() is None:
    pytest.skip("kicad-cli is not installed: the schematic and the board are not checked", allow_module_level=True)
pytestmark = pytest.mark.timeout(300)
PICO = "RaspberryPi_Pico"


@pytest.fixture
def place(tmp_path):
    """A copy of the committed project."""
    return shutil.copytree(model.MADE / "kicad", tmp_path / "kicad")


def test_schematic_and_board_have_no_violation(place):
    assert cli.rule_check(place) == []
    assert cli.design_check(place) == {"DRC": [], "unconnected": [], "schematic parity": []}


def test_kicad_reads_the_sources_netlist(place):
    assert parity.netlist_faults(model.load(), cli.netlist(place)) == []


def test_a_rail_that_nothing_feeds_is_an_erc_error(place):
    raw = model.load().raw
    raw["nets"]["flag"].remove("V5")
    (place / "checkpoint-kiosk.kicad_sch").write_text(schematic.text(model.build(raw)))
    assert any(fault.startswith("power_pin_not_driven") for fault in cli.rule_check(place))


def test_a_part_on_top_of_another_is_a_drc_error(place):
    path = place / "checkpoint-kiosk.kicad_pcb"
    tree = parse(path.read_text())
    r1, r2 = (entry for entry in find(tree, "footprint") if {"R1", "R2"} & {str(p[2]) for p in find(entry, "property")})
    one(r1, "at")[1:3] = one(r2, "at")[1:3]
    path.write_text(dump(tree))
    kinds = {fault.split(":")[0] for fault in cli.design_check(place)["DRC"]}
    assert {"courtyards_overlap", "shorting_items"} <= kinds


def test_a_board_that_is_not_the_schematics_is_a_parity_error(place):
    raw = model.load().raw
    next(entry for entry in raw["part"] if entry["ref"] == "R5")["two"] = ["RS485_A", "RS485_B"]
    (place / "checkpoint-kiosk.kicad_sch").write_text(schematic.text(model.build(raw)))
    assert any(fault.startswith("net_conflict") for fault in cli.design_check(place)["schematic parity"])


def test_the_libraries_have_every_footprint_with_these_pads():
    board = model.load()
    assert parity.library_faults(board) == []
    board.part("U4").footprint = "Package_SO:SOIC-9"
    board.part("U6").footprint = "Package_TO_SOT_SMD:SOT-23-5"
    assert parity.library_faults(board) == [
        "U4: Package_SO:SOIC-9 is not in the footprint libraries",
        "U6: pads of Package_TO_SOT_SMD:SOT-23-5 and pins differ at 6",
    ]


def test_pins_are_those_of_kicads_symbols():
    board = model.load()
    assert parity.symbol_faults(board) == []
    board.part("U7").like = "Interface_UART:THVD1451D"
    board.part("U3").like = "Timer_RTC:DS9999"
    found = parity.symbol_faults(board)
    assert "U3: KiCad has no symbol Timer_RTC:DS9999" in found and any(fault.startswith("U7 pin") for fault in found)


def test_functions_and_pads_are_those_of_kicads_pico():
    symbols = parse((footprints.folder().parent / "symbols" / "MCU_Module.kicad_sym").read_text())
    (pico,) = [entry for entry in find(symbols, "symbol") if entry[1] == PICO]
    seen = {}
    for unit in find(pico, "symbol"):
        for pin in find(unit, "pin"):
            name = str(one(pin, "name")[1])
            if name.startswith("GPIO"):
                gp = int(name.removeprefix("GPIO").partition("_")[0])
                others = {str(entry[1]).strip("~{}").upper() for entry in find(pin, "alternate")}
                seen[gp] = (
                    int(one(pin, "number")[1]),
                    {name for name in others if name[:3] in ("SPI", "UAR", "I2C", "PWM")},
                )
    assert {gp: pad for gp, (pad, _) in seen.items()} == gpio.PADS
    assert all(functions and functions <= gpio.functions(gp) for gp, (_, functions) in seen.items())
