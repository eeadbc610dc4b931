"""What a board is told in a turn: the ack first, its roster piece by piece, and nothing twice without need."""

import asyncio

import pytest

from checkpost import roster
from checkpost.carrier import serial
from checkpost.downward import Acked, BoardPolicy, Correction, RosterPiece, Time
from checkpost.reasons import PERMITTED
from checkpost.upward import Status
from gateway.boards.downstream import Downstream
from gateway.boards.roster import RosterKeeper
from gateway.contract import Card
from gateway.intake.desk import IntakeDesk
from gateway.intake.freshness import Freshness
from gateway.intake.learning import Learning
from gateway.parts import Parts
from gateway.store.store import open_reader
from gateway.view import look
from gateway.worker import URGENT, Worker
from tests.gateway.support import NOW_S, STRANGER, Journal, fresh_store, teach_small
from tests.gateway.test_forwarder import StandingClock

NEW_ID = 0xBEEF


def gateway(folder, script, cards=0):
    """Run `script(parts)` over a store whose permit has so many cards more, with rosters computed."""

    def make():
        store = fresh_store(folder)
        teach_small(store)
        more = [Card(card_uid=f"05{number:012d}", application_id="A1", status="active") for number in range(cards)]
        Learning(store).take_imported(more, NOW_S)
        while RosterKeeper(store).refresh(NOW_S):
            pass
        return store

    async def main():
        writer, reader = Worker("w", make), Worker("r", lambda: open_reader(folder))
        await writer.start()
        await reader.start()
        freshness = Freshness(None)
        freshness.caught_up(NOW_S)
        desk = IntakeDesk(writer, StandingClock(), lambda taken: None)
        view = await reader.run(URGENT, look)
        try:
            return await script(Parts(StandingClock(), writer, reader, freshness, view, desk, lambda bits: NEW_ID))
        finally:
            await writer.stop()
            await reader.stop()

    return asyncio.run(main())


def test_a_gateway_without_network_time_says_that_it_does_not_know(tmp_path):
    async def script(parts):
        told = Downstream(parts, 1, serial())
        [known] = of_kind(await told.messages(1, None, None), Time)
        parts.clock.uncertainty_ms = lambda: None
        [unknown] = of_kind(await told.messages(1, None, None), Time)
        parts.clock.uncertainty_ms = lambda: 90_000
        [poor] = of_kind(await told.messages(1, None, None), Time)
        return [time.uncertainty_ms for time in (known, unknown, poor)]

    assert gateway(tmp_path, script) == [1020, 0xFFFF, 0xFFFF]


def of_kind(messages, kind):
    return [message for message in messages if isinstance(message, kind)]


@pytest.mark.parametrize("cards", [0, 7, 8, 40])
def test_a_roster_goes_out_piece_by_piece_until_it_is_whole(tmp_path, cards):
    async def script(parts):
        down, status, found, turns = Downstream(parts, 1, serial()), Status(), {}, 0
        while not down.roster_current(status):
            turns += 1
            for piece in of_kind(await down.messages(1, status, None), RosterPiece):
                assert piece.reset == (piece.from_rev == 0)
                assert piece.reset or (piece.id, piece.from_rev) == (status.roster_id, status.roster_revision)
                found.update((entry[1:8], entry) for entry in piece.entries)
                status.roster_id, status.roster_revision = piece.id, piece.to_rev
        assert piece.last
        return found, turns

    found, turns = gateway(tmp_path, script, cards)
    assert len(found) == cards + 1
    assert all(roster.valid(entry) for entry in found.values())
    assert turns == (cards + 1 + 15) // 16


def test_a_turn_begins_with_the_ack_and_tells_nothing_again_at_once(tmp_path):
    async def script(parts):
        down = Downstream(parts, 1, serial())
        first = await down.messages(1, Status(), None)
        second = await down.messages(1, Status(), None)
        return [type(message) for message in first], [type(message) for message in second]

    first, second = gateway(tmp_path, script)
    assert first == [Acked, Time, BoardPolicy, RosterPiece]
    assert second == [Acked, Time]


def test_a_current_board_is_told_so_and_not_while_the_centre_is_away(tmp_path):
    async def script(parts):
        down, status = Downstream(parts, 1, serial()), Status()
        status.roster_id, status.roster_revision = parts.view.roster_id, parts.view.revisions[1]
        told = of_kind(await down.messages(1, status, None), RosterPiece)
        again = of_kind(await down.messages(1, status, None), RosterPiece)
        parts.freshness.lost()
        down.begin()
        return told, again, of_kind(await down.messages(1, status, None), RosterPiece)

    [told], again, away = gateway(tmp_path, script)
    assert (told.entries, told.last) == ([], True)
    assert again == away == []


def test_a_board_ahead_of_a_restored_store_starts_over_under_a_new_id(tmp_path):
    async def script(parts):
        down, status = Downstream(parts, 1, serial()), Status()
        status.roster_id, status.roster_revision = parts.view.roster_id, 999
        assert of_kind(await down.messages(1, status, None), RosterPiece) == []
        await parts.changed()
        down.begin()
        return of_kind(await down.messages(1, status, None), RosterPiece)

    [piece] = gateway(tmp_path, script)
    assert (piece.id, piece.from_rev, piece.reset) == (NEW_ID, 0, True)


def test_an_answer_that_turned_out_otherwise_is_corrected_once(tmp_path):
    journal = Journal(1)
    journal.crossing(NOW_S - 3, STRANGER, verdict=PERMITTED)

    async def script(parts):
        down = Downstream(parts, 1, serial())
        taken = await parts.desk.take(journal.run())
        down.correct(taken.rulings)
        return [of_kind(await down.messages(1, Status(), None), Correction) for _ in range(2)]

    [first], second = gateway(tmp_path, script)
    assert (first.seq, first.verdict) == (1, 1)
    assert second == []
