"""Time on air against published values, and the regions' rows."""

from checkpost.airtime import low_rate, time_on_air_us
from checkpost.regions import ALWAYS, NAMES, SPREADING_FACTORS, max_frame_bytes, region
from tests.core import vectors


def test_time_on_air_is_what_semtech_publishes():
    for vector in vectors.load("lora_time_on_air")["vectors"]:
        size, factor = vector["payload_bytes"], vector["spreading_factor"]
        assert time_on_air_us(size, factor) == vector["airtime_us"], vector


def test_an_empty_packet_still_has_preamble_and_header():
    # 8 + 4.25 + 8 symbols of 1.024 ms; at SF12 the header leaves room for no block
    assert time_on_air_us(0, 7) == (12.25 + 8 + 5) * 1024
    assert time_on_air_us(0, 12) == (12.25 + 8) * 32768


def test_a_wider_channel_is_faster_in_proportion():
    assert time_on_air_us(100, 9, 250_000) * 2 == time_on_air_us(100, 9, 125_000)


def test_the_low_data_rate_optimisation_is_on_from_16_ms_a_symbol():
    assert [low_rate(factor, 125_000) for factor in SPREADING_FACTORS] == [False] * 4 + [True] * 2
    assert low_rate(12, 250_000) and not low_rate(12, 500_000)


def test_a_frame_is_never_on_the_air_longer_than_three_seconds():
    for factor in SPREADING_FACTORS:
        assert time_on_air_us(max_frame_bytes(factor), factor) < 3_000_000


def test_each_region_has_its_default_channel_in_a_sub_band():
    for name in NAMES:
        rules = region(name)
        band = rules.band_of(rules.channel_hz)
        assert band >= 0 and rules.power_dbm(band) >= 10, name
        assert rules.sense_ms or rules.duty_ppm(band) < ALWAYS, name


def test_sub_bands_of_europe():
    rules = region("EU868")
    found = [rules.band_of(hz) for hz in (868_100_000, 868_300_000, 868_500_000, 869_525_000)]
    assert [rules.duty_ppm(band) for band in found] == [10_000, 10_000, 10_000, 100_000]
    # half of its bandwidth would lie outside, or in a band for alarms
    for hz in (868_590_000, 868_650_000, 869_300_000, 869_400_000, 870_000_000, 922_100_000):
        assert rules.band_of(hz) == -1


def test_korea_listens_before_it_talks():
    rules = region("KR920")
    assert (rules.sense_ms, rules.sense_dbm) == (5, -65)
    assert [rules.power_dbm(rules.band_of(hz)) for hz in (921_900_000, 922_100_000)] == [10, 14]


def test_an_unknown_region_is_refused():
    try:
        region("ATLANTIS")
    except ValueError:
        return
    raise AssertionError("taken")
