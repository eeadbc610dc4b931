"""The shared air: collisions, capture, loss, the log; and the same over a socket."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtualboard.ether import BROKEN, CAPTURE_DB, HEARD, LOST, Ether, Logged, Packet, most_in_a_window
from virtualboard.ether_line import EtherServer, FarAntenna

HZ = 869_525_000


class Clock:
    def __init__(self):
        self.us = 0

    def now(self):
        return self.us


class Heard:
    """A radio that listens all the time."""

    def __init__(self, ether, name):
        self.antenna = ether.join(name)
        self.fates = []
        self.antenna.on_ended = lambda signal, how, data: self.fates.append((how, data))


def airspace(**given):
    clock = Clock()
    return clock, Ether(clock.now, **given)


def fly(clock, ether):
    while (due := ether.due_us()) is not None:
        clock.us = max(clock.us, due)
        ether.poll()


def rivals(ether, apart_db):
    """Return (strong, weak) names whose strengths at "ear" differ by at least, or else by less than, `apart_db`."""
    names = [f"radio{number}" for number in range(20)]
    strength = {name: ether.rssi_dbm(name, "ear", 14) for name in names}
    for strong in names:
        for weak in names:
            difference = strength[strong] - strength[weak]
            if strong != weak and (difference >= apart_db if apart_db else abs(difference) < CAPTURE_DB):
                return strong, weak
    raise AssertionError("no such pair")


def both_send(ether, strong, weak, factors=(7, 7)):
    antennas = [ether.join(strong), ether.join(weak)]
    for antenna, factor in zip(antennas, factors, strict=True):
        antenna.send(Packet(antenna.name.encode(), HZ, factor))


def test_two_packets_of_like_strength_spoil_each_other():
    clock, ether = airspace()
    ear = Heard(ether, "ear")
    both_send(ether, *rivals(ether, 0))
    fly(clock, ether)
    assert [how for how, _ in ear.fates] == [BROKEN, BROKEN] and ether.counts["collided"] == 2


def test_the_much_stronger_packet_is_heard():
    clock, ether = airspace()
    ear = Heard(ether, "ear")
    strong, weak = rivals(ether, CAPTURE_DB + 1)
    both_send(ether, strong, weak)
    fly(clock, ether)
    assert sorted(ear.fates) == [(BROKEN, b""), (HEARD, strong.encode())]


def test_another_spreading_factor_disturbs_nobody():
    clock, ether = airspace()
    ear = Heard(ether, "ear")
    both_send(ether, *rivals(ether, 0), factors=(7, 8))
    fly(clock, ether)
    assert [how for how, _ in ear.fates] == [HEARD, HEARD]


def test_loss_is_the_share_asked_for_and_the_same_for_a_seed():
    def lost(seed):
        clock, ether = airspace(loss=0.1, seed=seed)
        ear, sender = Heard(ether, "ear"), ether.join("sender")
        for _ in range(1000):
            sender.send(Packet(b"x", HZ, 7))
            fly(clock, ether)
        return [how for how, _ in ear.fates].count(LOST), [how for how, _ in ear.fates]

    assert 70 < lost(1)[0] < 130
    assert lost(1) == lost(1) != lost(2)


def test_a_torn_packet_comes_through_nowhere_and_counts_whole_in_the_log():
    clock, ether = airspace()
    ear, sender = Heard(ether, "ear"), ether.join("sender")
    sender.send(Packet(bytes(24), HZ, 7))
    clock.us = 10_000
    ether.leave("sender")
    fly(clock, ether)
    assert ear.fates == [(BROKEN, b"")]
    assert ether.log == [Logged("sender", 0, 61_696, HZ, 7, 24)]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 50)), max_size=12), st.integers(1, 120))
def test_the_fullest_window_is_found(steps, window):
    log, at = [], 0
    for pause, length in steps:
        at += pause
        log.append(Logged("a", at, length, HZ, 7, 1))
        at += length
    on_air = {us for one in log for us in range(one.start_us, one.start_us + one.us)}
    slow = max((len(on_air & set(range(begin, begin + window))) for begin in range(-window, at + 1)), default=0)
    assert most_in_a_window(log, window) == slow


def test_radios_in_other_processes_hear_each_other(tmp_path):
    asyncio.run(asyncio.wait_for(_over_sockets(tmp_path / "ether"), 30))


async def _over_sockets(path):
    clock = Clock()
    ether = Ether(clock.now)

    def pass_ms(ms):
        clock.us += ms * 1000

    server = EtherServer(path, ether, pass_ms)
    await server.start()
    near, far = FarAntenna(path, "near"), FarAntenna(path, "far")
    heard, sent = [], []
    far.on_ended = lambda signal, how, data: heard.append((how, data, signal.rssi_dbm))
    near.on_sent = lambda: sent.append(True)
    while len(ether._antennas) < 2:
        await asyncio.sleep(0.001)
    near.send(Packet(bytes(range(200)), HZ, 9, dbm=10))
    while not (heard and sent):
        for antenna in (near, far):
            antenna.sock.setblocking(False)
            try:
                antenna.serve()
            except BlockingIOError:
                await asyncio.sleep(0.001)
    assert heard == [(HEARD, bytes(range(200)), ether.rssi_dbm("near", "far", 10))]
    assert server.quiet() and clock.us >= ether.log[0].us and not far.signals
    near.sock.close()
    far.sock.close()
    await server.stop()


def test_an_ether_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError):
        FarAntenna(tmp_path / "nowhere", "near")
