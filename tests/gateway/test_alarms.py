"""What an attack looks like in `gateway status`: a name for each, in words, under its board."""

from gateway.commands.showing import _troubles
from gateway.intake.alarms import TWO_BOARDS, WORDS, alarms
from gateway.intake.records import CHAIN_MISMATCH, EPOCH_BACK, OTHER_EPOCH, RESTORED, Intake
from tests.gateway.support import CARD, MORNING_S, NOW_S, Journal


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
