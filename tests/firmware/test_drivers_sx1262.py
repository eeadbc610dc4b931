"""The radio driver against the chip's model, on a shared ether, and against broken chips and wires."""

import pytest

from drivers.errors import ChipError
from drivers.sx1262 import CLEAR, RECEIVED, SENT, TAKEN
from tests.support.airworld import CHANNEL_HZ, Air
from tests.support.wires import ConstantSpi


@pytest.fixture
def air():
    return Air()


@pytest.fixture
def pair(air):
    return air.station("near").on(), air.station("far").on()


def test_a_packet_arrives_whole_with_its_strength(pair):
    near, far = pair
    near.radio.send(b"crossing" * 20, near.air.now_ms())
    assert far.until() == RECEIVED
    assert far.radio.frame == b"crossing" * 20
    assert far.radio.rssi_dbm == near.air.ether.rssi_dbm("near", "far", 14)
    assert -20 <= far.radio.snr_db <= 12


def test_the_sender_hears_that_it_is_done_and_listens_again(pair):
    near, far = pair
    near.radio.send(b"question", near.air.now_ms())
    assert near.until() == SENT and near.radio.listening()
    assert far.until() == RECEIVED
    far.radio.send(b"answer that is longer than what was asked", far.air.now_ms())
    assert near.until() == RECEIVED and near.radio.frame == b"answer that is longer than what was asked"


def test_the_air_time_is_the_formulas(pair):
    near, _ = pair
    near.radio.send(bytes(24), near.air.now_ms())
    assert [(one.us, one.hz, one.factor, one.size) for one in near.air.ether.log] == [(61_696, CHANNEL_HZ, 7, 24)]


@pytest.mark.parametrize("dbm", [14, 10, -17])
def test_the_power_is_what_was_asked_for(air, dbm):
    near, far = air.station("near").on(dbm=dbm), air.station("far").on()
    near.radio.send(b"x", air.now_ms())
    assert far.until() == RECEIVED
    assert far.radio.rssi_dbm == air.ether.rssi_dbm("near", "far", dbm)


def test_no_more_than_the_boards_supply_gives(air):
    near, far = air.station("near").on(dbm=27), air.station("far").on()
    near.radio.send(b"x", air.now_ms())
    assert far.until() == RECEIVED
    assert far.radio.rssi_dbm == air.ether.rssi_dbm("near", "far", 14)


def test_another_spreading_factor_or_channel_is_not_heard(air):
    near = air.station("near").on()
    others = air.station("slow").on(factor=9), air.station("aside").on(channel_hz=868_100_000)
    near.radio.send(b"x", air.now_ms())
    assert near.until() == SENT
    assert [other.radio.step(air.now_ms()) for other in others] == [0, 0]


def test_activity_on_the_channel_is_found(pair):
    near, far = pair
    near.radio.sense(near.air.now_ms())
    assert near.until() == CLEAR
    far.radio.send(bytes(200), far.air.now_ms())
    near.radio.sense(near.air.now_ms())
    assert near.until() == TAKEN


def test_energy_is_sensed_for_as_long_as_asked(pair):
    near, far = pair
    began = near.air.clock.seconds
    assert near.radio.energy_dbm(5) == -117
    assert near.air.clock.seconds - began >= 0.005
    far.radio.send(bytes(200), far.air.now_ms())
    assert near.radio.energy_dbm(5) == near.air.ether.rssi_dbm("near", "far", 14)


def test_what_began_before_it_listened_is_not_heard(pair):
    near, far = pair
    far.radio.sense(far.air.now_ms())
    near.radio.send(b"missed", near.air.now_ms())
    assert far.until(100) == TAKEN or far.until(100) == CLEAR
    far.radio.listen()
    assert near.until() == SENT and far.radio.step(far.air.now_ms()) == 0


def test_a_broken_packet_is_counted_and_not_handed_on():
    air = Air(bit_errors=1.0)
    near, far = air.station("near").on(), air.station("far").on()
    near.radio.send(b"x" * 30, air.now_ms())
    assert near.until() == SENT
    assert far.radio.step(air.now_ms()) == 0 and far.radio.broken_packets == 1
    assert far.radio.listening()


def test_a_lost_packet_leaves_no_trace():
    air = Air(loss=1.0)
    near, far = air.station("near").on(), air.station("far").on()
    near.radio.send(b"x" * 30, air.now_ms())
    assert near.until() == SENT
    assert far.radio.step(air.now_ms()) == 0 and far.radio.broken_packets == 0


@pytest.mark.parametrize("factor", [7, 9, 12])
def test_the_work_arounds_of_the_errata_are_in_force(air, factor):
    near = air.station("near").on(factor=factor)
    near.radio.send(bytes(10), air.now_ms())
    assert near.chip.registers[0x0889] & 4  # 15.1
    assert near.chip.registers[0x08D8] & 0x1E == 0x1E  # 15.2
    assert near.chip.registers[0x0736] & 4  # 15.4
    assert near.chip.low_rate == (factor > 10)
    assert near.chip.spoilt == near.chip.ignored == 0


def test_at_500_khz_the_modulation_bit_is_off(air):
    near = air.station("near")
    near.radio.begin(CHANNEL_HZ, 7, 14, 500_000)
    near.radio.send(bytes(10), air.now_ms())
    assert not near.chip.registers[0x0889] & 4 and near.chip.spoilt == 0


def test_a_power_cut_in_a_packet_tears_it(pair):
    near, far = pair
    near.radio.send(bytes(200), near.air.now_ms())
    near.air.pass_ms(50)
    near.bench.power_cut()
    near.air.pass_ms(1000)
    assert far.radio.step(far.air.now_ms()) == 0 and far.radio.broken_packets == 1
    near.on()
    near.radio.send(b"back", near.air.now_ms())
    assert far.until() == RECEIVED and far.radio.frame == b"back"


def test_a_missing_chip_is_named(air):
    near = air.station("near", ConstantSpi(0xFF))
    with pytest.raises(ChipError, match="sx1262"):
        near.on()


def test_a_chip_that_never_gets_ready_is_named_in_bounded_time(air):
    near = air.station("near")
    near.chip.fault = "stuck"
    began = air.clock.seconds
    with pytest.raises(ChipError, match="busy for more than 20 ms"):
        near.on()
    assert air.clock.seconds - began < 0.05


def test_a_packet_without_an_end_is_a_fault_after_its_time(pair):
    near, _ = pair
    near.antenna.on_sent = None
    near.radio.send(bytes(100), near.air.now_ms())
    with pytest.raises(ChipError, match="no end"):
        near.until()
    near.on()  # set up again, it works
    near.antenna.on_sent = near.chip._tx_done
    near.radio.send(b"x", near.air.now_ms())
    assert near.until() == SENT


def test_a_packet_has_1_to_255_bytes(pair):
    for size in (0, 256):
        with pytest.raises(ValueError):
            pair[0].radio.send(bytes(size), 0)
