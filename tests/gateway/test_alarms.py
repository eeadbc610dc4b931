"""What an attack looks like in `gateway status`: a name for each, in words, under its board."""

import asyncio
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from checkpost.messages import Status
from gateway import describing
from gateway.boards.port import BoardPort, BoardState
from gateway.commands.showing import _troubles
from gateway.intake.alarms import TWO_BOARDS, WORDS, alarms
from gateway.intake.records import CHAIN_MISMATCH, EPOCH_BACK, OTHER_EPOCH, RESTORED, Intake
from gateway.view import Held
from tests.gateway.support import CARD, MORNING_S, NOW_S, Journal
from tests.gateway.test_elsewhere import LANE, Parts
from tests.gateway.test_lora import Port


def test_nothing_is_wrong_with_a_board_that_fits():
    assert alarms([], {"replay": 4, "twin": 2}, [], 1) == []
    assert alarms([OTHER_EPOCH], {}, ["gap"], 0) == []


def test_a_clone_a_restored_image_and_another_chain_are_named():
    assert alarms([], {"twin": 3}, [], 1) == [TWO_BOARDS]
    assert alarms([], {}, [], 2) == [TWO_BOARDS], "on two ports at once"
    assert alarms([RESTORED, EPOCH_BACK], {}, [CHAIN_MISMATCH], 1) == [RESTORED, EPOCH_BACK, CHAIN_MISMATCH]


def test_an_older_epoch_and_a_shorter_journal_are_seen(small):
    intake = Intake(small)
    for epoch in (1, 2):
        written = Journal(1, epoch)
        written.crossing(MORNING_S, CARD)
        written.crossing(MORNING_S + 5, CARD)
        intake.take([written.run()], NOW_S)
    assert intake.notice(1, 2, 3, NOW_S) == []
    assert intake.notice(1, 1, 3, NOW_S) == [EPOCH_BACK]
    assert intake.notice(1, 2, 2, NOW_S) == [RESTORED]
    assert intake.notice(1, 3, 1, NOW_S) == [OTHER_EPOCH]


def test_what_did_not_fit_of_an_epoch_is_no_alarm_of_the_next():
    """A technician who gave a board its new epoch is not sent there again."""
    parts = Parts([LANE], {(1, 1): Held(9, 9)})
    parts.refusals = Counter({(1, 1, CHAIN_MISMATCH): 3})
    parts.link_key, parts.random_bytes, parts.now_s = lambda number: bytes(16), bytes, lambda: NOW_S
    port = BoardPort(Path("line"), 921_600, parts, Port)
    board = BoardState(1, parts, port._carrier)
    board.epoch, board.odd, shown = 1, [RESTORED], {}

    async def tell(epoch, next_seq):
        async def notice(_urgency, _job):
            shown[epoch] = describing._board(parts, port, board, [port])["alarms"]
            return []

        parts.writer = SimpleNamespace(run=notice)
        status = Status()
        status.epoch, status.next_seq = epoch, next_seq
        await port._take_status(board, status)

    async def main():
        await tell(1, 5)
        await tell(2, 1)

    asyncio.run(main())
    assert shown == {1: [RESTORED, CHAIN_MISMATCH], 2: []}


def test_a_chip_that_was_put_back_stays_an_alarm_when_it_holds_as_many_records_again():
    parts = Parts([LANE], {(1, 1): Held(9, 9)})
    parts.link_key, parts.random_bytes, parts.now_s = lambda number: bytes(16), bytes, lambda: NOW_S
    port = BoardPort(Path("line"), 921_600, parts, Port)
    board = BoardState(1, parts, port._carrier)

    async def notice(_urgency, _job):
        return [RESTORED] if board.status.epoch == 1 and board.status.next_seq <= 9 else []

    parts.writer = SimpleNamespace(run=notice)

    async def tell(next_seq, epoch=1):
        board_says = Status()
        board_says.epoch, board_says.next_seq = epoch, next_seq
        await port._take_status(board, board_says)
        return board.odd

    async def main():
        return [list(await tell(*said)) for said in ((10,), (5,), (9,), (10,), (12,), (1, 2))]

    assert asyncio.run(main()) == [[], [RESTORED], [RESTORED], [RESTORED], [RESTORED], []]


def test_status_says_it_in_words():
    board = {"board": 3, "crossing_point": "ONS", "alarms": list(WORDS), "board_drops": {"replay": 12, "forged": 3}}
    status = {
        "disk_free": 1 << 40, "knows_time": True, "refused_rows": 0, "centre": {}, "ports": [], "boards": [board],
    }  # fmt: skip
    said = _troubles(status)
    assert "Frames that name board 3 were dropped: 12 replay, 3 forged." in said
    assert any(line.startswith("ALARM, board 3 at ONS: two boards speak as this one") for line in said)
    assert any(line.startswith("ALARM, board 3 at ONS: its epoch went back") for line in said)
    assert len(said) == 1 + len(WORDS)
