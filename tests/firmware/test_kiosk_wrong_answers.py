"""Chips that answer, but nonsense: each is named on the screen and in the log, and the rest goes on."""

import pytest

from checkpost import reasons as why
from checkpost.record import FAULT, UNSET
from checkpost.record import SIZE as RECORD_SIZE
from kiosk.faults import BEGAN, PARTS
from tests.support.kiosk import UID, Kiosk, entry
from virtualboard.bench import Bench
from virtualboard.chips import pn532_commands


def causes(kiosk):
    """Return {part: cause} of the faults that were recorded as begun."""
    bodies = [record.body for record in kiosk.records() if record.kind == FAULT]
    return {PARTS[body[0]]: body[2:].rstrip(b"\0").decode() for body in bodies if body[1] == BEGAN}


def named(kiosk, part):
    """Return True if the screen says within a turn of the faults what is broken."""
    seen = set()
    for _ in range(30):
        kiosk.run(500)
        seen.add(kiosk.app.view.fault)
    return part in seen


def stuck_low(circuit, bus):
    """Let a bus read only zeros, as a short to ground does."""
    whole = circuit.spi
    circuit.spi = lambda number, data: bytes(len(data)) if number == bus else whole(number, data)


READERS = {
    "acknowledges and never answers": lambda circuit: setattr(circuit.nfc, "fault", "mute"),
    "answers with wrong checksums": lambda circuit: setattr(circuit.nfc, "fault", "garble"),
    "only zeros": lambda circuit: stuck_low(circuit, 0),
}


STARTS_AND_LATER = pytest.mark.parametrize("running", [False, True], ids=["from the start", "later"])


def test_another_chip_in_the_reader_s_place():
    bench = Bench()
    bench.circuit.nfc.commands._run = lambda code, data: (0.001, pn532_commands.Outcome(code, b"\x33\x01\x06\x07"))
    kiosk = Kiosk(bench=bench).run(300)
    assert kiosk.app.faults.standing() == ["reader"]
    assert causes(kiosk)["reader"] == "the chip identifies as another part"[:17]


@pytest.mark.parametrize("breaking", READERS.values(), ids=READERS)
@STARTS_AND_LATER
def test_a_reader_that_answers_nonsense(breaking, running):
    bench = Bench()
    if not running:
        breaking(bench.circuit)
    kiosk = Kiosk(bench=bench).run(300)
    if running:
        breaking(bench.circuit)
        kiosk.run(5000)
    assert kiosk.app.faults.standing() == ["reader"]
    assert causes(kiosk)["reader"]
    assert named(kiosk, "reader")
    kiosk.sounds()
    kiosk.press("no_card").press("admit")
    assert kiosk.sounds() == ["ask", "recorded"]


FLASHES = {
    "busy for ever": lambda circuit: setattr(circuit.flash, "fault", "stuck"),
    "only zeros": lambda circuit: stuck_low(circuit, 1),
    "only ones": lambda circuit: setattr(circuit.flash, "fault", "dead"),
}


@pytest.mark.parametrize("breaking", FLASHES.values(), ids=FLASHES)
@STARTS_AND_LATER
def test_a_journal_chip_that_answers_nonsense(breaking, running):
    bench = Bench()
    if not running:
        breaking(bench.circuit)
    kiosk = Kiosk(bench=bench).run(300)
    kiosk.app.roster.lookup = {UID: entry()}.get
    if running:
        breaking(bench.circuit)
        kiosk.tap().run(500)
    kiosk.sounds()
    kiosk.press("no_card").press("admit")
    assert kiosk.app.faults.has("log")
    assert kiosk.app.faults.cause("log")
    assert kiosk.pages[-1] == "fault"
    assert set(kiosk.sounds()) <= {"fault"}
    assert kiosk.lights() == [0, 7]


def test_a_flash_that_gives_back_other_bits_is_not_believed():
    """Every record is read back: a bit that flips on its way closes sectors until the chip counts as broken."""
    kiosk = Kiosk().run(3000)
    whole = kiosk.bench.circuit.spi

    def flipped(bus, data):
        found = whole(bus, data)
        return bytes(byte & 0xFE for byte in found) if bus == 1 and len(found) >= RECORD_SIZE else found

    kiosk.bench.circuit.spi = flipped
    kiosk.sounds()
    kiosk.tap()
    assert set(kiosk.sounds()) <= {"fault"}
    assert kiosk.app.faults.has("log")


CLOCKS = {
    "only zeros": b"\x00",
    "no decimal digits": b"\x5a",
    "only ones": b"\xff",
}


@pytest.mark.parametrize("byte", CLOCKS.values(), ids=CLOCKS)
@STARTS_AND_LATER
def test_a_clock_that_answers_nonsense(byte, running):
    bench = Bench()

    def nonsense(length):
        return byte * length

    if not running:
        bench.circuit.rtc.read = nonsense
    kiosk = Kiosk(bench=bench).run(300)
    bench.circuit.rtc.read = nonsense
    kiosk.run(1000)
    assert kiosk.app.faults.standing() == ["clock"]
    assert causes(kiosk)["clock"]
    assert named(kiosk, "clock")
    kiosk.app.roster.lookup = {UID: entry(valid_until_day=20000)}.get
    kiosk.tap()
    (crossing,) = kiosk.crossings()
    assert crossing.verdict == why.UNVERIFIABLE
    assert crossing.causes & why.CLOCK_UNTRUSTED
    assert kiosk.records()[-1].trust == UNSET


def test_all_broken_at_once_and_mended_comes_back_by_itself():
    kiosk = Kiosk().run(300)
    parts = ("nfc", "journal", "rtc", "oled", "uart0")
    for part in parts:
        kiosk.bench.circuit.break_part(part)
    kiosk.run(15_000).press("no_card").press("admit")
    assert set(kiosk.app.faults.standing()) >= {"reader", "log", "clock", "screen"}
    for part in parts:
        kiosk.bench.circuit.mend_part(part)
    kiosk.run(30_000)
    assert kiosk.app.faults.standing() == ()
    kiosk.sounds()
    kiosk.tap().press("admit")
    assert kiosk.sounds() == ["cannot-verify", "recorded"]
    assert {"reader", "clock", "screen", "log"} <= set(causes(kiosk))
