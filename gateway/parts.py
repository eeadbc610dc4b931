"""What the parts of a running gateway share; put together in `gateway.app`."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from gateway.boards.firmware import Bundle
from gateway.boards.homes import BOARD_MS, RADIO_MS, Homes
from gateway.boards.slots import SlotBook, new_slots
from gateway.clock import Clock
from gateway.intake.desk import IntakeDesk
from gateway.intake.freshness import Freshness
from gateway.intake.records import Taken
from gateway.keys import KeyStore
from gateway.store.store import Mark, Store
from gateway.view import Held, View, look
from gateway.worker import SOON, URGENT, Worker

LOOK_S = 0.5  # an import runs in a process of its own: this often the store is looked at for what it brought
LOOK_AGAIN_S = 10.0  # whom that look wakes looks by itself only this often, for whatever nobody thought of


class Parts:
    """Clock, store threads, and the newest view of the store. It lives in the event loop's thread."""

    def __init__(
        self,
        clock: Clock,
        writer: Worker[Store],
        reader: Worker[Store],
        freshness: Freshness,
        view: View,
        desk: IntakeDesk,
        random_bits: Callable[[int], int],
        keys: KeyStore | None = None,
    ):
        self.clock = clock
        self.writer = writer
        self.reader = reader
        self.freshness = freshness
        self.view = view
        self.desk = desk
        self.random_bits = random_bits
        self.keys = keys or KeyStore()
        self.rosters_of: KeyStore | None = None  # with which the rosters were last found complete
        self.refusals: Counter[tuple[int, int, str]] = Counter()  # by board, epoch and cause
        self.slots = SlotBook()
        self._bundles: dict[bytes, Bundle] = {}  # that boards are to run, as far as one has asked for them
        self.homes = Homes(BOARD_MS)
        self.radios = Homes(RADIO_MS)
        self._held = dict(view.held)
        self._seen: Mark | None = None  # the store's mark at the newest view
        self._changed = asyncio.Event()
        self._unsettled = asyncio.Event()

    def random_bytes(self, count: int) -> bytes:
        """Return random bytes."""
        return self.random_bits(8 * count).to_bytes(count, "big")

    def now_s(self) -> int:
        """Return Unix UTC seconds."""
        return self.clock.utc_ms() // 1000

    def link_key(self, board: int) -> bytes | None:
        """Return the link key of a board of this gateway."""
        return self.view.link_key(board)

    def held(self, board: int, epoch: int) -> Held:
        """Return what is durable of a board's epoch here, and at the centre."""
        return self._held.get((board, epoch), Held(0, 0))

    def note_held(self, board: int, epoch: int, seq: int, centre_seq: int) -> None:
        """Take down what is durable; neither goes back while the gateway runs."""
        before = self.held(board, epoch)
        seq = max(seq, before.seq)
        self._held[board, epoch] = Held(seq, min(seq, max(centre_seq, before.centre_seq)))

    def note_taken(self, taken: Taken) -> None:
        """Take down what an intake made durable."""
        self.note_held(taken.board, taken.epoch, taken.seq, taken.centre_seq)
        self.wake()

    def note_centre(self, board: int, epoch: int, seq: int) -> None:
        """Take down what the centre says it holds."""
        self.note_held(board, epoch, 0, seq)

    async def bundle(self, number: bytes) -> Bundle | None:
        """Return the firmware bundle of an id, read once; None where the store has none of it any more."""
        if number not in self._bundles:
            data = await self.reader.run(SOON, lambda store: store.firmware.data(number))
            wanted = {wish.bundle for wish in self.view.firmware.values()}
            self._bundles = {one: bundle for one, bundle in self._bundles.items() if one in wanted}
            if not data:
                return None
            self._bundles[number] = Bundle(data)
        return self._bundles[number]

    def count_refusal(self, board: int, epoch: int, cause: str) -> None:
        """Count a run that was not taken."""
        self.refusals[board, epoch, cause] += 1

    def wake(self) -> None:
        """Say that something in the store changed."""
        self._changed.set()
        self._unsettled.set()

    async def unsettled(self) -> None:
        """Return when something may have changed in the store that rosters and early verdicts hang on."""
        await _set_or_late(self._unsettled, LOOK_AGAIN_S)

    async def changed(self) -> bool:
        """Return when something may have changed in the store, and the view is that of now; True if it did change."""
        await _set_or_late(self._changed, LOOK_S)
        newer = await self.reader.run(URGENT, partial(_newer, seen=self._seen))
        if newer is None:
            return False
        self._seen, self.view = newer
        self._unsettled.set()
        if self.slots.wanted:
            await self._learn_slots(self.view)
        return True

    async def _learn_slots(self, view: View) -> None:
        """Learn the slots that were given up to a view, or a little later."""
        known = self.slots.behind(view.roster_id, view.revisions)
        if known:
            news = await self.reader.run(URGENT, partial(new_slots, known=known))
            self.slots.learn(view.roster_id, view.revisions, news)


async def _set_or_late(event: asyncio.Event, most_s: float) -> None:
    """Wait for an event, but no longer than `most_s`; clear it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(most_s):
            await event.wait()
    event.clear()


def _newer(store: Store, seen: Mark | None) -> tuple[Mark, View] | None:
    """Return the store's mark and view, None when nothing was written since a mark."""
    mark = store.mark()  # before the look: what is written meanwhile is found the next time
    return None if mark == seen else (mark, look(store))
