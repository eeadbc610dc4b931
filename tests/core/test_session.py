"""Sessions and what attacks them: replayed, forged, re-keyed, downgraded, unsealed, sent to another board."""

from checkpost import frames, handshake
from checkpost.gateway_link import GatewayLink, Opened, Records, Send
from checkpost.joining import Joining
from checkpost.limits import HEADER_SIZE, MAX_BOARDS, REPLAY_WINDOW, SESSION_FRAMES
from checkpost.session import Session
from checkpost.sync import UP, BoardLink
from checkpost.x25519 import ROUNDS, multiply
from tests.core.linkworld import BOARD, KEY, Chance, MemoryJournal, World


def pair():
    return Session(KEY, BOARD, False, 0), Session(KEY, BOARD, True, 0)


def opened(session, frame):
    """Return the payload as a link takes it: well sealed, and fresh."""
    payload = session.open(frame)
    if payload is not None and session.accept(frames.parse_header(frame).counter):
        return payload
    return None


def test_what_one_end_seals_the_other_opens():
    board, gateway = pair()
    for size in (0, 1, 100, 640):
        assert opened(gateway, board.seal(bytes(size), True)) == bytes(size)
        assert opened(board, gateway.seal(bytes(size), False)) == bytes(size)


def test_a_frame_is_heard_once():
    board, gateway = pair()
    frame = board.seal(b"once", True)
    assert opened(gateway, frame) == b"once"
    assert opened(gateway, frame) is None


def test_frames_may_overtake_within_the_window():
    board, gateway = pair()
    sent = [board.seal(bytes([n]), False) for n in range(2 * REPLAY_WINDOW)]
    assert opened(gateway, sent[REPLAY_WINDOW]) is not None
    for n in range(REPLAY_WINDOW - 1, 0, -1):
        assert opened(gateway, sent[n]) == bytes([n])
        assert opened(gateway, sent[n]) is None
    assert opened(gateway, sent[0]) is None, "older than the window"


def test_a_frame_does_not_come_back():
    board, _ = pair()
    assert board.open(Session(KEY, BOARD, True, 0).seal(b"x", True)) is not None
    frame = bytearray(board.seal(b"x", True))
    frame[0] ^= 0x20  # says that it comes from the other end
    assert board.open(bytes(frame)) is None


def test_the_header_is_authenticated():
    board, gateway = pair()
    frame = board.seal(b"header", True)
    for bit in range(8 * HEADER_SIZE):
        changed = bytearray(frame)
        changed[bit // 8] ^= 1 << bit % 8
        assert gateway.open(bytes(changed)) is None


def test_a_counter_is_never_used_twice():
    board, _ = pair()
    board._sent = SESSION_FRAMES - 1
    assert not board.ended() and board.worn()
    board.seal(b"last", True)
    assert board.ended()
    try:
        board.seal(b"one more", True)
    except ValueError:
        return
    raise AssertionError("the counter wrapped")


def test_a_session_ends_after_thirty_days():
    board, gateway = pair()
    for day in range(1, 31):
        board.tick(day * 86_400_000 % (1 << 30))
    assert board.ended()
    assert board.open(gateway.seal(b"late", True)) is None


def test_both_ends_agree_on_a_key():
    joining = Joining(BOARD, KEY, bytes(range(32)))
    assert joining.step(ROUNDS) is None and joining.ready
    joining.asked = True
    public = handshake.read_hello(KEY, joining.hello)
    scalar = bytes(range(32, 64))
    answer = handshake.welcome(KEY, joining.hello, BOARD, multiply(scalar))
    assert joining.welcomed(answer)
    assert not joining.welcomed(answer)
    key = handshake.session_key(KEY, multiply(scalar, public), joining.hello, answer)
    assert joining.step(ROUNDS) == key and len(key) == 16


def test_a_handshake_needs_the_link_key():
    joining = Joining(BOARD, KEY, bytes(range(32)))
    joining.step(ROUNDS)
    joining.asked = True
    assert handshake.read_hello(bytes(16), joining.hello) is None
    assert not joining.welcomed(handshake.welcome(bytes(16), joining.hello, BOARD, bytes(32)))
    other = handshake.hello(KEY, BOARD, bytes(range(32)))
    assert not joining.welcomed(handshake.welcome(KEY, other, BOARD, bytes(32))), "an answer to another hello"
    for size in range(len(joining.hello)):
        assert handshake.read_hello(KEY, joining.hello[:size]) is None


def up_world():
    world = World()
    world.run_until(lambda: world.board.state == UP, 1000)
    return world


def tap(wire):
    """Return a list that fills with what goes on a wire."""
    heard = []
    put = wire.put

    def listen(data, now_ms):
        heard.append(data)
        put(data, now_ms)

    wire.put = listen
    return heard


def test_replayed_frames_are_dropped_and_counted():
    world = up_world()
    heard = tap(world.up)
    world.write(20)
    world.run_until(world.delivered, 1000)
    world.run(100)
    frames_heard = len(heard)
    before = world.gateway.link.counters["replay"]
    for data in heard[:frames_heard]:
        for event in world.gateway.link.receive(data, world.now_ms):
            raise AssertionError(event)
    assert world.gateway.link.counters["replay"] == before + frames_heard


def test_a_recording_opens_nothing_later():
    world = World()
    heard = tap(world.up)
    world.write(5)
    world.run_until(world.delivered, 2000)
    recorded = list(heard)
    world.start_board()
    world.start_gateway()
    world.run_until(lambda: world.board.state == UP, 2000)
    link = world.gateway.link
    events = []
    for data in recorded:
        events += link.receive(data, world.now_ms)
    assert [type(event) for event in events] == [Send], "only the old hello is answered"
    assert link.counters["forged"] == len(recorded) - 1
    world.write(1)
    world.run_until(world.delivered, 1000)
    assert not [event for event in world.events if type(event).__name__ == "Down"], "the session went on"


def test_forged_and_unsealed_frames_are_dropped_and_counted():
    world = up_world()
    link = world.gateway.link
    chance = Chance(2)
    for _ in range(50):
        frame = frames.Header(frames.SEALED, BOARD, chance.below(65536), False).pack() + chance.bytes(chance.below(60))
        assert link.receive(frames.encode(frame), world.now_ms) == []
    assert link.counters["forged"] == 50
    plain = frames.Header(0, BOARD, 5, False).pack() + b"\x03\x22" + bytes(34)
    assert link.receive(frames.encode(plain), world.now_ms) == []
    assert link.counters["type"] == 1


def test_a_downgrade_is_dropped_and_counted():
    world = up_world()
    heard = tap(world.up)
    world.write(1)
    world.run_until(world.delivered, 1000)
    frame = bytearray(frames.decode(heard[0].strip(b"\0")))
    for version in (0, 2, 3):
        frame[0] = frame[0] & 0x3F | version << 6
        assert world.gateway.link.receive(frames.encode(bytes(frame)), world.now_ms) == []
        down = bytearray(frame)
        down[0] |= 0x20
        assert world.board.receive(frames.encode(bytes(down)), world.now_ms) == []
    assert world.gateway.link.counters["version"] == 3
    assert world.board.counters["version"] == 3


def test_frames_for_another_board_are_dropped_and_counted():
    world = up_world()
    other = Session(KEY, BOARD + 1, True, 0).seal(b"\0", True)
    world.board.receive(frames.encode(other), world.now_ms)
    assert world.board.counters["board"] == 1
    stranger = BoardLink(BOARD + 1, KEY, MemoryJournal(), Chance(3).bytes)
    hello = b""
    while not hello:
        hello = stranger.step(world.now_ms)
    assert world.gateway.link.receive(hello, world.now_ms) == []
    assert world.gateway.link.counters["board"] == 1


def test_a_board_hears_no_echo_of_itself():
    world = up_world()
    heard = tap(world.up)
    world.write(1)
    world.run_until(world.delivered, 1000)
    for data in heard:
        assert world.board.receive(data, world.now_ms) == []
    assert world.board.counters["direction"] == len(heard)


def test_a_board_with_another_key_gets_no_session():
    world = World()
    world.board = BoardLink(BOARD, bytes(16), world.journal, world.chance.bytes)
    world.run(3000)
    assert world.board.state != UP
    assert world.gateway.link.counters["forged"] > 2


def test_a_hello_again_gets_the_same_welcome():
    world = World()
    link = world.gateway.link
    data = b""
    while not data:
        data = world.board.step(world.now_ms)
    first = link.receive(data, world.now_ms)
    again = link.receive(data, world.now_ms)
    assert len(first) == len(again) == 1
    assert first[0].data == again[0].data


def test_a_flood_of_hellos_does_not_end_a_session():
    world = up_world()
    for n in range(20):
        hello = handshake.hello(KEY, BOARD, multiply(bytes([n + 1]) * 32))
        world.gateway.link.receive(frames.encode(hello), world.now_ms)
    world.write(3)
    world.run_until(world.delivered, 1000)


def test_a_forged_hint_does_not_end_a_session():
    world = up_world()
    session = world.board._session
    world.run(200)
    for counter in range(20):
        hint = handshake.reopen(KEY, BOARD, counter, bytes(20))
        world.board.receive(frames.encode(hint), world.now_ms)
    assert world.board._session is session
    assert world.board.counters["forged"] == 20


def test_a_gateway_keeps_a_bounded_number_of_boards():
    link = GatewayLink(lambda board: KEY, Chance(6).bytes)
    for board in range(1, MAX_BOARDS + 20):
        assert link.receive(frames.encode(handshake.hello(KEY, board, multiply(bytes([board]) * 32))), board)
    assert len(link._peers) == MAX_BOARDS
    assert 1 not in link._peers and MAX_BOARDS + 19 in link._peers


def test_a_batch_before_the_first_ack_is_not_taken():
    world = up_world()
    world.gateway.link._peers[BOARD].reorder.reset()
    world.write(1)
    events = world.gateway.link.receive(world.board.step(world.now_ms), world.now_ms)
    assert not [event for event in events if isinstance(event, (Records, Opened))]
    assert world.gateway.link.counters["early"] == 1
