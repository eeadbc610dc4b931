"""The forwarder: whatever is lost on the way, the centre holds each record once, and this store knows it."""

import asyncio

import pytest

from gateway.contract import Application, Card, Change, Changes, CrossingPoint, Policy
from gateway.forwarder import batches
from gateway.forwarder.backoff import Backoff
from gateway.forwarder.batches import next_batch
from gateway.forwarder.client import Centre, CentreAway, CentreRefuses
from gateway.forwarder.pull import Pull
from gateway.forwarder.push import Push
from gateway.intake.freshness import Freshness
from gateway.intake.learning import REVISION, Learning
from gateway.intake.records import Intake
from gateway.worker import SOON, Worker
from tests.gateway.fake_centre import FakeCentre, dice
from tests.gateway.support import NOW_S, Journal, fresh_store, teach_small
from tests.gateway.test_intake_faults import busy_journal

BATCH = 500


class StandingClock:
    """A clock that does not move."""

    def utc_ms(self):
        return NOW_S * 1000

    def steady_ms(self):
        return 0

    def uncertainty_ms(self):
        return 20


@pytest.fixture
def centre():
    return FakeCentre()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Let a batch carry little, so that few records need several."""
    monkeypatch.setattr(batches, "MAX_BATCH", BATCH)


def journals(entries=400):
    """Two boards with more records than one batch carries."""
    second = Journal(2)
    for number in range(300):
        second.crossing(NOW_S - 5000 + number)
    return [busy_journal(entries), second]


def with_store(folder, job, boards=()):
    """Run `job(worker)` over a store that took the journals of `boards`."""

    def make():
        store = fresh_store(folder)
        teach_small(store)
        for journal in boards:
            Intake(store).take([journal.run()], NOW_S)
        return store

    async def main():
        worker = Worker("store", make)
        await worker.start()
        try:
            return await job(worker)
        finally:
            await worker.stop()

    return asyncio.run(main())


async def push_all(worker, centre, on_held=lambda *held: None):
    """Push until nothing is left, over any number of failures; return the Push and how often it failed."""
    failures = 0
    async with centre.http() as http:
        push = Push(worker, Centre(http), Backoff(lambda: 0.0), on_held)
        while True:
            try:
                if not await push.once():
                    return push, failures
            except CentreAway:
                failures += 1


@pytest.mark.parametrize("seed", range(5))
def test_each_record_arrives_exactly_once_however_much_is_lost(tmp_path, centre, seed):
    boards = journals()
    centre.fail = dice(seed, 0.6)
    told = {}

    async def job(worker):
        _, failures = await push_all(worker, centre, lambda board, epoch, seq: told.update({board: seq}))
        return failures, await worker.run(SOON, lambda store: (store.records.chains(), store.outbox.counts()))

    failures, (chains, outbox) = with_store(tmp_path, job, boards)
    assert failures > 0
    for journal in boards:
        assert centre.records[journal.board, 1] == [raw.hex() for raw in journal.records]
    assert all(chain.centre_seq == chain.seq == told[chain.board] for chain in chains)
    assert outbox == {"waiting": 0, "refused": 0}
    assert set(centre.imported) == {"A1", "04000000000001"}


def test_a_store_that_nobody_wrote_to_since_all_was_delivered_is_asked_for_its_mark_alone(tmp_path, centre):
    jobs = []

    async def job(worker):
        real = worker.run

        async def run(urgency, job):
            jobs.append(job)
            return await real(urgency, job)

        async with centre.http() as http:
            push = Push(worker, Centre(http), Backoff(lambda: 0.0), lambda *held: None)
            while await push._once_if_new():
                pass
            worker.run = run
            assert not await push._once_if_new()
            quiet = len(jobs)
            more = Journal(2)
            more.crossing(NOW_S)
            await real(SOON, lambda store: Intake(store).take([more.run()], NOW_S))
            assert await push._once_if_new()
        return quiet, len(jobs) - quiet

    # One batch: the mark, if anything but records waits, the records, and what the centre holds now.
    assert with_store(tmp_path, job, journals(40)[:1]) == (1, 4)


def test_a_lost_reply_is_answered_by_the_same_batch(tmp_path, centre):
    replies = iter(["", "lost-reply", ""])
    centre.fail = lambda request: next(replies, "")

    async def job(worker):
        return await push_all(worker, centre)

    _, failures = with_store(tmp_path, job, journals())
    assert (failures, centre.doubled) == (1, BATCH)


def test_a_restart_between_batch_and_reply_loses_nothing(tmp_path, centre):
    async def cut_off(worker):
        centre.fail = lambda request: "lost-reply" if request.url.path == "/v1/batches" else ""
        async with centre.http() as http:
            with pytest.raises(CentreAway):
                await Push(worker, Centre(http), Backoff(lambda: 0.0), lambda *held: None).once()

    async def again(worker):
        centre.fail = lambda request: ""
        await push_all(worker, centre)
        return await worker.run(SOON, next_batch)

    boards = journals()
    with_store(tmp_path, cut_off, boards)
    assert with_store(tmp_path, again) is None
    assert all(len(centre.records[journal.board, 1]) == len(journal.records) for journal in boards)


def test_a_refused_board_does_not_hold_up_the_others(tmp_path, centre):
    centre.refuse_board = 1
    boards = journals()

    async def job(worker):
        return await push_all(worker, centre)

    push, _ = with_store(tmp_path, job, boards)
    assert len(centre.records[2, 1]) == len(boards[1].records)
    assert push.refusals == {(1, 1): "board 1 is broken"}


def test_a_refused_row_is_set_aside_with_its_reason(tmp_path, centre):
    centre.refuse_row = "A1"

    async def job(worker):
        await push_all(worker, centre)
        return await worker.run(SOON, lambda store: store.outbox.counts())

    assert with_store(tmp_path, job) == {"waiting": 0, "refused": 1}
    assert centre.imported == ["04000000000001"]


def test_a_centre_that_lost_records_gets_them_again(tmp_path, centre):
    boards = journals()

    async def job(worker):
        await push_all(worker, centre)
        for key in centre.records:
            centre.records[key] = centre.records[key][:10]
            centre.heads[key] = boards[key[0] - 1].heads[10]
        extra = Journal(1)
        extra.records, extra.heads = list(boards[0].records), list(boards[0].heads)
        extra.crossing(NOW_S)
        await worker.run(SOON, lambda store: Intake(store).take([extra.run(len(extra.records))], NOW_S))
        await push_all(worker, centre)
        return extra

    extra = with_store(tmp_path, job, boards)
    assert centre.records[1, 1] == [raw.hex() for raw in extra.records]


@pytest.mark.parametrize("same", [True, False])
def test_a_store_that_was_put_back_asks_whether_what_comes_is_what_the_centre_holds(tmp_path, centre, same):
    """Of a board whose chip was put back as well, the centre holds another third record."""
    journal, other = Journal(1), Journal(1)
    for number in range(6):
        journal.crossing(NOW_S - 100 + number)
    for raw in journal.records[:2]:
        other.add(raw)
    other.crossing(NOW_S - 50)

    async def push_first(worker):
        await push_all(worker, centre)

    async def push_again(worker):
        found = []
        for run in (journal.run(1, 2), (journal if same else other).run(3, 3)):
            await worker.run(SOON, lambda store, run=run: Intake(store).take([run], NOW_S))
            push, _ = await push_all(worker, centre)
            chain = (await worker.run(SOON, lambda store: store.records.chains()))[0]
            found.append((chain.seq, chain.centre_seq, push.refusals))
        return found

    with_store(tmp_path / "a", push_first, [journal])
    again, third = with_store(tmp_path / "b", push_again)
    assert again == (2, 6, {})
    assert third == ((3, 6, {}) if same else (3, 2, {(1, 1): "a record of board 1 is another one here"}))


def test_a_wrong_token_is_said_and_nothing_is_lost(tmp_path, centre):
    centre.fail = lambda request: "no-access"

    async def job(worker):
        async with centre.http() as http:
            push = Push(worker, Centre(http), Backoff(lambda: 0.0), lambda *held: None)
            with pytest.raises(CentreRefuses, match="Who are you"):
                await push.once()
        return await worker.run(SOON, lambda store: store.outbox.counts())

    assert with_store(tmp_path, job, journals())["waiting"] == 2


def changes():
    return Changes(
        changes=[
            Change(revision=1, policy=Policy(version=3, assurance="uid")),
            Change(revision=2, crossing_point=CrossingPoint(code="ONS", name="Onsong", kind="border", zone="n")),
            Change(revision=4, application=Application(application_id="A7", decision="refused")),
            Change(revision=9, card=Card(card_uid="04AABBCC", application_id="A7", status="lost", blocked_from=5)),
        ],
        revision=9,
        more=False,
    )


@pytest.mark.parametrize("fault", ["", "lost-reply", "cut-reply", "5xx"])
def test_changes_come_in_over_any_fault(tmp_path, centre, fault):
    centre.changes = changes()
    faults = iter([fault])
    centre.fail = lambda request: next(faults, "")
    freshness = Freshness(None)
    woken = []

    async def job(worker):
        async with centre.http() as http:
            backoff = Backoff(lambda: 0.0)
            pull = Pull(
                worker, Centre(http), backoff, StandingClock(), freshness, lambda: woken.append(1), lambda: None
            )
            if fault:
                with pytest.raises(CentreAway):
                    await pull.once()
                assert freshness.age_s(NOW_S) is None
            assert await pull.once() is False
        return await worker.run(
            SOON,
            lambda store: (
                store.knowledge.policy().version,
                store.knowledge.application("A7").decision,
                store.knowledge.card("04AABBCC").blocked_from,
                store.knowledge.number(REVISION),
            ),
        )

    assert with_store(tmp_path, job) == (3, "refused", 5, 9)
    assert freshness.age_s(NOW_S + 50) == 0
    assert woken


def test_the_same_changes_again_judge_nothing_again(small):
    learning = Learning(small)
    learning.take_changes(changes().changes, 9, NOW_S)
    small.rosters.clear_due(small.rosters.due(100))
    learning.take_changes(changes().changes, 9, NOW_S)
    assert small.rosters.due(100) == []


def test_knowledge_ages_from_the_last_word_of_the_centre():
    freshness = Freshness(None)
    freshness.caught_up(100)
    assert freshness.age_s(9999) == 0
    freshness.lost()
    assert freshness.age_s(160) == 60


def test_waits_double_up_to_a_minute_and_jitter():
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.failed() for _ in range(12)]
    assert waits[:4] == [0.2, 0.4, 0.8, 1.6]
    assert max(waits) == waits[-1] == 60.0
    backoff.succeeded()
    assert Backoff(lambda: 0.0).failed() == 0.1
    assert backoff.failed() == 0.2
