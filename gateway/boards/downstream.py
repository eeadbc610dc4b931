"""What a board is told in the gateway's turn: the ack first, then answers, time, policy, corrections, its roster."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import structlog

from checkpost.carrier import Carrier
from checkpost.messages import Acked, Answer, BoardPolicy, Correction, RosterPiece, Status, Time
from checkpost.permit import POINT_KINDS
from checkpost.record import ASSURANCES, log2_code
from checkpost.rules import Verdict
from gateway.boards.bringing import Bringing
from gateway.boards.localtime import LocalTime, TimeZoneError, local_time
from gateway.parts import Parts
from gateway.store.store import ROSTER_ID, Store
from gateway.verdict.judge import Ruling
from gateway.worker import SOON

AGAIN_S = 2.0  # a policy or roster piece whose receipt does not show in the board's status is sent again after this
PIECES = 2  # of a roster in one turn: what fits behind the rest
CURRENT_EVERY_S = 600  # a board that has all is told so this often; rosters count as stale after days
CORRECT_WITHIN_S = 60  # an answer older than this stands before nobody any more
MAX_CORRECTIONS = 4  # a turn, newest last: the panel shows one
TURN_MS = (
    1000  # a slow turn may pass between the reading of the clock and the board's: added to what the clock is unsure of
)
UNKNOWN_MS = 0xFFFF  # SPEC.md: of a gateway that does not know the time; boards then keep their own
MAX_AGE_CODE = 31  # as in a record


class Said(NamedTuple):
    """What is said to a query. `proofs`: of `checkpost.proofs`, which go before the answer."""

    query_id: int
    verdict: Verdict
    proofs: list[object]


class Downstream:
    """The gateway's side of one board's session."""

    def __init__(self, parts: Parts, board: int, carrier: Carrier):
        self._parts = parts
        self._carrier = carrier
        self._board = board
        self._corrections: dict[int, Correction] = {}
        self._log = structlog.get_logger("checkpost.boards").bind(board=board)
        self.firmware = Bringing(parts, board, carrier)
        self._zone: tuple[str, int, LocalTime] | None = None
        self.begin()

    def begin(self) -> None:
        """Start a session: nothing has been told."""
        self._policy_sent: BoardPolicy | None = None
        self._policy_at_s = 0.0
        self._roster_from: tuple[int, int] | None = None
        self._roster_at_s = 0.0
        self._current_s = 0
        self.firmware.begin()

    def correct(self, rulings: Iterable[Ruling]) -> None:
        """Note verdicts that differ from what this board showed a moment ago."""
        now_s = self._parts.now_s()
        for row, verdict in rulings:
            shown = (row.board_verdict, row.board_reasons, row.board_causes)
            if row.board != self._board or now_s - row.utc_s > CORRECT_WITHIN_S:
                continue
            if shown != (verdict.verdict, verdict.reasons, verdict.causes):
                said = (verdict.verdict, verdict.reasons, verdict.causes, verdict.notes)
                self._corrections[row.seq] = Correction(row.seq, *said)

    async def messages(self, epoch: int, status: Status | None, answer: Said | None) -> list[object]:
        """Return all messages of a turn, most important first."""
        held = self._parts.held(self._board, epoch)
        told: list[object] = [Acked(epoch, held.seq, held.centre_seq)]
        if answer is not None:
            told += [*answer.proofs, self._answer(answer)]
        told.append(self._time())
        corrections, self._corrections = list(self._corrections.values())[-MAX_CORRECTIONS:], {}
        if status is None:
            return told
        told += self._policy(status) + corrections
        pieces = await self._roster(status)
        told += pieces
        # Behind word that the roster is current there is room: by radio each turn of a quiet board carries that.
        if answer is None and not any(piece.entries for piece in pieces):
            told += await self.firmware.pieces()
        return told

    def roster_current(self, status: Status | None) -> bool:
        """Return True if the board holds the newest roster, and that is computed from all that is known."""
        view = self._parts.view
        if status is None or view.roster_due:
            return False
        return (status.roster_id, status.roster_revision) == (view.roster_id, view.revisions.get(self._board, 0))

    def _answer(self, answer: Said) -> Answer:
        verdict = answer.verdict
        age_code = log2_code(self._parts.freshness.age_s(self._parts.now_s()) or 0, MAX_AGE_CODE)
        said = (verdict.verdict, verdict.reasons, verdict.causes, verdict.notes)
        return Answer(answer.query_id, *said, verdict.rule_version, age_code)

    def _time(self) -> Time:
        utc_ms = self._parts.clock.utc_ms()
        local = self._local(utc_ms // 1000)
        change = (local.next_change_s, local.next_offset)
        return Time(utc_ms // 1000, utc_ms % 1000, local.offset_quarters, *change, self._uncertainty_ms())

    def _uncertainty_ms(self) -> int:
        unsure_ms = self._parts.clock.uncertainty_ms()
        return UNKNOWN_MS if unsure_ms is None else min(unsure_ms + TURN_MS, UNKNOWN_MS)

    def _local(self, utc_s: int) -> LocalTime:
        """Return the board's local time, looked up once a day and zone, and at each change."""
        point = self._parts.view.point_of(self._board)
        zone = point.time_zone if point else "+00:00"
        if self._zone is None or self._zone[0] != zone or not 0 <= utc_s - self._zone[1] < 86_400:
            self._zone = zone, utc_s, self._looked_up(zone, utc_s)
        local = self._zone[2]
        if local.next_change_s and utc_s >= local.next_change_s:
            self._zone = zone, utc_s, self._looked_up(zone, utc_s)
        return self._zone[2]

    def _looked_up(self, zone: str, utc_s: int) -> LocalTime:
        try:
            return local_time(zone, utc_s)
        except TimeZoneError as error:
            self._log.warning("no local time for the board", why=str(error))
            return LocalTime(0, 0, 0)

    def _policy(self, status: Status) -> list[object]:
        """Return the board's policy when it changed, or the board does not say that it has it."""
        policy, point = self._parts.view.policy, self._parts.view.point_of(self._board)
        if policy is None or point is None:
            return []
        kind, assurance = POINT_KINDS.index(point.kind), ASSURANCES.index(policy.assurance)
        numbers = (policy.roster_max_age_s, policy.clock_max_uncertainty_s)
        wanted = BoardPolicy(policy.version, assurance, *numbers, point.code, point.zone, kind)
        real_s = asyncio.get_running_loop().time()
        if self._policy_sent is not None and self._policy_sent.pack() == wanted.pack():
            if status.policy_version == policy.version or real_s - self._policy_at_s < AGAIN_S:
                return []
        self._policy_sent, self._policy_at_s = wanted, real_s
        return [wanted]

    async def _roster(self, status: Status) -> list[RosterPiece]:
        """Return the next pieces of the board's roster; none while it has not said what became of the last."""
        real_s, now_s = asyncio.get_running_loop().time(), self._parts.now_s()
        if self.roster_current(status):
            due = self._parts.freshness.connected and not 0 <= now_s - self._current_s < CURRENT_EVERY_S
            if not due:
                return []
            self._current_s = now_s
            at = status.roster_revision
            return [RosterPiece(status.roster_id, at, at, False, True, [])]
        stands = (status.roster_id, status.roster_revision)
        if stands == self._roster_from and real_s - self._roster_at_s < AGAIN_S:
            return []
        self._roster_from, self._roster_at_s = stands, real_s
        return await self._pieces(*stands)

    async def _pieces(self, roster_id: int, revision: int) -> list[RosterPiece]:
        view = self._parts.view
        newest = view.revisions.get(self._board, 0)
        if roster_id == view.roster_id and revision > newest and not view.roster_due:
            # This store was restored from a copy: under the same id the board would take old changes for known ones.
            await self._parts.writer.run(SOON, partial(_start_over, roster_id=self._parts.random_bits(32)))
            self._parts.wake()
            return []
        reset = roster_id != view.roster_id
        at = 0 if reset else revision
        if at == newest and not reset:
            return []
        pieces: list[RosterPiece] = []
        for number in range(PIECES):
            read = partial(_changes, board=self._board, after=at, limit=self._carrier.roster_entries, removed=not reset)
            entries, to_revision = await self._parts.reader.run(SOON, read)
            last = to_revision >= newest and not view.roster_due and self._parts.freshness.connected
            pieces.append(RosterPiece(view.roster_id, at, to_revision, reset and number == 0, last, entries))
            at = to_revision
            if at >= newest:
                break
        return pieces


def _start_over(store: Store, roster_id: int) -> None:
    with store.transaction():
        store.knowledge.set(ROSTER_ID, roster_id)


def _changes(store: Store, board: int, after: int, limit: int, removed: bool) -> tuple[list[bytes], int]:
    return store.rosters.changes(board, after, limit, removed)
