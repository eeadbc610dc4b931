"""settings.json: every field checked, every mistake named in words that fit the display."""

import json
import re

import pytest
from settings import MAX_SIZE, ModemSettings, Settings, SettingsError, load

GOOD = {
    "board": 3,
    "epoch": 1,
    "crossing_point": {"code": "KIL", "name": "Kilju rail", "kind": "internal", "zone": "south-hamgyong-line"},
    "lane": "1",
    "direction": "entry",
    "offset_quarters": 36,
    "link": {"carrier": "serial", "baud": 115200},
    "link_key": "0f" * 16,
    "seal_key": "f0" * 32,
    "assurance": "live",
    "language": "en",
    "oled": "ssd1306",
}


def test_good_settings_are_taken(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(GOOD))
    found = load(str(path))
    assert (found.board, found.point_code, found.baud, found.link_key) == (3, "KIL", 115200, b"\x0f" * 16)
    assert (found.point_name, found.lane, found.watchdog, found.debug) == ("Kilju rail", "1", False, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("board", 0), ("board", 65536), ("board", "1"), ("board", True), ("board", 1.5), ("epoch", None), ("lane", ""),
        ("lane", 1), ("direction", "up"), ("offset_quarters", 57), ("link_key", "00" * 16), ("link_key", "0f" * 15),
        ("link_key", "xy" * 16), ("seal_key", 5), ("assurance", "none"), ("language", "kl"), ("oled", "lcd"),
        ("watchdog", 1), ("debug", "no"), ("crossing_point", []), ("link", None),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_fits_the_display(field, value):
    with pytest.raises(SettingsError) as caught:
        Settings({**GOOD, field: value})
    assert caught.value.field == field
    assert len(caught.value.what) <= 16
    assert "settings.json: " + field in str(caught.value)


def test_the_seal_key_may_be_gone_once_the_journal_holds_it():
    assert Settings({name: value for name, value in GOOD.items() if name != "seal_key"}).seal_key is None


LORA = {"carrier": "lora", "region": "EU868", "spreading_factor": 9}


def test_a_radio_channel_is_the_regions_own_or_one_of_its_sub_bands():
    found = Settings({**GOOD, "link": LORA})
    assert (found.carrier, found.region, found.channel_hz, found.spreading_factor) == ("lora", "EU868", 869_525_000, 9)
    assert Settings({**GOOD, "link": {**LORA, "channel_hz": 868_100_000}}).channel_hz == 868_100_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "US915"), ("spreading_factor", 6), ("spreading_factor", 13), ("spreading_factor", "9"),
        ("channel_hz", 868_650_000), ("channel_hz", 922_100_000), ("channel_hz", 869_640_000), ("carrier", "wifi"),
    ],
)  # fmt: skip
def test_a_wrong_radio_channel_is_named_and_fits_the_display(field, value):
    for given in ({**GOOD, "link": {**LORA, field: value}}, {"role": "modem", "link": {**LORA, field: value}}):
        with pytest.raises(SettingsError) as caught:
            ModemSettings(given) if "role" in given else Settings(given)
        assert caught.value.field == "link." + field and len(caught.value.what) <= 16


def test_a_modem_needs_its_channel_and_nothing_else(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"role": "modem", "link": LORA}))
    assert (load(str(path)).role, load(str(path)).spreading_factor) == ("modem", 9)
    path.write_text(json.dumps({"role": "modem", "link": GOOD["link"]}))
    with pytest.raises(SettingsError):
        load(str(path))


@pytest.mark.parametrize("group", ["crossing_point", "link"])
def test_a_wrong_field_of_a_group_is_named(group):
    for name in GOOD[group]:
        with pytest.raises(SettingsError) as caught:
            Settings({**GOOD, group: {**GOOD[group], name: {}}})
        assert caught.value.field == group + "." + name
        assert re.fullmatch(r"\w{1,15}\.\w{1,16}", caught.value.field)


@pytest.mark.parametrize("field", sorted(set(GOOD) - {"seal_key"}))
def test_a_missing_field_is_named(field):
    with pytest.raises(SettingsError) as caught:
        Settings({name: value for name, value in GOOD.items() if name != field})
    assert (caught.value.field, caught.value.what) == (field, "missing")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "missing"),
        (b"{", "not JSON"),
        (b"[]", "not an object {}"),
        (b"\xff\xfe", "missing"),
        (b" " * (MAX_SIZE + 1), "too long"),
    ],
)
def test_a_file_that_is_no_settings_is_named(tmp_path, content, what):
    path = tmp_path / "settings.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(str(path))
    assert (caught.value.field, caught.value.what) == ("settings.json", what)


def test_the_page_of_a_wrong_field_speaks_the_language_of_the_file(tmp_path):
    path = tmp_path / "settings.json"
    for language, spoken in (("ko", "ko"), ("zh", "zh"), ("kl", "en"), (5, "en")):
        path.write_text(json.dumps({**GOOD, "language": language, "board": 0}))
        with pytest.raises(SettingsError) as caught:
            load(str(path))
        assert (caught.value.field, caught.value.language) == ("board", spoken)
