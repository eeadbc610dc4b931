"""Each check of the hardware's source passes on the board as it is, and catches the fault it is for."""

import copy

import pytest

from hardware import agreement, bom, checks, gpio, harness, model, power
from virtualboard import wiring

ROOT = model.HERE.parent


@pytest.fixture
def raw():
    return copy.deepcopy(model.load().raw)


def part(raw, ref):
    return next(entry for entry in raw["part"] if entry["ref"] == ref)


def faults(raw, check):
    return check(model.build(raw))


def test_the_board_has_no_fault():
    assert checks.faults(model.load()) == []


def test_a_function_that_a_pin_has_not_is_caught(raw):
    raw["pins"]["NFC_SCK"]["gp"], raw["pins"]["NFC_MOSI"]["gp"] = 19, 18
    found = faults(raw, checks.functions_exist)
    assert found == ["NFC_SCK: GP19 cannot be SPI0_SCK", "NFC_MOSI: GP18 cannot be SPI0_TX"]


@pytest.mark.parametrize(
    ("gp", "function"),
    [
        *[(0, "UART0_TX"), (5, "UART1_RX"), (8, "SPI1_RX"), (12, "UART0_TX"), (16, "SPI0_RX"), (19, "SPI0_TX")],
        *[(3, "PWM1_B"), (15, "PWM7_B"), (16, "PWM0_A"), (4, "I2C0_SDA"), (27, "I2C1_SCL"), (28, "ADC2")],
    ],
)
def test_functions_are_those_of_the_data_sheet(gp, function):
    assert function in gpio.functions(gp)


def test_a_pin_used_twice_is_caught(raw):
    raw["pins"]["LED_DATA"]["gp"] = 27
    assert "LED_DATA and BTN_NO_CARD_N" in " ".join(faults(raw, checks.pins_used_once))


def test_two_parts_of_one_name_are_caught(raw):
    part(raw, "R2")["ref"] = "R1"
    assert any(fault.startswith("R1 is used twice") for fault in faults(raw, checks.pins_used_once))


def test_an_input_without_pull_up_is_caught(raw):
    del raw["pins"]["BTN_ADMIT_N"]["pull"]
    assert faults(raw, checks.inputs_pulled_up) == ["BTN_ADMIT_N: an active-low input needs a pull-up"]


def test_a_pull_up_on_the_board_counts(raw):
    del raw["pins"]["BTN_ADMIT_N"]["pull"]
    part(raw, "R12")["two"] = ["V3V3", "BTN_ADMIT_N"]
    assert faults(raw, checks.inputs_pulled_up) == []


def test_a_driver_enable_that_floats_at_reset_is_caught(raw):
    part(raw, "R6")["two"] = ["GW_TX", "GND"]
    assert faults(raw, checks.resets_held) == ["RS485_DE: nothing holds it low at reset"]


def test_a_pull_down_too_weak_for_the_erratum_is_caught(raw):
    part(raw, "R6")["value"] = "10k"
    assert faults(raw, checks.resets_held) == ["RS485_DE: 10000 ohm is too weak to hold it low at reset (RP2350-E9)"]


def test_two_devices_of_one_address_are_caught(raw):
    raw["i2c"]["I2C0"]["device"][1]["addr"] = 0x68
    assert faults(raw, checks.addresses_differ) == ["I2C0: 0x68 is used twice: DS3231 and OLED"]


def test_an_open_power_input_is_caught(raw):
    part(raw, "U4")["pins"][7][3] = ""
    assert faults(raw, checks.power_inputs_fed) == ["U4 pin 8 (VCC): nothing feeds it"]


def test_a_power_input_on_a_net_that_nothing_feeds_is_caught(raw):
    part(raw, "U4")["pins"][7][3] = "V33"
    assert faults(raw, checks.power_inputs_fed) == ["U4 pin 8 (VCC): nothing feeds it"]


def test_a_waiver_needs_its_reason(raw):
    raw["waiver"][0]["why"] = ""
    assert faults(raw, checks.power_inputs_fed) == ["A1 pin 35 (ADC_VREF): nothing feeds it"]


def test_a_net_written_wrong_is_caught(raw):
    part(raw, "J1")["pins"][2][3] = "NFC_SKC"
    assert "net NFC_SKC: only J1 is on it" in faults(raw, checks.nets_have_two_ends)


def test_a_ground_pad_left_open_is_caught(raw):
    part(raw, "A1")["pins"][1][3] = ""
    assert faults(raw, checks.grounds_connected) == ["A1 pad 8 is not on GND"]


def test_a_wire_to_nowhere_is_caught(raw):
    raw["cable"][0]["wires"][2][1] = "M1.SCLK"
    assert faults(raw, harness.wires_end_somewhere) == ["W1: no pin M1.SCLK", "M1.SCK: no wire ends here"]


def test_a_pin_without_wire_needs_a_reason(raw):
    raw["open"] = []
    assert faults(raw, harness.wires_end_somewhere) == ["J3.4: no wire ends here"]


def test_an_overloaded_rail_is_caught(raw):
    raw["load"][3]["peak_ma"] = 600
    assert [fault.split(":")[0] for fault in faults(raw, checks.rails_below_limits)] == ["V3V3P"]


def test_an_overload_shows_upstream(raw):
    raw["rails"]["V12"]["limit_ma"] = 200
    assert faults(raw, checks.rails_below_limits) == ["V12: 287 mA at worst, the limit is 200 mA"]


def test_a_battery_too_small_is_caught(raw):
    raw["battery"]["capacity_ah"] = 4.0
    assert faults(raw, checks.battery_lasts) == ["the battery lasts 35 h, 48 h are asked for"]


def test_the_power_of_the_design_is_kept(raw):
    assert power.watts(raw, "typ_ma", options=False) < 0.6
    assert power.watts(raw, "peak_ma", options=False) < 2.75


def test_a_line_without_part_number_is_caught(raw):
    part(raw, "U7")["mpn"] = ""
    raw["module"][0]["price_eur"] = 0
    found = faults(raw, checks.lines_have_part_numbers)
    assert found == ["U7: no part number, maker or price", "M1: no part number, maker or price"]


def test_the_bill_counts_every_part_and_sums(raw):
    board = model.build(raw)
    rows = bom.lines(board)
    placed = sum(row[2] for row in rows if row[6])
    assert placed == sum(part.bought for part in board.parts)
    assert bom.totals(rows)["kiosk"] == pytest.approx(sum(row[2] * row[7] for row in rows if row[0] == "kiosk"))
    assert all("estimate" in column for column in bom.COLUMNS if "price" in column)


def test_firmware_and_virtual_board_use_the_boards_pins():
    board = model.load()
    pins = agreement.constants((ROOT / "firmware" / "pins.py").read_text())
    assert agreement.differences(board, pins, "firmware/pins.py") == []
    assert agreement.differences(board, wiring.SIGNALS, "tools/virtualboard/wiring.py") == []


def test_a_firmware_that_disagrees_is_caught():
    board = model.load()
    pins = {name: spec["gp"] for name, spec in board.signals.items()}
    del pins["GW_TX"]
    pins |= {"LED_DATA": 27, "SPARE": 29}
    assert agreement.differences(board, pins, "pins.py") == [
        "pins.py has no GW_TX (GP0)",
        "pins.py has SPARE, the board has not",
        "pins.py has LED_DATA on GP27, the board on GP26",
    ]


def test_the_firmware_measures_with_the_boards_divider():
    from drivers import battery

    board = model.load()
    top, bottom = (checks.ohms(board.part(ref).value) for ref in ("R3", "R4"))
    full_mv = 3300 * (top + bottom) / bottom
    assert pytest.approx(full_mv / 65535, rel=1e-4) == battery._MILLIVOLTS / battery._COUNTS


def test_a_broken_part_is_named(raw):
    del part(raw, "U6")["footprint"]
    with pytest.raises(model.SourceBroken, match="part U6"):
        model.build(raw)
