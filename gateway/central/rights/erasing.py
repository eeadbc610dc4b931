"""Erases persons: contents and salts of leaves go, places, hashes and counts stay, and a leaf says so."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from checkpost import chain
from checkpost.calendar import local_day
from gateway.central.crossing import CrossingState
from gateway.central.proof import leaf
from gateway.central.proofs import told
from gateway.central.rights.holders import Holder
from gateway.central.rights.remembered import Entry
from gateway.central.rights.subject import Subject, whole
from gateway.central.seals import known_head
from gateway.central.store import Transaction
from gateway.central.store.erasures import DayCell, Place
from gateway.contract.erasing import MAX_FORGET, Erasure

KINDS = ("application", "card")
COMPACT_DUE = "compact_due"  # in ABOUT: the files may still hold what the tables do not


@dataclass(frozen=True)
class Said:
    """What an erasure says of itself: who, with whom (""), on which ground, when (Unix UTC s)."""

    by: str
    approved_by: str
    why: str
    utc_s: int


@dataclass
class Wanted:
    """What shall go: persons; and, after a restore, revisions under which they were known."""

    subject: Subject
    revisions: dict[str, list[int]] = field(default_factory=dict)


def erase(transaction: Transaction, holders: Sequence[Holder], wanted: Wanted, said: Said) -> Entry:
    """Erase in a transaction that writes; return what a restored backup must be told."""
    transaction.tree.flush()  # what came in this very transaction is erased, too
    number = transaction.tree.erasures() + 1
    subject, states = _gathered(transaction, wanted)
    revisions = {kind: _merged(transaction, kind, subject, wanted) for kind in KINDS}
    positions = {at for state in states for at in transaction.erasing.positions_of(state)}
    records = subject.places | {place for state in states for place in told(transaction, state)}
    for holder in holders:
        holder.erase(transaction, subject, f"(erased {number})")
    corrected = transaction.corrections.of("crossing", [_name(state) for state in states])
    entries = [(leaf.RECORD, place) for place in records]
    entries += [(leaf.STATE, (0, 0, position)) for position in positions]
    entries += [(leaf.CORRECTION, (0, 0, row["number"])) for row in corrected]
    leaves = sorted(at for entry in entries if (at := transaction.tree.find(*entry)) is not None)
    places = dict.fromkeys(records, 0) | _tell_office(transaction, states)
    _mark(transaction, records)
    _count_on(transaction, states)
    transaction.erasing.rename_frequent(subject.applications, number)
    transaction.erasing.remove_feed(positions)
    transaction.erasing.blank_records(records)
    transaction.erasing.remove_crossings(states)
    transaction.corrections.remove("crossing", [_name(state) for state in states])
    transaction.corrections.remove("application", subject.applications)
    transaction.tree.forget_salts(leaves)
    transaction.erasing.note(places, number)
    _tell_gateways(transaction, number, places, revisions)
    for kind, keys in zip(KINDS, (subject.applications, subject.cards), strict=True):
        transaction.knowledge.remove(kind, keys)
    _log(transaction, number, leaves, said)
    transaction.erasing.set_flag(COMPACT_DUE, True)
    return Entry(number=number, utc_s=said.utc_s, places=sorted(places), revisions=revisions)


def needed(transaction: Transaction, holders: Sequence[Holder], subject: Subject) -> list[str]:
    """Return why a person's data cannot be erased yet, nothing if they can."""
    return [why for holder in holders if (why := holder.needed(transaction, subject))]


def come_again(transaction: Transaction, holders: Sequence[Holder], places: set[Place], utc_s: int) -> None:
    """Erase records that a gateway brought again after they were erased here."""
    if places:
        said = Said("the centre", "", "it was erased before, and a gateway brought it again", utc_s)
        erase(transaction, holders, Wanted(Subject(places=frozenset(places))), said)


def _gathered(transaction: Transaction, wanted: Wanted) -> tuple[Subject, list[CrossingState]]:
    """Return whom this is about, and every crossing of theirs, in sequence."""
    found = {kind: transaction.knowledge.of_revisions(kind, wanted.revisions.get(kind, [])) for kind in KINDS}
    found_keys = Subject(frozenset(), frozenset(found["application"]), frozenset(found["card"]))
    subject = whole(transaction, wanted.subject.joined(found_keys))
    by_board: dict[tuple[int, int], list[int]] = defaultdict(list)
    for board, epoch, seq in subject.places:
        by_board[board, epoch].append(seq)
    held = [state for place, seqs in by_board.items() for state in transaction.crossings.of_board(*place, seqs)]
    return subject, sorted(held, key=lambda state: (state.board, state.epoch, state.seq))


def _merged(transaction: Transaction, kind: str, subject: Subject, wanted: Wanted) -> list[int]:
    keys = subject.applications if kind == "application" else subject.cards
    return sorted({*transaction.knowledge.revisions_of(kind, keys), *wanted.revisions.get(kind, [])})


def _mark(transaction: Transaction, places: Iterable[Place]) -> None:
    """Keep the chain's head after each record that goes before a seal covered it: else no later seal could be."""
    for board, epoch, seq in sorted(places):
        held = transaction.log.head(board, epoch)
        last = transaction.seals.before(board, epoch, 1 << 32)
        if held is None or seq > held.seq or (last is not None and last.seq >= seq):
            continue
        at, head = known_head(transaction, board, epoch, seq)
        head = chain.extend(head, b"".join(transaction.log.records(board, epoch, at + 1, seq)))
        transaction.erasing.put_mark(board, epoch, seq, head)


def _count_on(transaction: Transaction, states: Sequence[CrossingState]) -> None:
    days: dict[DayCell, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for state in states:
        cell = state.crossing_point, local_day(state.utc_s, state.offset_quarters), state.verdict
        crossings, persons = days[cell]
        days[cell] = crossings + 1, persons + state.party
    transaction.erasing.count_on(days, len(states))


def _tell_office(transaction: Transaction, states: Sequence[CrossingState]) -> dict[Place, int]:
    """Say in the feed of each crossing that it was erased; return the positions that do."""
    first = transaction.log.position() + 1
    places = [(state.board, state.epoch, state.seq) for state in states]
    rows = [(at, tombstone(place)) for at, place in enumerate(places, start=first)]
    if rows:
        with transaction.log.adding_feed(rows):
            entries = [leaf.state_entry(*row) for row in rows]
        transaction.tree.append(entries)
    return {place: at for place, (at, _) in zip(places, rows, strict=True)}


def tombstone(place: Place) -> str:
    """Return what the feed says of an erased crossing."""
    said = {"board": place[0], "epoch": place[1], "seq": place[2], "erased": True}
    return json.dumps(said, separators=(",", ":"))


def _tell_gateways(
    transaction: Transaction, number: int, places: Iterable[Place], revisions: dict[str, list[int]]
) -> None:
    """Let gateways know what to forget; said before the rows go, so that the newest revision never falls."""
    told_places = sorted(places)
    numbers = sorted({one for some in revisions.values() for one in some})
    bodies = {}
    for at in range(0, max(len(told_places), len(numbers), 1), MAX_FORGET):
        part = Erasure(number=number, revisions=numbers[at : at + MAX_FORGET], places=told_places[at : at + MAX_FORGET])
        bodies[f"{number}/{at // MAX_FORGET}"] = part.model_dump(mode="json")
    transaction.knowledge.put("erasure", bodies)


def _log(transaction: Transaction, number: int, leaves: list[int], said: Said) -> None:
    body = {"leaves": leaves, "by": said.by, "approved_by": said.approved_by, "why": said.why, "utc_s": said.utc_s}
    text = json.dumps(body, separators=(",", ":"))
    transaction.tree.add_erasure(number, text)
    transaction.tree.append([leaf.erasure_entry(number, text)])


def _name(state: CrossingState) -> str:
    return f"{state.board}/{state.epoch}/{state.seq}"
