"""What is committed in hardware/made is what board.toml gives; the checks of it catch what they are for."""

import csv
import io
import re

import pytest

from hardware import bom, command, drawn, harness, model, parity, power
from hardware.box import panel, tray
from hardware.kicad import ids, sexpr

BOARD_FILE = model.MADE / f"{drawn.PROJECT}.kicad_pcb"


@pytest.fixture(scope="module")
def board():
    return model.load()


@pytest.fixture(scope="module")
def laid():
    return BOARD_FILE.read_text()


@pytest.fixture(scope="module")
def nets():
    lines = (line.split(": ") for line in (model.MADE / "netlist.txt").read_text().splitlines())
    return {net: [tuple(pin.split(".")) for pin in pins.split()] for net, pins in lines}


def test_what_plain_python_makes_is_current(board):
    assert command.differences(drawn.plain(board)) == []


def test_all_was_made_from_this_board_toml():
    """The layout takes half a minute: here only its source is compared; `tools/hardware --check` makes it again."""
    assert drawn.committed_tools()["source"] == drawn.source_sum()


def test_a_changed_file_is_caught(board, tmp_path):
    files = drawn.plain(board)
    drawn.write(tmp_path, files)
    assert command.differences(files, tmp_path) == []
    (tmp_path / "bom.csv").write_text("older\n")
    (tmp_path / "panel.dxf").unlink()
    assert [fault.split()[0] for fault in command.differences(files, tmp_path)] == ["made/bom.csv", "made/panel.dxf"]


def test_made_files_are_the_same_twice_and_undated(board):
    assert drawn.plain(board) == drawn.plain(board)
    dated = re.compile(rb"20\d\d-\d\d-\d\dT|CreationDate,")
    names = [
        path for path in model.MADE.rglob("*") if path.suffix in (".gbl", ".gtl", ".drl", ".kicad_pcb", ".csv", ".svg")
    ]
    assert [path.name for path in names if dated.search(path.read_bytes())] == []


def test_identities_do_not_change():
    assert ids.of("part", "U4") == "20b2f25f-f853-55b6-8181-67883b4e0000"


def test_the_netlist_that_kicad_read_is_the_sources(board, nets):
    assert parity.netlist_faults(board, nets) == []


def test_a_wrong_netlist_is_caught(board, nets):
    nets = dict(nets)
    nets["NFC_SCK"] = [*nets["NFC_SCK"][:-1], ("J1", "4")]
    nets["NFC_CLK"] = nets.pop("LED_DATA")
    assert parity.netlist_faults(board, nets) == [
        "net LED_DATA is only in the source",
        "net NFC_CLK is only in KiCad's netlist",
        "net NFC_SCK differs at J1.3, J1.4",
    ]


def test_the_boards_footprints_and_pads_are_the_sources(board, laid):
    assert parity.board_faults(board, laid) == []


def test_a_wrong_footprint_pad_or_net_is_caught(board, laid):
    changed = laid.replace('"Package_TO_SOT_SMD:TSOT-23-6"', '"Package_TO_SOT_SMD:SOT-23-6"', 1)
    changed = changed.replace('(property "Reference" "R1"', '(property "Reference" "R99"', 1)
    found = parity.board_faults(board, changed)
    assert "R99 is on the board and not in the source" in found and "R1 is not on the board" in found
    assert any(fault.startswith("U6 stands as Package_TO_SOT_SMD:SOT-23-6") for fault in found)


def test_a_pad_without_a_pin_is_caught(laid):
    board = model.load()
    board.part("U3").pins.pop()
    board.part("U7").pins[0] = model.Pin("1", "R", "tri_state", "GW_TX")
    found = parity.board_faults(board, laid)
    assert "U3: pads and pins differ at 16" in found
    assert "U7 pad 1 is on GW_RX, the source says GW_TX" in found


def test_the_bill_opens_as_a_table_and_sums(board):
    rows = list(csv.DictReader(io.StringIO((model.MADE / "bom.csv").read_text())))
    each, price = "price each EUR (estimate)", "price EUR (estimate)"
    for place in ("kiosk", "gateway"):
        lines = [row for row in rows if row["for"] == place and row["what"] != "sum"]
        (total,) = [float(row[price]) for row in rows if row["for"] == place and row["what"] == "sum"]
        assert total == pytest.approx(sum(float(row[each]) * int(row["count"]) for row in lines))


def test_the_harness_description_names_every_wire(board):
    text = (model.MADE / "harness.yml").read_text()
    assert all(f'"{wire[0]}"' in text for wire in harness.wires(board))


def test_the_panels_cut_outs_fit(board):
    assert panel.faults(board.raw) == []


def test_cut_outs_that_meet_or_leave_the_panel_are_caught():
    raw = model.load().raw
    raw["panel"]["buttons"]["at_mm"][1] = [40.0, 40.0]
    raw["panel"]["led"]["at_mm"] = [150.0, 165.0]
    found = panel.faults(raw)
    assert "DIRECTION and ADMIT are nearer than 2 mm" in found and "LED bar at 150, 165 leaves the panel" in found


def test_the_tray_is_closed_and_of_the_panels_size(board):
    faces = tray.read_stl((model.MADE / "tray.stl").read_bytes())
    assert tray.open_edges(faces) == 0
    xs = [point[0] for face in faces for point in face]
    out = panel.EAR_OUT_MM + 7.0
    assert max(xs) - min(xs) == pytest.approx(
        board.raw["panel"]["size_mm"][0] - 2 * board.raw["tray"]["clear_mm"] + 2 * out, abs=0.1
    )


def test_a_hole_in_the_tray_is_caught():
    faces = tray.read_stl((model.MADE / "tray.stl").read_bytes())
    assert tray.open_edges(faces[1:]) == 3


def test_made_stays_moderate():
    assert sum(path.stat().st_size for path in model.MADE.rglob("*") if path.is_file()) < 10e6


def test_s_expressions_survive_reading_and_writing():
    text = '(a "b (c) \\"d\\" \\\\" (e 1.5 yes) (f))'
    assert sexpr.dump(sexpr.parse(text)) == text


def test_numbers_have_no_trailing_zeros():
    assert [sexpr.number(value) for value in (1.50, -0.0, 2.0, 0.1 + 0.2)] == ["1.5", "0", "2", "0.3"]


def test_the_numbers_in_the_readme_are_the_sources(board):
    readme = " ".join((model.HERE / "README.md").read_text().split())
    watts = [power.watts(board.raw, key, options) for options in (True, False) for key in ("typ_ma", "peak_ma")]
    told = "{:.2f} W typically and {:.1f} W at worst from 12 V ({:.2f} W and {:.1f} W without the LED bar)".format(
        *watts
    )
    assert told in readme
    assert f"carries it for {power.battery_hours(board.raw):.0f} hours" in readme
    sums = bom.totals(bom.lines(board))
    assert f"about {sums['kiosk']:.0f} EUR for a kiosk and {sums['gateway']:.0f} EUR for a gateway" in readme


def test_the_readme_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", (model.HERE / "README.md").read_text())
    assert links and [link for link in links if "://" not in link and not (model.HERE / link).exists()] == []
