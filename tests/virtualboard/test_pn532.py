"""The reader model against NXP UM0701-02."""

import pytest

from virtualboard.bench import Card, Pin, Type2Card
from virtualboard.chips.bits import reverse_bits
from virtualboard.chips.cards import SAK_ISO14443_4

ACK, NACK = b"\x00\x00\xff\x00\xff\x00", b"\x00\x00\xff\xff\x00\x00"
SYNTAX_ERROR = b"\x00\x00\xff\x01\xff\x7f\x81\x00"
UID7 = bytes.fromhex("04A1B2C3D4E5F6")


class Reader:
    """A host with the least significant bit first, one frame at a time."""

    def __init__(self, bench):
        self.bench = bench
        self.spi, self.cs, self.irq = bench.spi(0), bench.pin(17, Pin.OUT, 1), bench.pin(20)
        self.reset = bench.pin(7, Pin.OUT, 1)
        bench.step_ms(5)
        self.cs(0)
        bench.step_ms(2)
        self.cs(1)

    def write(self, frame):
        self.cs(0)
        self.spi.write(reverse_bits(b"\x01" + frame))
        self.cs(1)

    def read(self, count):
        self.cs(0)
        self.spi.write(reverse_bits(b"\x03"))
        data = reverse_bits(self.spi.read(count))
        self.cs(1)
        return data

    def ready(self):
        self.cs(0)
        self.spi.write(reverse_bits(b"\x02"))
        data = reverse_bits(self.spi.read(1))
        self.cs(1)
        return data[0] & 1

    def wait(self, limit_ms=20.0):
        """Wait for the line; return the milliseconds, or None when it did not move."""
        waited = 0.0
        while self.irq():
            if waited > limit_ms:
                return None
            self.bench.step_ms(0.1)
            waited += 0.1
        return waited

    def send(self, data):
        length = len(data) + 1
        self.write(
            b"\x00\x00\xff" + bytes([length, -length & 255, 0xD4]) + data + bytes([-(0xD4 + sum(data)) & 255, 0])
        )

    def command(self, data, limit_ms=200.0):
        """Return the answer's data after code + 1, and its time; None without an answer."""
        self.send(data)
        assert self.wait() is not None
        assert self.read(6) == ACK
        waited = self.wait(limit_ms)
        if waited is None:
            return None
        frame = self.read(60)
        if frame[:8] == SYNTAX_ERROR:
            return "syntax"
        assert frame[:3] == b"\x00\x00\xff" and (frame[3] + frame[4]) & 255 == 0
        body = frame[5 : 5 + frame[3]]
        assert (sum(body) + frame[5 + frame[3]]) & 255 == 0
        assert body[:2] == bytes([0xD5, data[0] + 1])
        return body[2:], waited


@pytest.fixture
def reader(bench):
    return Reader(bench)


@pytest.fixture
def searching(reader):
    """A reader that gives up a search after two attempts."""
    reader.command(b"\x14\x01\x14\x01")
    reader.command(b"\x32\x05\xff\x01\x01")
    return reader


def test_it_names_itself(reader):
    assert reader.command(b"\x02")[0] == b"\x32\x01\x06\x07"


def test_the_wrong_bit_order_is_not_understood(reader):
    reader.cs(0)
    reader.spi.write(b"\x01\x00\x00\xff\x02\xfe\xd4\x02\x2a\x00")
    reader.cs(1)
    assert reader.wait() is None


def test_the_status_byte_and_the_line_agree(reader):
    reader.send(b"\x02")
    assert reader.ready() == 0 and reader.irq() == 1
    assert reader.wait(15) is not None
    assert reader.ready() == 1
    assert reader.read(6) == ACK
    assert reader.ready() == 0 and reader.irq() == 1


@pytest.mark.parametrize("broken", [b"\x00\x00\xff\x02\xff\xd4\x02\x2a\x00", b"\x00\x00\xff\x02\xfe\xd4\x02\x2b\x00"])
def test_a_wrong_checksum_is_not_acknowledged(reader, broken):
    reader.write(broken)
    assert reader.wait() is None


def test_an_unknown_command_is_a_syntax_error(reader):
    assert reader.command(b"\x99") == "syntax"
    assert reader.command(b"\x4a\x03\x00") == "syntax"


def test_nack_repeats_the_answer(reader):
    reader.send(b"\x02")
    reader.wait()
    reader.read(6)
    reader.wait()
    first = reader.read(13)
    reader.write(NACK)
    assert reader.wait() is not None
    assert reader.read(13) == first


@pytest.mark.parametrize("size, sens_res", [(4, b"\x00\x04"), (7, b"\x00\x44"), (10, b"\x00\x84")])
def test_a_search_finds_cards_of_each_uid_size(searching, bench, size, sens_res):
    uid = bytes(range(8, 8 + size))
    bench.circuit.field.put(Card(uid))
    answer, waited = searching.command(b"\x4a\x02\x00")
    assert answer == b"\x01\x01" + sens_res + b"\x00" + bytes([size]) + uid
    assert waited < 10


def test_a_search_finds_two_cards_and_no_third(searching, bench):
    for first in (1, 2, 3):
        bench.circuit.field.put(Card(bytes([first] * 4)))
    answer, _ = searching.command(b"\x4a\x02\x00")
    assert answer == b"\x02" + b"\x01\x00\x04\x00\x04\1\1\1\1" + b"\x02\x00\x04\x00\x04\2\2\2\2"


def test_a_search_ends_with_its_retries(searching):
    answer, waited = searching.command(b"\x4a\x02\x00")
    assert answer == b"\x00"
    assert 5 < waited < 25


def test_without_a_limit_a_search_waits_for_a_card(reader, bench):
    reader.command(b"\x14\x01\x14\x01")
    assert reader.command(b"\x4a\x01\x00", limit_ms=2000) is None
    bench.circuit.field.put(Card(UID7))
    assert reader.wait(12) is not None
    assert UID7 in reader.read(30)


def test_a_frame_from_the_host_aborts_a_search(reader):
    reader.command(b"\x14\x01\x14\x01")
    reader.command(b"\x4a\x01\x00", limit_ms=20)
    reader.write(ACK)
    assert reader.wait() is None
    assert reader.command(b"\x02")[0] == b"\x32\x01\x06\x07"


def test_a_search_may_name_one_card(searching, bench):
    bench.circuit.field.put(Card(b"abcd"))
    bench.circuit.field.put(Card(UID7))
    answer, _ = searching.command(b"\x4a\x02\x00\x88" + UID7)
    assert answer[0] == 1 and UID7 in answer


def test_an_exchange_reaches_the_card_and_times_out_without_it(searching, bench):
    bench.circuit.field.put(Type2Card(UID7))
    searching.command(b"\x4a\x01\x00")
    answer, _ = searching.command(b"\x40\x01\x30\x00")
    assert answer[0] == 0 and answer[1:8] == UID7
    bench.circuit.field.lift()
    answer, waited = searching.command(b"\x40\x01\x30\x00")
    assert answer == b"\x01" and waited > 50
    assert searching.command(b"\x52\x01")[0] == b"\x00"
    assert searching.command(b"\x40\x01\x30\x00")[0] == b"\x27"


def test_a_card_of_part_4_brings_its_ats_and_answers(searching, bench):
    class Echo(Card):
        sak = SAK_ISO14443_4
        ats = b"\x06\x77\x77\x71\x02\x80"

        def exchange(self, command):
            return command[::-1], 0.001

    bench.circuit.field.put(Echo(UID7))
    answer, _ = searching.command(b"\x4a\x01\x00")
    assert answer == b"\x01\x01\x00\x44\x20\x07" + UID7 + Echo.ats
    assert searching.command(b"\x40\x01abc")[0] == b"\x00cba"


def test_reset_forgets_and_needs_its_time(reader, bench):
    reader.command(b"\x14\x01\x14\x01")
    reader.reset(0)
    reader.reset(1)
    reader.send(b"\x02")
    assert reader.wait() is None
    assert reader.command(b"\x4a\x01\x00") == "syntax"  # SAMConfiguration is due again


def test_power_down_sleeps_until_selected(reader, bench):
    reader.command(b"\x14\x01\x14\x01")
    assert reader.command(b"\x16\x20")[0] == b"\x00"
    reader.send(b"\x02")  # lost: the oscillator starts only now
    assert reader.wait() is None
    assert reader.command(b"\x02")[0] == b"\x32\x01\x06\x07"


@pytest.mark.parametrize("fault", ["dead", "mute"])
def test_a_broken_chip_gives_no_answer(reader, bench, fault):
    bench.circuit.nfc.fault = fault
    reader.send(b"\x02")
    acknowledged = reader.wait() is not None
    assert acknowledged == (fault == "mute")
    if acknowledged:
        reader.read(6)
        assert reader.wait(500) is None
