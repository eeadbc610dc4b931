"""The figures of LINK on the air: bytes a crossing, crossings a frame, and what one question costs.

All overhead counts: header and tag of the frame, the batch's head, four bytes of the chain, the seal and its key's
generation, and the outcome of each crossing. Every batch is rebuilt and compared before it is counted.
"""

from collections.abc import Callable, Iterator

from benches import held_out
from benches.figures import AT_LEAST, Figure, Limit, Peer
from benches.traffic import Crossed, Point, journal, points
from checkpost import chain
from checkpost.airtime import time_on_air_us
from checkpost.compact import SEAL_ROOM, Packing
from checkpost.downward import Acked, Answer
from checkpost.gateway_link import GatewayLink, Opened, Send, Turn
from checkpost.limits import HEADER_SIZE, TAG_SIZE
from checkpost.lora import lora
from checkpost.messages import parse
from checkpost.proofs import CardKey
from checkpost.record import SIZE
from checkpost.regions import max_frame_bytes
from checkpost.sync import UP, BoardLink
from checkpost.upward import Query, Status

NAME = "link"
BOARD = 1
LINK_KEY = bytes(range(16))
FRAME = HEADER_SIZE + TAG_SIZE
LARGEST, SMALLEST = 222, 51  # bytes of a frame at SF7 and SF12
A_FRAME = 10  # crossings, where there is room
LISTED_BYTES, UNKNOWN_BYTES, LEAST_CROSSINGS = 8, 14, 4
AIRTIME_MS = {7: 200, 9: 650}
JSON_BYTES, COSE_BYTES = 183, 17.4  # a crossing as JSON; as CBOR columns with time deltas and a COSE_Mac0
LATE_S = 3600  # from a crossing to its batch
SEAL = (5, b"\xa5" * 8)


class NotRebuilt(Exception):
    """A batch did not give its records back."""


def measure() -> Iterator[Figure]:
    """Yield the figures of the air."""
    boards = points()
    listed = _bytes(boards, lambda one: one.listed, True)
    yield Figure(NAME, "bytes-a-crossing", listed, "bytes", Limit(LISTED_BYTES), "cards on the roster, ten a frame")
    yield Figure(NAME, "bytes-a-crossing-beside-cose", listed, "bytes", Peer("CBOR columns, COSE_Mac0", COSE_BYTES))
    yield Figure(NAME, "bytes-a-crossing-beside-json", listed, "bytes", Peer("JSON object", JSON_BYTES))
    unknown = _bytes(boards, lambda one: bool(one.uid), False)
    yield Figure(NAME, "bytes-a-crossing-unknown", unknown, "bytes", Limit(UNKNOWN_BYTES), "told by UID, ten a frame")
    yield Figure(NAME, "bytes-a-crossing-mixed", _bytes(boards, lambda one: True, True), "bytes", None, "all taps")
    yield from _held_out(boards)
    least, mean = _crossings(boards)
    how = "51 bytes at SF12, cards on the roster, with outcomes and seal"
    yield Figure(NAME, "crossings-a-frame", least, "crossings", Limit(LEAST_CROSSINGS, AT_LEAST), f"the least; {how}")
    yield Figure(NAME, "crossings-a-frame-mean", mean, "crossings", Limit(LEAST_CROSSINGS, AT_LEAST), how)
    for spreading_factor, most_ms in AIRTIME_MS.items():
        sizes = _question(spreading_factor)
        if spreading_factor == min(AIRTIME_MS):
            yield Figure(NAME, "frames-a-question", len(sizes), "frames", Limit(2), "query, and answer with card key")
        air_ms = sum(time_on_air_us(size, spreading_factor) for size in sizes) / 1000
        how = " + ".join(str(size) for size in sizes) + " bytes"
        yield Figure(NAME, f"question-airtime-sf{spreading_factor}", air_ms, "ms", Limit(most_ms), how)


def _held_out(boards: list[Point]) -> Iterator[Figure]:
    """Yield the figures that depend on the table of the bits, with one that never saw the traffic."""
    found = held_out.each(
        boards,
        lambda days: (
            _bytes(days, lambda one: one.listed, True),
            _bytes(days, lambda one: bool(one.uid), False),
            *_crossings(days),
        ),
    )
    listed, unknown, least, mean = zip(*found, strict=True)
    how = "the table reckoned from every other day, measured on the days between"
    half = len(found)
    yield Figure(NAME, "bytes-a-crossing-held-out", sum(listed) / half, "bytes", Limit(LISTED_BYTES), how)
    yield Figure(NAME, "bytes-a-crossing-unknown-held-out", sum(unknown) / half, "bytes", Limit(UNKNOWN_BYTES), how)
    yield Figure(NAME, "crossings-a-frame-held-out", min(least), "crossings", None, f"the least; {how}")
    at_least = Limit(LEAST_CROSSINGS, AT_LEAST)
    yield Figure(NAME, "crossings-a-frame-mean-held-out", sum(mean) / half, "crossings", at_least, how)


def _bytes(boards: list[Point], which: Callable[[Crossed], bool], slots: bool) -> float:
    """Return the mean bytes on the air of a crossing, ten a frame."""
    total = crossings = 0
    for point in boards:
        crossed = [one for one in point.crossed if which(one)]
        seq = 1
        for at in range(0, len(crossed) - A_FRAME + 1, A_FRAME):
            load = crossed[at : at + A_FRAME]
            records = b"".join(journal(load, seq))
            packing = _packing(point, load, records, seq, slots)
            packing.fill(LARGEST - FRAME - SEAL_ROOM)
            if packing.count * SIZE < len(records):
                raise NotRebuilt(f"ten crossings of {point.code} do not fit a frame")
            total += FRAME + len(_sealed(point, packing, records, seq, load))
            crossings += len(load)
            seq += packing.count
    return total / crossings


def _crossings(boards: list[Point]) -> tuple[int, float]:
    """Return (least, mean) whole crossings in a frame of 51 bytes, over the cards on rosters."""
    counts = []
    for point in boards:
        crossed = [one for one in point.crossed if one.listed]
        seq = 1
        while len(crossed) >= A_FRAME:
            load = crossed[:A_FRAME]
            records = b"".join(journal(load, seq))
            packing = _packing(point, load, records, seq, True)
            packing.fill(SMALLEST - FRAME - SEAL_ROOM + 1)  # a generation near that of the records takes one byte
            if FRAME + len(_sealed(point, packing, records[: packing.count * SIZE], seq, load)) > SMALLEST:
                raise NotRebuilt("a frame is longer than it may be")
            whole, left = 0, packing.count
            for one in load:
                left -= 1 if one.outcome is None else 2
                whole += left >= 0
            counts.append(whole)
            crossed = crossed[max(whole, 1) :]
            seq += packing.count
    return min(counts), sum(counts) / len(counts)


def _packing(point: Point, load: list[Crossed], records: bytes, seq: int, slots: bool) -> Packing:
    utc_s = load[0].crossing.seconds + LATE_S
    return Packing(seq, records, utc_s, (lambda uid: point.slots.get(uid, 0)) if slots else None)


def _sealed(point: Point, packing: Packing, records: bytes, seq: int, load: list[Crossed]) -> bytes:
    """Return the packed batch; NotRebuilt unless it gives the records back."""
    last = seq + packing.count - 1
    packed = packing.pack(chain.start(BOARD, 1), (last, (last - 1) // 125 + SEAL[0], SEAL[1]))
    cards = {slot: uid for uid, slot in point.slots.items()}
    (found,) = parse(packed, True)
    utc_s = load[0].crossing.seconds + LATE_S
    if found.records(found.first_seq(seq), utc_s, lambda slot: cards.get(slot, b"")) != records:  # type: ignore[attr-defined]
        raise NotRebuilt(f"records of {point.code} from {seq} on")
    return packed


class _Empty:
    """A journal without records."""

    epoch = next_seq = oldest_seq = 1


def _question(spreading_factor: int) -> list[int]:
    """Return the sizes of the frames from a question to its answer, as both ends make them."""
    carrier = lora(max_frame_bytes(spreading_factor), lambda size: time_on_air_us(size, spreading_factor) // 1000)
    random = iter(range(1, 255))
    gateway = GatewayLink(lambda board: LINK_KEY, lambda size: bytes([next(random)] * size), carrier)
    board = BoardLink(BOARD, LINK_KEY, _Empty(), lambda size: bytes([next(random)] * size), carrier)
    board.set_status(Status())
    now_ms = asked = 0
    while True:
        now_ms += 1000
        if board.state == UP and not asked:
            asked = board.ask(bytes(SIZE), now_ms)
        frame = board.step(now_ms)
        if not frame:
            continue
        replies = _reply(gateway, frame, now_ms)
        if asked:
            return [len(frame), *(len(reply) for reply in replies)]
        for reply in replies:
            board.receive_frame(reply, now_ms)


def _reply(gateway: GatewayLink, frame: bytes, now_ms: int) -> list[bytes]:
    """Return what a gateway says to a frame, with everything that a turn brings."""
    said: list[object] = [Acked(1, 0, 0)]
    for event in gateway.receive_frame(frame, now_ms):
        if isinstance(event, Send):
            return [event.frame]
        if isinstance(event, Query):
            said += [CardKey(event.query_id, 1, 1, bytes(16)), Answer(event.query_id, 0, 0, 0, 0, 1, 5)]
        elif isinstance(event, Turn):
            return gateway.answer_frames(said, now_ms, BOARD)
        else:
            assert isinstance(event, Opened)
    return []
