"""Properties of the link: whatever bytes come, nothing raises, nothing grows, and only what was sealed is heard."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpost import aes, frames, handshake, messages, parts, x25519
from checkpost.compact import Compact
from checkpost.gateway_link import GatewayLink, Opened, Records, Send, StatusUpdate
from checkpost.limits import HELD_BATCHES, MAX_CODED, MAX_FRAME, MAX_PAYLOAD, REPLAY_WINDOW
from checkpost.messages import Acked, Batch, MessageError, Query
from checkpost.reorder import Reorder
from checkpost.session import Session, new_counters
from checkpost.sync import UP, BoardLink
from checkpost.ticks import elapsed_ms
from tests.core.linkworld import BOARD, KEY, Chance, MemoryJournal, World

KEYS = st.binary(min_size=16, max_size=16)
SMALL = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(KEYS, st.binary(min_size=13, max_size=13), st.binary(min_size=1, max_size=40), st.binary(max_size=700))
def test_ccm_is_what_the_library_makes(key, nonce, header, plain):
    sealed = aes.ccm_seal(key, nonce, header, plain)
    assert sealed == AESCCM(key, tag_length=8).encrypt(nonce, plain, header)
    assert aes.ccm_open(key, nonce, header, sealed) == plain


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_hmac_is_what_the_library_makes(key, message):
    assert aes.hmac_sha256(key, message) == hmac.new(key, message, hashlib.sha256).digest()


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_the_ladder_is_what_the_library_makes(scalar, point):
    ladder = x25519.Ladder(scalar, point)
    ladder.step(x25519.ROUNDS)
    assert ladder.result() == x25519.multiply(scalar, point)


@given(st.binary(max_size=MAX_FRAME))
def test_cobs_goes_both_ways(frame):
    coded = frames.encode(frame)
    assert coded.index(0) == len(coded) - 1 and len(coded) <= MAX_CODED + 1
    assert frames.decode(coded[:-1]) == frame


@given(st.binary(max_size=2000))
def test_cobs_of_any_bytes_is_a_frame_or_none(coded):
    frame = frames.decode(coded)
    assert frame is None or len(frame) <= len(coded)


@given(st.binary(max_size=2000), st.lists(st.integers(1, 64), min_size=1, max_size=40))
def test_chunking_never_changes_what_is_heard(stream, sizes):
    whole, counters = frames.StreamDecoder(new_counters()), new_counters()
    pieces = frames.StreamDecoder(counters)
    heard, at = [], 0
    while at < len(stream):
        size = sizes[at % len(sizes)]
        heard += pieces.feed(stream[at : at + size])
        at += size
    assert heard == whole.feed(stream)
    assert len(pieces._buffer) == MAX_CODED


@given(st.binary(max_size=MAX_PAYLOAD), st.booleans())
def test_any_payload_is_messages_or_the_named_error(payload, upward):
    try:
        found = messages.parse(payload, upward)
    except MessageError:
        return
    for message in found:
        if not isinstance(message, Compact):  # which is only written together with its records
            assert messages.parse(_packed(message, upward), upward)


def _packed(message, upward):
    if not isinstance(message, parts.Part):
        return messages.pack(message)
    kind = parts.PART_UP if upward else parts.PART_DOWN
    place = message.index << 4 | message.count - 1
    return bytes([kind, len(message.data) + 2, message.number, place]) + message.data


@given(st.binary(max_size=120), st.binary(min_size=13, max_size=13))
def test_any_bytes_make_no_handshake(noise, hint):
    assert handshake.read_hello(KEY, noise) is None
    assert handshake.read_welcome(KEY, bytes(45), noise) is None
    assert not handshake.is_reopen(KEY, noise, hint)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_any_bytes_leave_both_ends_as_they_were(chunks):
    gateway = GatewayLink(lambda board: KEY, Chance(1).bytes)
    board = BoardLink(BOARD, KEY, MemoryJournal(), Chance(2).bytes)
    for chunk in chunks:
        for data in (chunk, frames.encode(chunk)):
            assert not [
                event for event in gateway.receive(data, 5) if isinstance(event, (Opened, Records, StatusUpdate))
            ]
            assert board.receive(data, 5) == []


@SMALL
@given(st.integers(1, 1000), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6))
def test_a_changed_byte_changes_nothing_that_is_heard(seed, changes):
    world = World(seed)
    world.run_until(lambda: world.board.state == UP, 1000)
    world.write(9)
    data = bytearray(world.board.step(world.now_ms))
    original = bytes(data)
    for at, value in changes:
        data[at % len(data)] = value
    events = world.gateway.link.receive(bytes(data), world.now_ms)
    heard = b"".join(event.records for event in events if isinstance(event, Records))
    assert heard == b"".join(world.journal.read(seq) for seq in range(1, 10)) or (heard == b"" and data != original)


@SMALL
@given(
    st.integers(1, 1 << 30),
    st.integers(0, 50),
    st.integers(0, 50),
    st.integers(0, 90),
    st.integers(0, 30),
    st.lists(st.sampled_from(["write", "ask", "board", "gateway", "jump", "wait", "cut"]), max_size=12),
)
def test_everything_arrives_once_and_in_order(seed, loss, doubling, jitter, noise, moves):
    world = World(seed, {"loss": loss, "doubling": doubling, "jitter_ms": 1 + jitter, "noise": noise}, 12)
    for move in moves:
        if move == "write":
            world.write(1 + world.chance.below(30))
        elif move == "ask":
            world.ask()
        elif move == "board":
            world.start_board()
        elif move == "gateway":
            world.start_gateway()
        elif move == "jump":
            world.jump(world.chance.below(1 << 29))
        elif move == "cut":
            world.up.up = not world.up.up
        world.run(world.chance.below(700))
    world.up.up = True
    world.write(1)
    world.run_until(lambda: world.delivered() and len(world.roster) == 12, 400_000)
    world.check()
    assert all(world.asked[query_id] == verdict for query_id, verdict in world.answered.items())


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 16)), max_size=300), st.integers(0, 100))
def test_what_overtakes_is_bounded_and_comes_out_in_order(batches, acked):
    reorder, position = Reorder(new_counters()), acked + 1
    reorder.acked(Acked(1, acked))
    for first, count in batches:
        run = b"".join(seq.to_bytes(32, "little") for seq in range(first, first + count))
        for batch in reorder.take(Batch(1, first, run, bytes(4))):
            assert batch.first_seq == position
            for at in range(0, len(batch.records), 32):
                assert int.from_bytes(batch.records[at : at + 32], "little") == position
                position += 1
        assert len(reorder._held) <= HELD_BATCHES
    again = Acked(1, position - 1)
    reorder.acked(again)
    assert again.held == sorted(again.held) and all(first <= last for first, last in again.held)


@given(st.lists(st.integers(0, 300), max_size=200))
def test_a_counter_is_accepted_once(counters):
    session, seen, top = Session(KEY, BOARD, True, 0), set(), -1
    for counter in counters:
        fresh = counter not in seen and counter > top - REPLAY_WINDOW
        assert session.accept(counter) == fresh
        seen.add(counter)
        top = max(top, counter)


@given(st.integers(0, 1 << 40), st.integers(0, (1 << 30) - 1002))
def test_ticks_may_wrap_anywhere(since, passed):
    assert elapsed_ms((since + passed) % (1 << 30), since % (1 << 30)) == passed
    assert elapsed_ms(since, since + 50) == 0


def test_a_query_is_an_event_with_its_board():
    world = World()
    world.run_until(lambda: world.board.state == UP, 1000)
    world.run(50)
    world.ask()
    events = world.gateway.link.receive(world.board.step(world.now_ms), world.now_ms)
    assert [event.board for event in events if isinstance(event, Query)] == [BOARD]


def mutated(data, chance):
    """Return one coded frame, changed: noise, other bytes, cut short, or a flipped bit below the COBS."""
    kind = chance.below(4)
    changed = bytearray(chance.bytes(1 + chance.below(60)) if kind == 0 else data)
    if kind == 1:
        changed[chance.below(len(changed))] ^= 1 + chance.below(255)
    elif kind == 2:
        changed = changed[: chance.below(len(changed))]
    elif kind == 3:
        frame = bytearray(frames.decode(data.strip(b"\0")) or b"x")
        frame[chance.below(len(frame))] ^= 1 << chance.below(8)
        changed = bytearray(frames.encode(bytes(frame)))
    return bytes(changed) + b"\0"


def test_fuzzed_frames_are_counted_and_change_nothing():
    """20,000 here; the same loop was run with 1,000,000."""
    world, recorded = World(3), {True: [], False: []}
    for wire, upward in ((world.up, True), (world.down, False)):
        wire.put = lambda data, now_ms, put=wire.put, kept=recorded[upward]: (kept.append(data), put(data, now_ms))
    world.write(60)
    world.run_until(world.delivered, 3000)
    world.ask()
    world.run(300)
    chance = Chance(8)
    for number in range(20_000):
        kept = recorded[number % 2 == 0]
        data = mutated(kept[chance.below(len(kept))], chance)
        if number % 2 == 0:
            events = world.gateway.link.receive(data, world.now_ms)
            assert not [event for event in events if not isinstance(event, Send)]
        else:
            assert world.board.receive(data, world.now_ms) == []
    world.write(5)
    world.run_until(world.delivered, 5000)
    world.check()
