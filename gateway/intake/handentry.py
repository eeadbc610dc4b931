"""Crossings entered by hand while a board is out: records of the console's own board, in the same form and chain."""

from dataclasses import dataclass
from typing import NamedTuple

from checkpost import chain, record
from checkpost.source import SOURCES, TAP, marked
from gateway.boards.localtime import TimeZoneError, local_time
from gateway.contract import CONSOLE_LANE, Board
from gateway.errors import OperatorError
from gateway.intake.records import Intake, Run, Taken
from gateway.store.hand import HandRow
from gateway.store.store import Store

AHEAD_S = 120  # a guard's watch may be ahead of this machine's clock by so much
NOT_BEFORE_S = 946_684_800  # 2000-01-01: a record with less holds an uptime
HAND_UNCERTAINTY = 8  # code of up to 64 s: a time is entered by the minute
PAPER_UNCERTAINTY = 11  # code of up to 512 s: by somebody's watch
MAX_TEXT = 64  # characters of a person's name or a form's number


class HandEntryError(OperatorError):
    """An entry that cannot be taken; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """One crossing as a person enters it. `utc_s`: when it was; `card_uid`: upper-case hex, '' without a card.

    `source`: `hand`, or `paper` with the number of the `form`; `outcome`: of `checkpost.record.OUTCOMES`, '' for none.
    """

    crossing_point: str
    direction: str
    utc_s: int
    person: str
    card_uid: str = ""
    party: int = 1
    outcome: str = ""
    source: str = "hand"
    form: str = ""


class Entered(NamedTuple):
    """The crossing that an entry became, by its key, and what its intake brought; None: it was entered before."""

    board: int
    epoch: int
    seq: int
    taken: Taken | None


class HandEntry:
    """Enters crossings into one store."""

    def __init__(self, store: Store):
        self._store = store

    def consoles(self) -> dict[str, Board]:
        """Return the console's board of each crossing point that has one, by the point's code."""
        boards = self._store.knowledge.boards()
        return {board.crossing_point: board for board in boards if board.lane == CONSOLE_LANE}

    def entered(self, mark: str) -> Entered | None:
        """Return what was entered under a mark, None for nothing."""
        row = self._store.hand.of_mark(mark)
        return Entered(row.board, row.epoch, row.seq, None) if row else None

    def check(self, entry: Entry, now_s: int) -> Board:
        """Return the console that an entry is written by; HandEntryError when something does not fit."""
        _check(entry, now_s)
        console = self.consoles().get(entry.crossing_point)
        if console is None:
            raise HandEntryError(
                f"{entry.crossing_point} has no console; register a board there whose lane is `{CONSOLE_LANE}`."
            )
        self._check_form(entry.form)
        return console

    def enter(self, entry: Entry, now_s: int, mark: str = "") -> Entered:
        """Write an entry, and its outcome, as the console's next records and take them in: one transaction.

        HandEntryError when something does not fit: then nothing is held. What was entered under the same `mark` is
        the same entry, sent once more.
        """
        before = self.entered(mark)
        if before:
            return before
        console = self.check(entry, now_s)
        offset = self._offset(console.board, entry.utc_s)
        with self._store.transaction():
            held = self._store.records.chain(console.board, console.epoch)
            if held and held.centre_seq > held.seq:
                raise HandEntryError(
                    f"The centre holds entries of console {console.board} that this store lost; open its next epoch."
                )
            seq = held.seq + 1 if held else 1
            head = held.head if held else chain.start(console.board, console.epoch)
            records = b"".join(_records(entry, seq, offset))
            run = Run(console.board, console.epoch, seq, records, chain.extend(head, records)[: chain.SHORT_SIZE])
            who = HandRow(console.board, console.epoch, seq, entry.person.strip(), entry.form, now_s, mark)
            self._store.hand.add(who)
            [taken] = Intake(self._store).take_within([run], now_s)
        return Entered(console.board, console.epoch, seq, taken)

    def _check_form(self, form: str) -> None:
        known = self._store.hand.of_form(form)
        if known is not None:
            raise HandEntryError(f"Form {form} was entered before, by {known.person}; look for it among the crossings.")

    def _offset(self, board: int, utc_s: int) -> int:
        point = self._store.knowledge.point_of(board)
        if point is None:
            raise HandEntryError("The centre has not named this crossing point yet; connect the gateway once.")
        try:
            return local_time(point.time_zone, utc_s).offset_quarters
        except TimeZoneError as error:
            raise HandEntryError(f"{error} Correct the time zone of {point.code}.") from error


def _records(entry: Entry, seq: int, offset: int) -> list[bytes]:
    """Return the crossing and, where one was given, its outcome. Nobody was shown an answer, and no card was proven."""
    uid = bytes.fromhex(entry.card_uid)
    source = SOURCES.index(entry.source)
    uncertainty = PAPER_UNCERTAINTY if entry.form else HAND_UNCERTAINTY
    crossing = record.Crossing(uid, record.DIRECTIONS.index(entry.direction), entry.party, record.NONE)
    clock = (entry.utc_s, offset, record.HOLDOVER, uncertainty)
    made = [record.Record(record.CROSSING, seq, *clock, marked(crossing.pack(), source)).pack()]
    if entry.outcome:
        body = record.pack_outcome(seq, record.OUTCOMES.index(entry.outcome), entry.party)
        made.append(record.Record(record.OUTCOME, seq + 1, *clock, body).pack())
    return made


def _check(entry: Entry, now_s: int) -> None:
    """HandEntryError for what no record can hold or nobody can mean."""
    if not entry.person.strip() or len(entry.person) > MAX_TEXT or len(entry.form) > MAX_TEXT:
        raise HandEntryError(
            f"An entry needs the name of a person; names and forms have at most {MAX_TEXT} characters."
        )
    if entry.source not in SOURCES[TAP + 1 :] or (entry.source == "paper") != bool(entry.form):
        raise HandEntryError("An entry is `hand`, or `paper` with the number of its form.")
    if entry.direction not in record.DIRECTIONS or entry.outcome not in record.OUTCOMES:
        raise HandEntryError(f"{entry.direction} {entry.outcome}: there is no such direction or outcome.")
    if not 1 <= entry.party <= record.MAX_PARTY:
        raise HandEntryError(f"A party has 1 to {record.MAX_PARTY} persons; enter a larger one as several.")
    if not NOT_BEFORE_S <= entry.utc_s <= now_s + AHEAD_S:
        raise HandEntryError("The time of the crossing lies in the future or before 2000; correct date and time.")
    try:
        uid_size = len(bytes.fromhex(entry.card_uid))
    except ValueError:
        uid_size = -1
    if uid_size not in record.UID_SIZES or entry.card_uid != entry.card_uid.upper():
        raise HandEntryError(f"{entry.card_uid} is no card number: 8, 14 or 20 digits of 0-9 and A-F.")
