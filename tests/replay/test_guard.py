"""The guard at a board whose loop is late: time passes when a finger was seen; no older answer counts for a new one."""

import asyncio

import pytest

from checkpost import record
from kiosk.journal import Journal
from replay.guard import Guard
from replay.panel import CLICK, GO, RECORDED, BoardRestarted, Panel
from replay.scenario import Tap
from tests.support.nor import Nor
from workbench.journal_image import read_newest

LATE_LOOKS = 5  # questions that a loaded board answers before its loop turns once
TAP = Tap(1, 1_800_000_000, 36, "ONS", "entry", b"\x04abcdef", 1, "admitted")


class LateBoard(Panel):
    """A panel whose firmware looks at a finger late, and sounds the tones of `plays` when it has seen a press."""

    def __init__(self, path, plays):
        super().__init__(path)
        self.plays = plays
        self.unseen = self.asked = self.looked = 0
        self.done = []
        self.on_look = lambda looked: None

    async def do(self, action, **given):
        self.done.append(action)
        if action in ("press", "release"):
            self.unseen += 1
        if action in ("press", "tap"):
            for tone in self.plays:
                self._heard.put_nowait(tone)
        elif action == "panel":
            self.looked += 1
            self.on_look(self.looked)
        elif action == "state":
            self.asked += 1
            if self.asked >= LATE_LOOKS:
                self.unseen = 0
        lit = [[0, 255, 0] if at >= 5 else [0, 0, 0] for at in range(8)]
        return {"ok": True, "turning": True, "unseen": self.unseen, "leds": lit}


class WatchedClock:
    """Notes how many changes of the buttons the board had not seen whenever time was let pass."""

    def __init__(self):
        self.unseen = []
        self.board = None

    def skip(self, ms):
        self.unseen.append(self.board.unseen)


@pytest.fixture
def late(tmp_path):
    """Return late(*tones) -> (guard, board, clock)."""

    def make(*plays):
        journal = tmp_path / "journal.bin"
        journal.write_bytes(b"\xff" * 8192)
        clock = WatchedClock()
        clock.board = LateBoard(tmp_path / "control.sock", plays)
        return Guard(clock.board, journal, clock, 5.0), clock.board, clock

    return make


def test_time_passes_only_when_the_board_has_seen_that_the_finger_left(late):
    guard, board, clock = late(CLICK)
    asyncio.run(guard._press("direction", (CLICK,)))
    assert board.asked >= LATE_LOOKS and clock.unseen == [0]
    assert board.done[:2] == ["press", "release"], "however late this process is, no button is held"


def test_tone_and_light_of_an_older_answer_are_not_taken_for_this_travellers(late, tmp_path):
    """The gateway's late word on the one before sounds and lights like an answer: the journal tells."""
    guard, board, _ = late(GO)
    flash = Nor(5)
    journal = Journal(flash, 7, 1, bytes(32), 0, 2, 3)
    journal.open()

    def write(looked):
        if looked in (1, LATE_LOOKS):
            crossing = record.Crossing(TAP.uid, 0, 1, record.UID).pack()
            journal.append(record.Record(record.CROSSING, 0, TAP.utc_s, 36, 2, 0, crossing))
            image = b"".join(flash.peek(at, 4096) for at in range(0, flash.size, 4096))
            (tmp_path / "journal.bin").write_bytes(image)

    write(1)
    board.on_look = lambda looked: write(looked) if looked > 1 else None
    asyncio.run(guard._show(TAP))
    assert board.looked == LATE_LOOKS and len(read_newest(tmp_path / "journal.bin")) == 2


def test_a_restart_among_the_sounds_is_never_forgotten(late):
    _, board, _ = late(RECORDED)
    board._sort({"event": "sound", "hz": GO})
    board._sort({"event": "boot", "cause": 1})
    with pytest.raises(BoardRestarted):
        board.forget()


def test_a_board_that_stopped_looking_at_its_buttons_was_started_again(late):
    _, board, _ = late(RECORDED)
    board.do = _answering({"ok": True, "turning": False, "unseen": 0})
    with pytest.raises(BoardRestarted):
        asyncio.run(board.noticed())


def _answering(reply):
    async def do(action, **given):
        return reply

    return do
