"""A guard and a traveller at one board: tap, answer, party, outcome; and what they do after a power cut."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from checkpost import record
from checkpost.record import Record
from replay.air import Air
from replay.clock import ReplayClock
from replay.panel import ANSWERS, CLICK, RECORDED, BoardRestarted, Panel
from replay.processes import ReplayError
from replay.scenario import Tap
from workbench.journal_image import read_newest, read_records

ANSWER_S = 60.0  # an answer comes within a second; this is where a replay calls a board dead, if not sooner
TRIES_MAX = 40  # of one tap: kills and restarts included
HOLD_MS = 1100  # "held for one second"
OUTCOME_MS = 21_000  # after this without an outcome the board closes the crossing by itself
BOUNCE_MS = 50  # the buttons' contacts come to rest
REST_MS = 4_000  # between travellers: the same card within three seconds is one tap
AIR_ANSWER_S = 0.25  # of real time: by then a gateway has answered, if the air let it
AIR_STEP_MS = 100
AIR_REST_S = 0.08  # real: the gateway's part of an exchange
AIR_LOOK_S, AIR_LOOKS = 0.01, 40
LOOK_S = 0.002  # the board's loop turns about as often
EMPTY_SEARCHES = 2  # the board asks for the second only when it has read of the first that the card is gone


@dataclass
class Done:
    """How far a tap got, read from the board's journal."""

    crossing: bool = False
    outcome: bool = False


class Guard:
    """Works through the taps of one board; survives the board's restarts by reading its journal."""

    def __init__(self, panel: Panel, journal: Path, clock: ReplayClock, patience_s: float, air: Air | None = None):
        self.panel = panel
        self.journal = journal
        self.clock = clock
        self.patience_s = patience_s
        self._answer_s = min(ANSWER_S, patience_s)
        self.air = air
        self.direction = "entry"
        self.taken = 0  # taps that were brought to their end
        self.connected = False
        self._lifted = b""  # the card that was at the reader last
        self._newest = 0  # the newest crossing when a traveller came

    async def ready(self) -> None:
        """Return once the board is up and its control channel open."""
        if not self.connected:
            await self._reconnect()

    async def take(self, tap: Tap) -> None:
        """Bring one tap to its end, exactly once; ReplayError when the board does not work."""
        if tap.uid and tap.uid == self._lifted:
            await self._see_it_gone()
        await self._let_the_air_come_to_rest()
        self.clock.move_to(tap.utc_s, REST_MS)
        done = Done()
        for _ in range(TRIES_MAX):
            try:
                if not self.connected:
                    await self._reconnect()
                    done = self.read_journal(tap)
                    if not done.crossing:
                        self.clock.skip(OUTCOME_MS)  # an older answer that the restart brought back ends
                await self._act(tap, done)
                self.taken += 1
                return
            except BoardRestarted:
                self.connected = False
        raise ReplayError(f"tap {tap.number} at {tap.point}: the board did not answer in {TRIES_MAX} tries")

    async def _let_the_air_come_to_rest(self) -> None:
        """What is being said ends before the clock leaps: a leap cuts an exchange short, and it is made anew."""
        for _ in range(AIR_LOOKS if self.air else 0):
            if self.air and self.air.rested(AIR_REST_S):
                return
            await asyncio.sleep(AIR_LOOK_S)

    async def _see_it_gone(self) -> None:
        """Return when the board knows that the last card left, or it takes the same card for one that stayed."""
        deadline = asyncio.get_running_loop().time() + self._answer_s
        try:
            first = await self._empty_searches()
            while await self._empty_searches() < first + EMPTY_SEARCHES:
                if asyncio.get_running_loop().time() > deadline:
                    raise ReplayError(f"the reader at {self.panel.path.parent.name} does not search for cards")
                await asyncio.sleep(0.01)
        except BoardRestarted:
            self.connected = False  # a board that starts knows of no card

    async def _empty_searches(self) -> int:
        return int(str((await self.panel.do("state"))["empty_searches"]))

    async def _reconnect(self) -> None:
        """Wait until the board is up again, with nothing at its reader or buttons."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while True:
            try:
                await self.panel.connect()
                await self.panel.do("lift")  # or the board reads the card before we know how far it had come
                await self.panel.do("release")
                self.panel.begin()
                if await self.panel.up():
                    break
                await self.panel.close()
            except (OSError, BoardRestarted):
                await self.panel.close()
            if asyncio.get_running_loop().time() > deadline:
                raise ReplayError(f"the board at {self.panel.path.parent} did not start within {self.patience_s:.0f} s")
            await asyncio.sleep(0.05)
        self.connected = True

    def read_journal(self, tap: Tap) -> Done:
        """Return what the journal holds of a tap; ReplayError when it holds more than was tapped."""
        done = Done()
        latest = crossings = 0
        self.direction = "entry"  # where a board begins; after a restart it goes on as its last crossing went
        for _board, _epoch, seq, raw in read_records(self.journal):
            head = record.unpack(raw)
            if head.kind == record.CROSSING:
                crossings += 1
                latest = seq
                done = Done(crossings > self.taken)
                if crossings > self.taken + 1 or (done.crossing and not self._is_this(tap, head)):
                    raise ReplayError(f"the journal at {tap.point} holds a crossing that nobody tapped: record {seq}")
                self.direction = record.DIRECTIONS[record.unpack_crossing(head.body).direction]
            elif head.kind == record.OUTCOME and done.crossing:
                done.outcome = record.unpack_outcome(head.body)[0] == latest
        return done

    def _is_this(self, tap: Tap, head: Record) -> bool:
        crossing = record.unpack_crossing(head.body)
        direction = record.DIRECTIONS[crossing.direction]
        return (head.seconds, crossing.uid, direction) == (tap.utc_s, tap.uid, tap.direction)

    async def _act(self, tap: Tap, done: Done) -> None:
        if not done.crossing:
            await self._turn_to(tap.direction)
            await self._show(tap)
        if not done.outcome:
            await self._party(tap)
            await self._outcome(tap)

    async def _turn_to(self, direction: str) -> None:
        if direction != self.direction:
            await self._press("direction", (CLICK,))
            self.direction = direction

    async def _show(self, tap: Tap) -> None:
        """Show the card, or press NO CARD, until the answer is heard and seen."""
        self.panel.forget()
        self._newest = self._newest_crossing()
        if tap.uid:
            await self.panel.do("tap", uid=tap.uid.hex())
        else:
            await self._touch("no_card")
        deadline = asyncio.get_running_loop().time() + self._answer_s
        heard = None
        # Tone and light may be the gateway's late word on the traveller before.
        while not heard or not await self.panel.answers() or self._newest_crossing() == self._newest:
            heard = await self.panel.hear(ANSWERS, 0.02) or heard
            if (
                self.air
                and self.air.rested(AIR_REST_S)
                and asyncio.get_running_loop().time() > deadline - self._answer_s + AIR_ANSWER_S
            ):
                self.clock.skip(AIR_STEP_MS)  # the answer was lost: what is left of the board's patience passes
            if asyncio.get_running_loop().time() > deadline:
                raise ReplayError(f"tap {tap.number} at {tap.point}: no answer within {self._answer_s:.0f} s")
        await self.panel.do("lift")
        self._lifted = tap.uid
        await self._rest_fingers()

    def _newest_crossing(self) -> int:
        """Return the sequence of the newest crossing that the board wrote down lately, 0 without one."""
        return max(
            (seq for seq, raw in read_newest(self.journal) if record.unpack(raw).kind == record.CROSSING), default=0
        )

    async def _party(self, tap: Tap) -> None:
        for _ in range(tap.party - 1):
            await self._press("no_card", (CLICK,))

    async def _outcome(self, tap: Tap) -> None:
        if tap.outcome == "admitted":
            await self._press("admit", (RECORDED,))
        elif tap.outcome == "referred":
            await self._refer()
        elif tap.outcome == "turned_back":
            await self._turn_back()
        else:
            await self._walk_on(tap)

    async def _walk_on(self, tap: Tap) -> None:
        """Give no outcome: the board closes the crossing by itself, and writes down a party that it was shown."""
        deadline = asyncio.get_running_loop().time() + self._answer_s
        while await self.panel.answers() or (tap.party > 1 and not self.read_journal(tap).outcome):
            if asyncio.get_running_loop().time() > deadline:
                raise ReplayError(f"tap {tap.number} at {tap.point}: the board did not close the crossing")
            self.clock.skip(OUTCOME_MS)
            await asyncio.sleep(0.01)

    async def _press(self, button: str, wanted: tuple[int, ...]) -> None:
        """Press briefly, and wait for the sound that says it was taken."""
        self.panel.forget()
        await self._touch(button)
        if await self.panel.hear(wanted, self._answer_s) is None:
            raise ReplayError(f"the button {button} was not heard at {self.panel.path.parent.name}")
        await self._rest_fingers()

    async def _touch(self, button: str) -> None:
        """Press and let go at once, however late this process has its turn: a button held is another word."""
        await self.panel.do("press", button=button, ms=0)
        await self.panel.do("release", button=button)

    async def _rest_fingers(self) -> None:
        """Let go of all buttons; only when the board has seen it does the time pass in which contacts come to rest."""
        await self.panel.do("release")
        deadline = asyncio.get_running_loop().time() + self._answer_s
        while not await self.panel.noticed():
            if asyncio.get_running_loop().time() > deadline:
                raise ReplayError(f"the board at {self.panel.path.parent.name} does not look at its buttons")
            await asyncio.sleep(LOOK_S)
        self.clock.skip(BOUNCE_MS)

    async def _refer(self) -> None:
        """Press REFER briefly: it is taken when the finger leaves it and the contacts have come to rest."""
        self.panel.forget()
        await self._touch("refer")
        await self._pass_until_recorded("refer", BOUNCE_MS, 0.004)

    async def _turn_back(self) -> None:
        """Hold REFER until the board says that it took it as turned back."""
        self.panel.forget()
        await self.panel.do("press", button="refer", ms=0)
        await self._pass_until_recorded("held refer", HOLD_MS, 0.05)

    async def _pass_until_recorded(self, button: str, step_ms: int, listen_s: float) -> None:
        """Let the board's ticks pass in steps until the outcome is confirmed."""
        deadline = asyncio.get_running_loop().time() + self._answer_s
        while asyncio.get_running_loop().time() < deadline:
            self.clock.skip(step_ms)
            if await self.panel.hear((RECORDED,), listen_s):
                await self._rest_fingers()
                return
        raise ReplayError(f"the button {button} was not heard at {self.panel.path.parent.name}")
