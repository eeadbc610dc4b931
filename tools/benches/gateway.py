"""The gateway: crossings taken in a second beside bare SQLite, and the time to answer a card, however long the log."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benches import gateway_history, mosquitto
from benches.bare import bare_crossings_a_second
from benches.figures import AT_LEAST, Figure, Limit, Peer
from checkpost import chain, record
from checkpost.session import Session
from gateway.contract import Application, Board, Card, CrossingPoint, Policy
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Intake, Run
from gateway.store.store import Store, open_store

NAME = "gateway"
PERMITS, QUICK_PERMITS = 10_000, 1_000
CROSSINGS, QUICK_CROSSINGS = 10_240, 1_024
BATCH_CROSSINGS = 128  # of one transaction, here and in bare SQLite
FRAME_RECORDS = 16  # of one sealed frame, as a board sends them
SHARE = 0.3  # of what bare SQLite does with the same rows
NOW_S = 1_793_000_000
KEY = bytes(range(16))
IMPORT_ROWS = 1000


def measure(quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the gateway's figures."""
    permits, crossings = (QUICK_PERMITS, QUICK_CROSSINGS) if quick else (PERMITS, CROSSINGS)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), roster_id=1)
        try:
            tell(f"  {permits} permits")
            teach(store, permits)
            tell(f"  {crossings} crossings and their outcomes, {BATCH_CROSSINGS} a transaction")
            batches = list(sealed(crossings, permits))
            ours = crossings / take(store, batches)
        finally:
            store.close()
        bare = bare_crossings_a_second(Path(folder), crossings, BATCH_CROSSINGS)
        broker = mosquitto.program()
        if broker is None:
            tell("  Mosquitto is not installed here (Debian: mosquitto): this peer is left out")
        else:
            tell("  the same rows through Mosquitto")
            theirs = mosquitto.crossings_a_second(broker, Path(folder), crossings, BATCH_CROSSINGS)
    how = f"each with its outcome, of {permits} permits: decrypted, chained, judged, FULL sync"
    yield Figure(NAME, "intake", ours, "crossings/s", Peer("bare sqlite3, the same rows", bare), how)
    if broker is not None:
        peer = Peer("Mosquitto, QoS 1 into SQLite", theirs)
        yield Figure(
            NAME, "intake-beside-mosquitto", ours, "crossings/s", peer, "the same rows, FULL sync, ack after commit"
        )
    yield Figure(NAME, "intake-share", ours / bare, "of bare sqlite3", Limit(SHARE, AT_LEAST), "same run, same disk")
    yield from gateway_history.measure(quick, tell)


def uid(number: int) -> str:
    """Return a permit's card."""
    return f"06{number:012d}"


def teach(store: Store, permits: int) -> None:
    """Tell a store of a crossing point with a board, and of permits with a card each."""
    learning = Learning(store)
    point = CrossingPoint(code="ONS", name="Onsong", kind="border", zone="north-hamgyong")
    learning.take_imported(
        [point, Board(board=1, epoch=1, crossing_point="ONS", gateway="g", link_key="01" * 16)], NOW_S
    )
    for at in range(0, permits, IMPORT_ROWS):
        numbers = range(at, min(at + IMPORT_ROWS, permits))
        learning.take_imported([Application(application_id=f"B{n}", decision="approved") for n in numbers], NOW_S)
        cards = [Card(card_uid=uid(n), application_id=f"B{n}", status="active") for n in numbers]
        learning.take_imported(cards, NOW_S)
    with store.transaction():
        store.knowledge.set_policy(Policy(assurance="uid"))
        store.knowledge.set(AS_OF, NOW_S)


def sealed(crossings: int, permits: int) -> Iterator[tuple[int, list[bytes], bytes]]:
    """Yield batches as a board seals them: first sequence, frames, the chain's head after them.

    A batch is of BATCH_CROSSINGS crossings, each with its outcome, in frames of FRAME_RECORDS records.
    """
    session = Session(KEY, 1, False, 0)
    head = chain.start(1, 1)
    raws: list[bytes] = []
    for number in range(crossings):
        seq = 2 * number + 1
        crossing = record.Crossing(bytes.fromhex(uid(number * 7919 % permits)), number % 2, 1, record.UID)
        outcome = record.pack_outcome(seq, record.ADMITTED, 1)
        utc_s = NOW_S - 2 * crossings + seq
        raws.append(record.Record(record.CROSSING, seq, utc_s, 36, record.SYNCED, 2, crossing.pack()).pack())
        raws.append(record.Record(record.OUTCOME, seq + 1, utc_s + 1, 36, record.SYNCED, 2, outcome).pack())
        if len(raws) == 2 * BATCH_CROSSINGS or number == crossings - 1:
            head = chain.extend(head, b"".join(raws))
            parts = [b"".join(raws[at : at + FRAME_RECORDS]) for at in range(0, len(raws), FRAME_RECORDS)]
            yield seq + 2 - len(raws), [session.seal(part, True) for part in parts], head
            raws = []


def take(store: Store, batches: list[tuple[int, list[bytes], bytes]]) -> float:
    """Open and take batches one by one; return the seconds from the first frame to the last commit."""
    intake = Intake(store)
    session = Session(KEY, 1, True, 0)
    begun = time.perf_counter()
    for first_seq, frames, head in batches:
        records = b"".join(_opened(session, frame) for frame in frames)
        [taken] = intake.take([Run(1, 1, first_seq, records, head[: chain.SHORT_SIZE])], NOW_S)
        assert not taken.refused, taken.refused
    return time.perf_counter() - begun


def _opened(session: Session, frame: bytes) -> bytes:
    payload = session.open(frame)
    assert payload is not None, "a frame does not open"
    return payload
