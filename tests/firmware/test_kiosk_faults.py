"""Each part of the board broken in turn: the fault is shown and written down, and the rest goes on."""

import pytest

from checkpost import reasons as why
from checkpost.record import ADMITTED, BOOT, FAULT, UNSET
from kiosk.care import crash
from kiosk.errors import JournalFull
from kiosk.faults import BEGAN, ENDED, NOTED, PARTS
from tests.support.kiosk import UID, Gateway, Kiosk, entry
from virtualboard.bench import Bench


def broken(*parts, **changes):
    """Return a kiosk that was started with broken parts."""
    bench = Bench()
    for part in parts:
        bench.circuit.break_part(part)
    kiosk = Kiosk(bench=bench, **changes).run(200)
    kiosk.sounds()
    return kiosk


def faults(kiosk):
    """Return (part, change) of each fault record."""
    found = [record.body for record in kiosk.records() if record.kind == FAULT]
    return [(PARTS[body[0]], body[1]) for body in found]


@pytest.mark.parametrize("part", ["nfc", "spi0"])
def test_without_a_reader_no_card_still_works(part):
    kiosk = broken(part)
    assert kiosk.app.faults.standing() == ["reader"]
    assert kiosk.lights() == [0, 7]
    kiosk.press("no_card").press("admit")
    assert kiosk.sounds() == ["ask", "recorded"]
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]
    assert faults(kiosk) == [("reader", BEGAN)]


def test_a_reader_that_comes_back_reads():
    kiosk = broken("nfc")
    kiosk.bench.circuit.mend_part("nfc")
    kiosk.run(6000).tap()
    assert kiosk.sounds() == ["cannot-verify"]
    assert faults(kiosk) == [("reader", BEGAN), ("reader", ENDED)]


def test_without_a_display_lights_and_sounds_go_on():
    kiosk = broken("oled")
    kiosk.tap()
    assert kiosk.sounds() == ["cannot-verify"]
    assert kiosk.lights() == [0, 1, 2]
    assert len(kiosk.crossings()) == 1
    kiosk.bench.circuit.mend_part("oled")
    kiosk.run(6000)
    assert kiosk.app.faults.standing() == ()
    assert any(kiosk.bench.circuit.oled.picture())


def test_without_a_clock_dates_are_not_checked():
    kiosk = broken("rtc")
    kiosk.app.roster.lookup = {UID: entry(valid_until_day=20000)}.get
    kiosk.tap()
    assert kiosk.sounds() == ["cannot-verify"]
    (crossing,) = kiosk.crossings()
    assert crossing.verdict == why.UNVERIFIABLE
    assert crossing.causes & why.CLOCK_UNTRUSTED
    assert {record.trust for record in kiosk.records()} == {UNSET}


def test_a_clock_that_dies_later_is_a_fault_and_uptime():
    kiosk = Kiosk().run(200)
    kiosk.bench.circuit.break_part("rtc")
    kiosk.tap()
    record = next(record for record in kiosk.records() if record.kind == 1)
    assert record.trust == UNSET
    assert record.seconds < 10
    kiosk.bench.circuit.mend_part("rtc")
    kiosk.run(21_000)
    assert kiosk.app.clock.now().trust != UNSET
    assert faults(kiosk) == [("clock", BEGAN), ("clock", ENDED)]


def test_a_clock_that_stopped_is_set_by_the_gateway():
    bench = Bench()
    bench.circuit.rtc.lose_power()
    kiosk = Kiosk(bench=bench).run(200)
    assert kiosk.app.clock.now().trust == UNSET
    kiosk.gateway = Gateway()
    kiosk.run(8000)
    assert kiosk.app.clock.now().trust == 2
    assert abs(kiosk.app.clock.now().seconds - bench.clock.utc()) < 2


def test_without_both_on_the_bus_the_rest_goes_on():
    kiosk = broken("i2c0")
    assert kiosk.app.faults.standing() == ["clock", "screen"]
    kiosk.press("no_card").press("refer")
    assert kiosk.sounds() == ["ask", "recorded"]


@pytest.mark.parametrize("part", ["journal", "spi1"])
def test_without_a_journal_nothing_is_answered(part):
    kiosk = broken(part)
    assert kiosk.pages[-1] == "fault"
    kiosk.app.roster.lookup = {UID: entry()}.get
    kiosk.tap()
    assert kiosk.sounds() == ["fault"]
    kiosk.press("no_card").press("admit")
    assert set(kiosk.sounds()) <= {"fault"}
    assert kiosk.lights() == [0, 7]


def test_a_journal_that_comes_back_is_opened_and_taken_up():
    kiosk = broken("journal")
    kiosk.bench.circuit.mend_part("journal")
    kiosk.run(12_000)
    kiosk.sounds()
    kiosk.tap().press("admit")
    assert kiosk.sounds() == ["cannot-verify", "recorded"]
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_an_outcome_that_is_not_written_is_not_confirmed():
    kiosk = Kiosk().run(200)
    kiosk.tap()
    kiosk.sounds()
    kiosk.bench.circuit.break_part("journal")
    kiosk.press("admit")
    assert kiosk.sounds() == ["fault"]
    assert kiosk.pages[-1] == "fault"
    kiosk.bench.circuit.mend_part("journal")
    kiosk.run(11_000)
    assert kiosk.pages[-1] == "answer"
    kiosk.press("admit")
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_a_full_journal_refuses_until_the_gateway_took_records():
    kiosk = Kiosk().run(200)
    journal = kiosk.app.journal
    append, fill = journal.append, journal.fill_percent

    def refuse(record):
        raise JournalFull("full")

    journal.append, journal.fill_percent = refuse, lambda: 100
    kiosk.sounds()
    kiosk.tap()
    assert kiosk.sounds() == ["fault"]
    assert kiosk.crossings() == []
    journal.append, journal.fill_percent = append, fill
    kiosk.run(4000)
    kiosk.sounds()
    kiosk.tap()
    assert kiosk.sounds() == ["cannot-verify"]


def test_a_low_battery_and_a_stuck_button_are_faults():
    kiosk = Kiosk().run(200)
    kiosk.bench.circuit.battery.millivolts = 11_000
    kiosk.bench.circuit.buttons["admit"].press()
    kiosk.run(60_000)
    assert set(kiosk.app.faults.standing()) == {"buttons", "battery"}
    kiosk.bench.circuit.battery.millivolts = 12_600
    kiosk.bench.circuit.buttons["admit"].release()
    kiosk.run(11_000)
    assert kiosk.app.faults.standing() == ()
    assert sorted(faults(kiosk)) == [("battery", 1), ("battery", 2), ("buttons", 1), ("buttons", 2)]


def test_every_start_is_a_record():
    kiosk = Kiosk().run(100)
    kiosk.restart()
    assert [record.kind for record in kiosk.records()] == [BOOT, BOOT]
    assert kiosk.records()[0].body[1:4] == bytes((0, 1, 0))


def test_a_start_without_a_journal_is_a_record_when_it_comes_back():
    kiosk = broken("journal")
    kiosk.bench.circuit.mend_part("journal")
    kiosk.run(12_000)
    assert [record.kind for record in kiosk.records()][:2] == [BOOT, FAULT]
    assert [record.kind for record in kiosk.records()].count(BOOT) == 1


def test_a_hanging_part_starves_the_watchdog():
    kiosk = Kiosk().run(100)
    kiosk.app.care.report = lambda loop: None
    before = kiosk.watchdog.fed
    kiosk.run(1000)
    assert kiosk.watchdog.fed <= before + 1


def test_an_unforeseen_error_is_a_record_a_screen_and_a_sound():
    kiosk = Kiosk().run(100)
    kiosk.sounds()
    failed = crash(ZeroDivisionError("divide by zero"), kiosk.app.log, kiosk.app.panel, kiosk.bench.ticks_ms())
    assert failed == []
    assert faults(kiosk) == [("program", BEGAN)]
    assert kiosk.records()[-1].body[2:].rstrip(b"\0") == b"ZeroDivisionError"
    assert kiosk.pages[-1] == "fault"
    assert kiosk.sounds() == ["fault"]


def test_what_fails_during_a_crash_is_told_not_hidden():
    kiosk = Kiosk().run(100)
    kiosk.app.panel.light = lambda name: 1 // 0
    (second,) = crash(ValueError("x"), kiosk.app.log, kiosk.app.panel, kiosk.bench.ticks_ms())
    assert isinstance(second, ZeroDivisionError)


def test_what_the_journal_lives_with_is_written_down_once():
    kiosk = Kiosk().run(200)
    kiosk.app.journal.faults = ["sector 5 is bad"]
    kiosk.run(200)
    kiosk.app.journal.faults = ["sector 5 is bad", "sector 9 is bad"]
    kiosk.run(200)
    assert faults(kiosk) == [("log", NOTED), ("log", NOTED)]
    assert [record.body[2:].rstrip(b"\0") for record in kiosk.records()[-2:]] == [
        b"sector 5 is bad",
        b"sector 9 is bad",
    ]
