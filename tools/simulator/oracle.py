"""The oracle knows every beep. At the end it asks whether what was beeped is at the centre: once, whole, unchanged."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from checkpost import chain, record
from checkpost.reading import Passage, read
from simulator.board import Board
from simulator.moments import Key, Moment, Moments, Place

ANSWERS = frozenset((2000, 800, 500))  # the first tones of GO, ASK and CANNOT VERIFY
RECORDED = frozenset((1600,))
KINDS = dict.fromkeys(ANSWERS, record.CROSSING) | dict.fromkeys(RECORDED, record.OUTCOME)
LOOK_BACK = 8  # records that may follow the one that sounds, in the same turn


class Oracle:
    """Hears all boards."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.promised: dict[Key, list[bytes]] = {}  # more than one where a chip was restored, or cloned
        self.broken: list[str] = []
        self._guilty: list[Key] = []
        self._forked: set[Place] = set()  # the chip was restored, or a clone speaks
        self._cloned: set[Place] = set()
        self._gone: set[tuple[Key, bytes]] = set()  # that a restored chip forgot
        self._alarmed: set[Place] = set()  # of which a gateway says that something is wrong
        self._read_out: set[tuple[Key, bytes]] = set()  # that lay on a chip when a technician read it
        self._ended: dict[Place, tuple[int, bytes]] = {}  # last sequence and chain head
        self.events: list[tuple[float, str, Key | None]] = []  # when, what, about which record
        self._moments = Moments()
        self._now_s = now_s
        self._beeps: Counter[tuple[int, int, bytes]] = Counter()
        self._listeners: dict[int, asyncio.Future[None]] = {}
        self._sealed: dict[tuple[bytes, bytes], bytes] = {}
        self._positions: list[int] = []

    def answers(self, board: Board, uid: bytes) -> int:
        """Return how often a board answered a card, whatever it said."""
        return self._beeps[board.number, record.CROSSING, uid]

    def recorded(self, board: Board) -> int:
        """Return how often a board said that it took an outcome."""
        return self._beeps[board.number, record.OUTCOME, b""]

    async def sound(self, board: Board) -> None:
        """Return when a board sounds next."""
        self._listeners[board.number] = listener = asyncio.get_running_loop().create_future()
        await listener

    def note(self, what: str) -> None:
        """Remember what befell a machine, for the story of a record that is missing."""
        self.events.append((self._now_s(), what, None))

    def heard(self, board: Board, hz: int) -> None:
        """Take a sound: what it stands for is promised from now on."""
        if hz not in KINDS:
            return
        found = _newest(board, KINDS[hz])
        if found is None:
            self.broken.append(f"unwritten: board {board.number} sounded {hz} Hz without a record")
            return
        seq, raw = found
        uid = record.unpack_crossing(record.unpack(raw).body).uid if KINDS[hz] == record.CROSSING else b""
        self._beeps[board.number, KINDS[hz], uid] += 1
        listener = self._listeners.pop(board.number, None)
        if listener is not None and not listener.done():
            listener.set_result(None)
        key = (*board.place, seq)
        self.events.append((self._now_s(), f"board {board.number} beeped {hz} Hz for sequence {seq}", key))
        if KINDS[hz] == record.CROSSING:
            self._moments.beeped(key, board)
        known = self.promised.setdefault(key, [])
        if raw not in known:
            known.append(raw)
            if len(known) > 1 and key[:2] not in self._forked:
                self.broken.append(f"changed: {_name(key)} on the board's own flash")

    def sealed(self, key: bytes, nonce: bytes, plain: bytes) -> None:
        """Take a sealing: no nonce serves twice under one key, but for the very same words."""
        if self._sealed.setdefault((key, nonce), plain) != plain:
            self.broken.append(f"nonce: {nonce.hex()} sealed two different frames under one key")

    def cloned(self, board: Board) -> None:
        """A board has a clone."""
        self._forked.add(board.place)
        self._cloned.add(board.place)

    def restored(self, board: Board, records: set[tuple[Key, bytes]]) -> None:
        """A board's chip holds what it held before: `records`."""
        self._forked.add(board.place)
        beeped = {(key, raw) for key, raws in self.promised.items() for raw in raws if key[:2] == board.place}
        self._gone |= beeped - records

    def unnamed(self, board: Board) -> bool:
        """Return True for a board whose epoch may contradict its log, while no gateway says so."""
        return board.place in self._forked - self._alarmed

    def doubtful(self, board: Board) -> bool:
        """Return True for a board with a clone that no gateway has named yet."""
        return board.place in self._cloned - self._alarmed

    def alarmed(self, place: Place, alarms: list[str]) -> None:
        """A gateway says that something is wrong with a board."""
        self._alarmed.add(place)
        if place not in self._forked:
            self.broken.append(f"alarm: nothing is wrong with board {place[0]}, epoch {place[1]}, but {alarms}")

    def ended(self, place: Place, last: int, head: bytes, records: list[tuple[int, int, int, bytes]]) -> None:
        """A board goes on in another epoch: this one is at the centre up to `last`, where its chain has this head; or
        it contradicts the log, and gateways say so: then the technician keeps `records`, those on the chip."""
        self._ended[place] = last, head
        self._read_out.update(((number, epoch, seq), raw) for number, epoch, seq, raw in records)

    def read_feed(self, positions: list[int]) -> None:
        """Take the positions of a page of the feed, as a reader that pulls during the run gets them."""
        self._positions += positions

    def judge(self, boards: list[Board], held: dict[Key, bytes], crossings: list[dict[str, Any]]) -> None:
        """Compare: `held`: the centre's raw records; `crossings`: the office's view of them."""
        rotten = {(board.number, *place) for board in boards for place in board.rotten}
        contradicted = self._contradicted()
        for key, raw in ((key, raw) for key, raws in self.promised.items() for raw in raws):
            if key in rotten and key in held and not record.valid(held[key]):
                continue  # the board could not read it any more, and said so: what it read is held in its place
            evidence = key[:2] in contradicted and (key, raw) in self._read_out
            if held.get(key) == raw or evidence or (key, raw) in self._gone:
                continue
            self._guilty.append(key)
            if key not in held:
                self.broken.append(f"lost: {_name(key)} was beeped and is not at the centre")
            else:
                self.broken.append(f"altered: {_name(key)} at the centre is not what was beeped")
        for board in boards:
            self._compare(board, held)
        self._count(held, crossings)
        self._read(held, crossings)

    def judge_times(self, boards: list[Board], found: dict[Key, Moment]) -> None:
        """Compare the centre's times with those of the beeps, in epochs that go on; of a clone's log nobody is sure."""
        rotten = {(board.number, epoch) for board in boards for epoch, _ in board.rotten}
        self.broken += self._moments.judge(found, {board.place for board in boards} - self._forked - rotten)

    def judge_feed(self, positions: list[int]) -> None:
        """Compare what the reader got page by page with `positions`: the whole feed, read once at the end."""
        if self._positions != sorted(set(self._positions)):
            self.broken.append("feed: a position came twice or out of order")
        missed = sorted(set(positions) - set(self._positions))
        if missed or sorted(set(positions)) != positions:
            self.broken.append(f"feed: a reader that pulled all the time missed positions {missed[:5]}")

    def stories(self) -> list[str]:
        """Return the story of the first record that was beeped and is not as it should be; empty when all are."""
        return self._story(self._guilty[0]) if self._guilty else []

    def _story(self, key: Key, within_s: float = 20.0) -> list[str]:
        """Return what happened around the beeps of a record, a line each."""
        times = [at_s for at_s, _, about in self.events if about == key]
        near = [
            (at_s, what)
            for at_s, what, about in self.events
            if about == key or (about is None and any(abs(at_s - time) <= within_s for time in times))
        ]
        return [f"{at_s:9.3f} s  {what}" for at_s, what in near]

    def _contradicted(self) -> set[Place]:
        """Return the epochs that contradict their log, as gateways say, too."""
        return self._forked & self._alarmed

    def _compare(self, board: Board, held: dict[Key, bytes]) -> None:
        """The centre holds a board's journal, record by record, and its chain ends where the board's does."""
        assert board.app is not None
        journal = board.app.journal
        mine = {place for place in self._ended if place[0] == board.number}
        ends = {place: self._ended[place] for place in mine - self._contradicted()}
        ends[board.number, journal.epoch] = journal.next_seq - 1, bytes(journal.head())
        for (number, epoch), (last, head) in ends.items():
            ours = {key[2]: raw for key, raw in held.items() if key[:2] == (number, epoch)}
            if (number, epoch) in self._forked & self._ended.keys():  # a clone may have gone on for a moment
                ours = {seq: raw for seq, raw in ours.items() if seq <= last}
            missing = sorted(set(range(1, last + 1)) ^ set(ours))[:5]
            if missing:
                self.broken.append(f"gap: board {number} and the centre differ in sequences {missing} of epoch {epoch}")
                continue
            ours_head = chain.start(number, epoch)
            for seq in sorted(ours):
                ours_head = chain.extend(ours_head, ours[seq])
            if ours_head != head and not board.rotten:  # then its chain goes on behind gaps that it told
                self.broken.append(f"chain: board {number} ends epoch {epoch} elsewhere than the centre")

    def _count(self, held: dict[Key, bytes], crossings: list[dict[str, Any]]) -> None:
        """Each crossing record is one crossing, and each crossing a record. What no board wrote so is none: one in
        65,536 writes that the power cut short has a fitting CRC."""
        records = {key for key, raw in held.items() if isinstance(read(raw, key[2]), Passage)}
        shown = Counter((row["board"], row["epoch"], row["seq"]) for row in crossings)
        for key, count in shown.items():
            if count > 1:
                self.broken.append(f"doubled: {_name(key)} stands {count} times in the office's log")
        for key in records ^ set(shown):
            self.broken.append(f"doubled or lost: {_name(key)} is a record or a crossing, and not both")

    def _read(self, held: dict[Key, bytes], crossings: list[dict[str, Any]]) -> None:
        """What the office reads of a crossing is what its records say: card, direction, and the last outcome."""
        outcomes = _outcomes(held)
        for row in crossings:
            key = (row["board"], row["epoch"], row["seq"])
            if key not in held:
                continue  # told already
            said = record.unpack_crossing(record.unpack(held[key]).body)
            wanted = (said.uid.hex().upper(), record.DIRECTIONS[said.direction], outcomes.get(key, ""))
            shown = (row["card_uid"], row["direction"], row["outcome"])
            if shown != wanted:
                self.broken.append(f"misread: {_name(key)} says {wanted}, the office reads {shown}")


def _outcomes(held: dict[Key, bytes]) -> dict[Key, str]:
    """Return what the guard did at each crossing, by the last record that says so."""
    found: dict[Key, str] = {}
    for (board, epoch, _), raw in sorted(held.items()):
        if not record.valid(raw):
            continue
        head = record.unpack(raw)
        if head.kind == record.OUTCOME:
            seq, outcome, _ = record.unpack_outcome(head.body)
            found[board, epoch, seq] = record.OUTCOMES[outcome]
    return found


def _newest(board: Board, kind: int) -> tuple[int, bytes] | None:
    """Return the newest record of a kind in a board's journal, read from its flash."""
    assert board.app is not None or board.starting is not None
    journal = (board.app or board.starting).journal  # type: ignore[union-attr]
    for seq in range(journal.next_seq - 1, max(0, journal.next_seq - 1 - LOOK_BACK), -1):
        raw = journal.read(seq)
        if raw is not None and record.unpack(bytes(raw)).kind == kind:
            return seq, bytes(raw)
    return None


def _name(key: Key) -> str:
    return f"record {key[2]} of board {key[0]}, epoch {key[1]}"
