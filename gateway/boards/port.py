"""The boards of one port: their sessions, and the gateway's turn in each. Only what is on disk is acknowledged."""

import asyncio
from functools import partial
from pathlib import Path

import structlog

from checkpost import gateway_link as events
from checkpost.carrier import Carrier, serial
from checkpost.frames import encode as coded
from checkpost.gap import Gap
from checkpost.messages import Base, Query, RosterPiece, Status
from checkpost.piece import Piece, Wanted
from checkpost.proofs import Sun
from checkpost.record import SIZE
from checkpost.upward import Sealed
from gateway.boards.downstream import Downstream, Said
from gateway.boards.proving import Proving
from gateway.boards.query import Asked, answer
from gateway.intake.records import RESTORED, Intake, Run, Taken
from gateway.links.serial import SerialPort
from gateway.parts import Parts
from gateway.store.database import StoreFailure
from gateway.store.gaps import GapRow
from gateway.store.store import Store
from gateway.worker import SOON, URGENT

MAX_UNREAD = 1 << 20  # bytes that wait for the loop: ten seconds of a full line, then something is wrong
ANSWER_WITHIN_S = 0.2  # a board listens for 0.3 s and the time on the line
MAX_SEALS = 32  # of a board that wait for records that were lost before them
MAX_RUNS = 128  # records a turn may bring, in runs of 16: more than a burst


class BoardState:
    """What is known of one board of this port while the gateway runs."""

    def __init__(self, number: int, parts: Parts, carrier: Carrier):
        self.number = number
        self.epoch = 0
        self.status: Status | None = None
        self.opened = 0  # sessions
        self.heard_s: float | None = None  # real time of the last turn, by the event loop
        self.heard_ms: int | None = None  # the same by the gateway's steady clock, which a demo's leaps move too
        self.told_s: float | None = None  # when its status came, by the event loop
        self.told_ms: int | None = None  # the same by the steady clock
        self.elsewhere = ""  # the port on which another board of this number speaks
        self.odd: list[str] = []  # what does not fit: see gateway.intake.records
        self.runs: list[Run] = []
        self.seals: list[Sealed] = []  # newest last
        self.base: Base | None = None
        self.gap: Gap | None = None
        self.query: Query | None = None
        self.message: Sun | None = None
        self.proving = Proving(parts)
        self.downstream = Downstream(parts, number, carrier)


class BoardPort:
    """One serial port and the boards on it (one, or several on an RS-485 line)."""

    def __init__(self, path: Path, baud: int, parts: Parts, port_of: type[SerialPort] = SerialPort):
        """`port_of`: what opens the port; a simulation brings its own line."""
        self._parts = parts
        self.port = port_of(path, baud, self._heard, self._state)
        self._carrier = serial(baud)
        self.link = events.GatewayLink(parts.link_key, parts.random_bytes, self._carrier)
        self.boards: dict[int, BoardState] = {}
        self.lost_bytes = 0
        self.failed_turns = 0  # which could not be answered
        self.failed_runs = 0  # which the store could not take
        self.trouble = ""  # with the store, for people
        self._unread = bytearray()
        self._news = asyncio.Event()
        self._log = structlog.get_logger("checkpost.boards").bind(port=str(path))

    async def run(self) -> None:
        """Serve the port until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.port.run())
            tasks.create_task(self._serve())

    def _heard(self, data: bytes) -> None:
        if len(self._unread) + len(data) > MAX_UNREAD:
            self.lost_bytes += len(data)
            return
        self._unread += data
        self._news.set()

    def _state(self, is_open: bool) -> None:
        self._unread = bytearray()

    async def _serve(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            for event in self._received():
                await self._handle(event)

    def _received(self) -> list[object]:
        """Return the link's events of what was heard."""
        data, self._unread = bytes(self._unread), bytearray()
        return self.link.receive(data, self._now_ms())

    def _say(self, frames: list[bytes], urgent: bool) -> None:
        """Send the frames of a turn."""
        self.port.write(b"".join(b"\0" + coded(frame) for frame in frames[:1]) + b"".join(map(coded, frames[1:])))

    def _now_ms(self) -> int:
        return self._parts.clock.steady_ms()

    def _spare(self) -> bool:
        """Return True if the carrier has room for what can wait."""
        return True

    def _piece_ms(self, size: int) -> int:
        """Return what a piece of a firmware takes at least by the carrier's rules, 0 where it has none."""
        return 0

    def _board(self, number: int) -> BoardState:
        if number not in self.boards:
            self.boards[number] = BoardState(number, self._parts, self._carrier)
            self.boards[number].downstream.firmware.spare = self._spare
            self.boards[number].downstream.firmware.piece_ms = self._piece_ms
        return self.boards[number]

    async def _handle(self, event: object) -> None:
        if isinstance(event, events.Send):
            self._say([event.frame], urgent=True)
        elif isinstance(event, events.Opened | events.StatusUpdate):
            board = self._board(event.board)
            if isinstance(event, events.Opened):
                board.opened += 1
                board.runs.clear()
                board.downstream.begin()
            await self._take_status(board, event.status)
        elif isinstance(event, events.Records):
            board = self._board(event.board)
            if len(board.runs) < MAX_RUNS:
                place = (event.board, event.epoch, event.first_seq)
                board.runs.append(Run(*place, event.records, event.head4, event.rebuilt))
        elif isinstance(event, Sealed):
            board = self._board(event.board)
            board.seals = [*board.seals, event][-MAX_SEALS:]
        elif isinstance(event, Base):
            self._board(event.board).base = event
        elif isinstance(event, Gap):
            self._board(event.board).gap = event
        elif isinstance(event, Query):
            self._board(event.board).query = event
        elif isinstance(event, Wanted):
            await self._wanted(self._board(event.board), event)
        elif isinstance(event, Sun):
            self._board(event.board).message = event
        elif isinstance(event, events.Turn):
            await self._turn(self._board(event.board))

    async def _wanted(self, board: BoardState, wanted: Wanted) -> None:
        try:
            await board.downstream.firmware.hear(wanted)
        except StoreFailure as error:  # the board says it again
            self.trouble = f"the store takes nothing: {error}"

    async def _take_status(self, board: BoardState, status: object) -> None:
        assert isinstance(status, Status)
        board.status = status
        if status.epoch != board.epoch:  # what did not fit was of the epoch before
            board.epoch, board.odd = status.epoch, []
        board.told_s, board.told_ms = asyncio.get_running_loop().time(), self._now_ms()
        now_s = self._parts.now_s()
        notice = partial(_notice, board=board.number, epoch=status.epoch, next_seq=status.next_seq, now_s=now_s)
        try:
            odd = await self._parts.writer.run(SOON, notice) if self._odd(board) else []
        except StoreFailure as error:  # the next status asks again
            self.trouble = f"the store takes nothing: {error}"
            return
        if RESTORED in board.odd and RESTORED not in odd:
            odd.append(RESTORED)  # it may write as many records again: what it says of them stays another story
        if odd and odd != board.odd:
            self._log.warning("the board does not fit what is held", board=board.number, odd=odd)
        board.odd = odd

    def _odd(self, board: BoardState) -> bool:
        """Return True if the store has to be asked about a board's status: cheap, and rarely so."""
        assert board.status is not None
        held = self._parts.held(board.number, board.epoch)
        others = [epoch for number, epoch in self._parts.view.held if number == board.number and epoch != board.epoch]
        return board.status.next_seq <= held.seq or bool(others)

    async def _turn(self, board: BoardState) -> None:
        """Write what came, then speak: whatever fails before is not acknowledged, and the board brings it again."""
        board.heard_s = asyncio.get_running_loop().time()
        board.heard_ms = self._now_ms()
        if self._is_elsewhere(board):
            return
        try:
            await self._take_base(board)
            await self._take_gap(board)
            await self._take_runs(board)
            messages = await board.downstream.messages(board.epoch, board.status, await self._answer(board))
            urgent = not any(isinstance(message, RosterPiece | Piece) for message in messages)
            self._say(self.link.answer_frames(messages, self._now_ms(), board.number), urgent)
        except Exception:  # whatever it is, the other boards are served, and this one asks again
            self.failed_turns += 1
            self._log.exception("a turn could not be served", board=board.number)

    def _is_elsewhere(self, board: BoardState) -> bool:
        """Return True if another board of this number speaks on another port: this one is refused and reported."""
        elsewhere = self._parts.homes.claim(board.number, str(self.port.path), self._now_ms())
        if elsewhere and not board.elsewhere:
            self._log.error("two boards of one number", board=board.number, other=elsewhere)
        board.elsewhere = elsewhere
        if elsewhere:
            board.runs, board.base, board.gap, board.query, board.message = [], None, None, None, None
        return bool(elsewhere)

    async def _take_base(self, board: BoardState) -> None:
        base, board.base = board.base, None
        if base is not None:
            taken = await self._parts.writer.run(URGENT, partial(_adopt, base=base, now_s=self._parts.now_s()))
            self._parts.note_held(taken.board, taken.epoch, taken.seq, taken.centre_seq)

    async def _take_gap(self, board: BoardState) -> None:
        gap, board.gap = board.gap, None
        if gap is not None:
            said = GapRow(gap.board, gap.epoch, gap.seq, gap.first_seq, gap.last_seq, gap.head)
            self._log.error("the board cannot read records", board=gap.board, first=gap.first_seq, last=gap.last_seq)
            await self._parts.writer.run(URGENT, partial(_take_gap, gap=said, now_s=self._parts.now_s()))

    async def _take_runs(self, board: BoardState) -> None:
        """Hand in what came, and wait for it as long as the board's patience allows: a later ack covers the rest."""
        runs, board.runs = [_with_seals(run, board.seals) for run in board.runs], []
        if runs:
            tasks = [asyncio.create_task(self._take_run(board, run)) for run in runs]
            await asyncio.wait(tasks, timeout=ANSWER_WITHIN_S)

    async def _take_run(self, board: BoardState, run: Run) -> None:
        try:
            taken = await self._parts.desk.take(run)
        except StoreFailure as error:  # not acknowledged, so it comes again; the board still gets its answers
            self.failed_runs += 1
            if not self.trouble:
                self._log.error("records not taken", board=board.number, why=str(error))
            self.trouble = f"the store takes nothing: {error}"
            return
        if not taken.refused:  # a gap behind a run that failed says nothing of the disk
            self.trouble = ""
        else:
            self._log.warning("records refused", board=board.number, why=taken.refused, held=taken.seq)
            self._parts.count_refusal(taken.board, taken.epoch, taken.refused)
        board.downstream.correct(taken.rulings)

    async def _answer(self, board: BoardState) -> Said | None:
        """Return what is said to the question that waits, or None: then the board judges alone."""
        query, board.query = board.query, None
        message, board.message = board.message, None
        if query is None:
            return None
        now_s = self._parts.now_s()
        asked = Asked(board.number, board.epoch, query.record, now_s, self._parts.freshness.age_s(now_s))
        answered = await self._parts.reader.run(URGENT, partial(answer, asked=asked))
        if answered is None:
            return None
        proofs: list[object] = []
        if answered.of_card is not None:
            proofs = await board.proving.messages(query, answered.of_card, message)
        return Said(query.query_id, answered.verdict, proofs)


def _notice(store: Store, board: int, epoch: int, next_seq: int, now_s: int) -> list[str]:
    return Intake(store).notice(board, epoch, next_seq, now_s)


def _with_seals(run: Run, seals: list[Sealed]) -> Run:
    """Return a run with the seals over its records."""
    last_seq = run.first_seq + len(run.records) // SIZE - 1
    of_run = [one for one in seals if one.epoch == run.epoch and run.first_seq <= one.seq <= last_seq]
    return run._replace(seals=tuple((one.seq, one.generation, one.seal) for one in of_run))


def _take_gap(store: Store, gap: GapRow, now_s: int) -> Taken:
    return Intake(store).take_gap(gap, now_s)


def _adopt(store: Store, base: Base, now_s: int) -> Taken:
    return Intake(store).adopt_base(base.board, base.epoch, base.first_seq, base.head, now_s)
