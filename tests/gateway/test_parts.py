"""The smaller parts: threads that own a store, clocks, zones, settings."""

import asyncio
import threading

import pytest

from gateway import timesync
from gateway.boards.localtime import TimeZoneError, local_time
from gateway.clock import ClockError, FileClock, SystemClock, open_clock, write_clock
from gateway.intake.desk import IntakeDesk
from gateway.lock import Lock, is_held
from gateway.settings import SettingsError, load
from gateway.store.store import open_reader
from gateway.worker import IDLE, URGENT, Worker
from tests.gateway.support import NOW_S, Journal, fresh_store, teach_small
from tests.gateway.test_forwarder import StandingClock

SUMMER_CHANGE_2026_S = 1_774_746_000  # Berlin, 29 March 2026, 01:00 UTC


@pytest.mark.parametrize(
    ("said", "unsure_ms"),
    [
        ((0, 0, 1_500), 2),
        ((0, 0x0001, 250_000), 250),
        ((5, 0x0040, 16_000_000), None),
        ((0, 0x0040, 16_000_000), None),
        ((5, 0, 0), None),
        ((-1, 0, 0), None),
    ],
)
def test_the_kernel_says_how_well_it_knows_the_time(said, unsure_ms):
    assert timesync.uncertainty_ms(lambda: said) == unsure_ms


def test_a_system_that_cannot_say_knows_no_time():
    def none():
        raise OSError("no adjtimex")

    assert timesync.uncertainty_ms(none) is None
    assert timesync.ask_kernel()[0] in range(6)  # the states of adjtimex(2)


class Owned:
    """What a worker owns in these tests."""

    def __init__(self):
        self.thread = threading.get_ident()
        self.closed = False

    def close(self):
        self.closed = True


def test_a_worker_serves_the_urgent_first_and_all_in_its_own_thread():
    order = []

    async def main():
        worker = Worker("w", Owned)
        await worker.start()
        gate = threading.Event()
        first = asyncio.create_task(worker.run(URGENT, lambda owned: gate.wait()))
        await asyncio.sleep(0)
        later = [
            asyncio.create_task(worker.run(urgency, lambda owned, name=name: order.append((name, owned.thread))))
            for name, urgency in (("idle", IDLE), ("urgent", URGENT), ("idle too", IDLE))
        ]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, *later)
        await worker.stop()

    asyncio.run(main())
    assert [name for name, _ in order] == ["urgent", "idle", "idle too"]
    assert {thread for _, thread in order} != {threading.get_ident()}


def test_an_error_of_a_job_is_raised_where_it_is_awaited():
    async def main():
        worker = Worker("w", Owned)
        await worker.start()
        with pytest.raises(ZeroDivisionError):
            await worker.run(URGENT, lambda owned: 1 // 0)
        assert await worker.run(URGENT, lambda owned: 7) == 7
        await worker.stop()

    asyncio.run(main())


def test_what_waits_during_one_transaction_goes_together_into_the_next(tmp_path):
    journals = [Journal(board) for board in (1, 2)]
    for journal in journals:
        for _ in range(10):
            journal.crossing(NOW_S)
    taken = []

    def make():
        store = fresh_store(tmp_path)
        teach_small(store)
        return store

    async def main():
        worker = Worker("w", make)
        await worker.start()
        desk = IntakeDesk(worker, StandingClock(), taken.append)
        await asyncio.gather(*(desk.take(journal.run(seq, seq)) for journal in journals for seq in range(1, 11)))
        await worker.stop()

    asyncio.run(main())
    assert [(one.board, one.seq) for one in taken] == [(board, seq) for board in (1, 2) for seq in range(1, 11)]


def test_a_stores_mark_changes_with_every_write_whoever_makes_it(tmp_path):
    store, other = fresh_store(tmp_path), fresh_store(tmp_path)
    reader = open_reader(tmp_path)
    marks = [(store.mark(), reader.mark())]
    for writer in (store, other, store):
        assert (store.mark(), reader.mark()) == marks[-1]
        with writer.transaction():
            writer.knowledge.set("any", len(marks))
        marks.append((store.mark(), reader.mark()))
    for of_one in zip(*marks, strict=True):
        assert len(set(of_one)) == len(of_one)
    for one in (reader, other, store):
        one.close()


def test_the_file_clock_moves_both_scales_in_one_write(tmp_path):
    path = tmp_path / "clock"
    write_clock(path, 1000, 0)
    clock = open_clock(path)
    assert isinstance(clock, FileClock)
    before = clock.steady_ms()
    write_clock(path, 86_401_000, 86_400_000)
    assert clock.utc_ms() == 86_401_000
    assert 86_400_000 <= clock.steady_ms() - before < 86_405_000
    clock.close()


def test_a_clock_file_that_is_none_is_one_sentence(tmp_path):
    (tmp_path / "short").write_bytes(b"123")
    for name in ("short", "none"):
        with pytest.raises(ClockError, match=name):
            open_clock(tmp_path / name)
    assert isinstance(open_clock(None), SystemClock)


@pytest.mark.parametrize(
    ("zone", "utc_s", "expected"),
    [
        ("Asia/Pyongyang", NOW_S, (36, 0, 0)),
        ("+09:00", NOW_S, (36, 0, 0)),
        ("-03:30", NOW_S, (-14, 0, 0)),
        ("Europe/Berlin", SUMMER_CHANGE_2026_S - 1, (4, SUMMER_CHANGE_2026_S, 8)),
        ("Europe/Berlin", SUMMER_CHANGE_2026_S, (8, SUMMER_CHANGE_2026_S + 18_144_000, 4)),
        ("Asia/Kathmandu", NOW_S, (23, 0, 0)),
    ],
)
def test_local_time_and_its_next_change(zone, utc_s, expected):
    assert local_time(zone, utc_s) == expected


def test_a_zone_that_is_none_is_named():
    with pytest.raises(TimeZoneError, match="Asia/Atlantis"):
        local_time("Asia/Atlantis", NOW_S)


def test_a_lock_ends_with_its_holder(tmp_path):
    assert not is_held(tmp_path)
    with Lock(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)


def test_the_environment_counts_more_than_the_file(tmp_path, monkeypatch):
    path = tmp_path / "gateway.toml"
    path.write_text(f'data = "{tmp_path}"\nname = "file"\nbaud = 115200\nserial = ["/dev/ttyUSB0"]\n')
    monkeypatch.setenv("CHECKPOST_GATEWAY_NAME", "environment")
    monkeypatch.setenv("CHECKPOST_CLOCK", str(tmp_path / "clock"))
    settings = load(path)
    assert (settings.name, settings.baud, settings.clock_file) == ("environment", 115200, tmp_path / "clock")


def test_a_token_is_never_shown(tmp_path):
    path = tmp_path / "gateway.toml"
    path.write_text(f'data = "{tmp_path}"\ntoken = "sesame"\n')
    assert "sesame" not in repr(load(path))
    assert load(path).bearer() == "sesame"


def test_settings_without_data_are_one_sentence():
    with pytest.raises(SettingsError, match="data in the environment"):
        load(None)


def test_the_store_is_for_its_owner_only_and_can_be_read_after_its_end(tmp_path):
    fresh_store(tmp_path).close()
    assert (tmp_path / "gateway.db").stat().st_mode & 0o077 == 0
    reader = open_reader(tmp_path)
    assert reader.knowledge.counts()["applications"] == 0
    reader.close()


def test_whoever_keeps_the_clock_may_vouch_for_it(monkeypatch):
    monkeypatch.setattr("gateway.clock.uncertainty_ms", lambda: None)
    assert SystemClock().uncertainty_ms() is None
    assert SystemClock(1500).uncertainty_ms() == 1500
    monkeypatch.setattr("gateway.clock.uncertainty_ms", lambda: 20)
    assert SystemClock(1500).uncertainty_ms() == 20
