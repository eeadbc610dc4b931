"""Attacks on a link that runs: each is refused, counted under its cause, and keeps no record from arriving.

More of them, on single sessions and frames: tests/core/test_session.py.
"""

from checkpost import frames, handshake
from checkpost.downward import Acked
from checkpost.gateway_events import StatusUpdate
from checkpost.limits import REPLAY_WINDOW
from checkpost.session import Session
from checkpost.sync import UP, BoardLink, Conflict
from checkpost.x25519 import multiply
from tests.core.linkworld import BOARD, EPOCH, KEY, Chance, MemoryJournal, World, radio


def up_world(carrier=None):
    world = World(carrier=carrier)
    world.run_until(lambda: world.board.state == UP, 60_000)
    return world


def recorded(world):
    """Return (frames of the board, frames of the gateway) that fill with what goes over the wires."""
    found = ([], [])
    for wire, heard in ((world.up, found[0]), (world.down, found[1])):
        listen(wire, heard)
    return found


def listen(wire, heard):
    put = wire.put

    def tapped(data, now_ms):
        for coded in data.split(b"\0"):
            if coded:
                heard.append(frames.decode(coded))
        put(data, now_ms)

    wire.put = tapped


def attack(world, frame):
    """Send a frame to the gateway; return the events, which are to be none."""
    return world.gateway.link.receive(b"\0" + frames.encode(frame), world.now_ms)


def drops(world):
    return world.gateway.link.drops_of(BOARD)


def delivered_after(world):
    world.write(3)
    world.run_until(world.delivered, 5000)
    world.check()


def test_truncated_frames_are_refused():
    world = up_world()
    heard, _ = recorded(world)
    world.write(2)
    world.run_until(world.delivered, 1000)
    sealed = max(heard, key=len)
    for size in range(len(sealed)):
        assert attack(world, sealed[:size]) == []
    assert drops(world)["forged"] + world.gateway.link.counters["short"] == len(sealed)
    delivered_after(world)


def test_frames_from_before_the_window_are_refused():
    world = up_world()
    kept = world.board._session.seal(b"", True)
    for _ in range(REPLAY_WINDOW):
        attack(world, world.board._session.seal(b"", False))
    assert attack(world, kept) == []
    assert drops(world) == {"replay": 1}
    delivered_after(world)


def test_a_frame_of_another_board_with_its_number_changed_is_refused():
    world = up_world()
    other = bytearray(Session(bytes(range(1, 17)), BOARD + 1, False, 0).seal(b"x", True))
    other[1] = BOARD
    assert attack(world, bytes(other)) == []
    assert drops(world) == {"forged": 1}
    delivered_after(world)


def test_a_welcome_by_another_key_makes_no_session():
    world = World()
    hello = b""
    while not hello:
        hello = world.board.step(world.now_ms)
    frame = frames.decode(hello.strip(b"\0"))
    forged = handshake.welcome(bytes(16), frame, BOARD, multiply(bytes(32 * [9])))
    assert world.board.receive(frames.encode(forged), world.now_ms) == []
    assert world.board.counters["forged"] == 1
    world.run_until(lambda: world.board.state == UP, 5000)
    delivered_after(world)


def test_a_recording_does_not_open_with_a_board_that_was_stolen_afterwards():
    """Its link key and all that it keeps: the scalars of earlier sessions are nowhere, nor are their keys."""
    world = World()
    up, down = recorded(world)
    world.write(4)
    world.run_until(world.delivered, 5000)
    up, down = list(up), list(down)
    world.start_board()  # what a thief switches on
    world.run_until(lambda: world.board.state == UP, 5000)
    hello = next(frame for frame in up if frame[0] & 15 == frames.HELLO)
    welcome = next(frame for frame in down if frame[0] & 15 == frames.WELCOME)
    sealed = [frame for frame in up if frame[0] & 15 == frames.SEALED]
    publics = (handshake.read_hello(KEY, hello), handshake.read_welcome(KEY, hello, welcome))
    stolen = world.board._joining._scalar
    keys = [handshake.session_key(KEY, multiply(stolen, public), hello, welcome) for public in publics]
    keys += [world.board._session._key, KEY]
    assert all(publics) and len(sealed) > 1
    for key in keys:
        for frame in sealed[:4]:
            assert Session(key, BOARD, True, 0).open(frame) is None


def test_a_restored_flash_image_is_seen_and_brings_no_records():
    world = up_world()
    image = MemoryJournal()
    world.write(5)
    for seq in range(1, 4):
        image.append(world.journal.read(seq))
    world.run_until(world.delivered, 1000)
    world.journal = image
    world.start_board()
    world.write(1)  # another fourth record than the one that is held
    world.run(3000)
    assert [event.gateway_seq for event in world.events if isinstance(event, Conflict)] == [5]
    assert world.store.held == 5
    assert world.gateway.link._peers[BOARD].status.next_seq == 4, "which the gateway's app compares with what it holds"


def put_back(kept, after):
    """Let a gateway take five records, and the board start with `kept` of them and write others before it is heard."""
    world = up_world()
    image = MemoryJournal()
    world.write(5)
    for seq in range(1, kept + 1):
        image.append(world.journal.read(seq))
    world.run_until(world.delivered, 1000)
    world.journal = image
    world.start_board()
    world.write(after)
    world.gateway.refusing = True  # what follows does not continue the chain
    world.events = []
    world.run(3000)
    return world


def test_a_chip_that_was_put_back_is_seen_whatever_it_wrote_since():
    """Just as many records as the gateway holds, too; and what the gateway holds is no reason to let go of any."""
    for after in (1, 2, 3, 6):
        world = put_back(3, after)
        assert [event.gateway_seq for event in world.events if isinstance(event, Conflict)] == [5]
        assert not [event for event in world.events if isinstance(event, Acked)]
        assert world.store.held == 5
        assert world.gateway.link._peers[BOARD].status.next_seq == 4


def test_a_board_that_started_anew_sees_no_conflict():
    world = up_world()
    for count in (0, 1, 3):
        world.write(count)
        world.run_until(world.delivered, 1000)
        world.start_board()
        world.write(2)
        world.run_until(world.delivered, 3000)
        world.write(1)
        world.run_until(world.delivered, 3000)
    assert not [event for event in world.events if isinstance(event, Conflict)]


def test_a_status_that_records_have_overtaken_is_not_believed():
    """It names a next record that is held by now, as a board says whose chip was put back."""
    world = up_world()
    late = []
    put, world.up.put = world.up.put, lambda data, _: late.extend(map(frames.decode, filter(None, data.split(b"\0"))))
    world.status.faults = 1
    world.board.set_status(world.status)
    world.run(300)
    world.up.put = put
    world.write(3)
    world.run_until(world.delivered, 5000)
    before = world.gateway.link._peers[BOARD].status
    assert before.next_seq == 4
    events = [event for frame in late for event in attack(world, frame)]
    assert late and world.gateway.link._peers[BOARD].status is before
    assert not [event for event in events if isinstance(event, StatusUpdate)]


def test_two_boards_with_one_identity_are_noticed():
    world = up_world()
    clone = World(2)
    clone.journal = world.journal
    clone.store = world.store
    clone.start_board()
    clone.gateway = world.gateway
    clone.now_ms = world.now_ms
    for _ in range(8):
        clone.run_until(lambda: clone.board.state == UP, 60_000)
        world.now_ms = clone.now_ms
        world.run(3500)
        clone.now_ms = world.now_ms
        clone.run(3500)
    assert drops(world)["twin"] >= 3
    assert world.store.head == world.journal.head_at(world.store.held)


def test_a_board_that_only_starts_anew_is_no_twin():
    world = up_world()
    for _ in range(5):
        world.start_board()
        world.write(1)
        world.run_until(world.delivered, 5000)
    assert "twin" not in drops(world)


def test_frames_off_the_air_sent_again_later_do_nothing():
    world = up_world(radio(222))
    put, heard = world.up.put, []

    def tapped(data, now_ms):
        heard.append(data)
        put(data, now_ms)

    world.up.put = tapped
    world.write(6)
    world.run_until(world.delivered, 60_000)
    world.start_gateway()
    for frame in list(heard):
        for event in world.gateway.link.receive_frame(frame, world.now_ms):
            assert type(event).__name__ == "Send"
    before = world.store.held
    world.write(2)
    world.run_until(world.delivered, 3_000_000)
    assert world.store.held == before + 2
    world.check()


def test_a_stranger_fills_no_table():
    world = up_world()
    for board in range(1, 400):
        frame = frames.Header(frames.SEALED, board, 1, False).pack() + Chance(board).bytes(20)
        if board != BOARD:
            world.gateway.link.receive(frames.encode(frame), world.now_ms)
    assert list(world.gateway.link._of_board) in ([], [BOARD])


def test_records_of_another_epoch_are_refused():
    world = up_world()
    world.journal.epoch = EPOCH + 1
    world.write(1)
    world.gateway.link._peers[BOARD].status.epoch = EPOCH
    frame = world.board._session.seal(b"\2\x2a\x04\0\1\0\0\0" + bytes(36), False)
    assert attack(world, frame) == []
    assert drops(world) == {"epoch": 1}


def test_a_link_key_alone_speaks_for_no_running_session():
    world = up_world()
    thief = BoardLink(BOARD, KEY, MemoryJournal(), Chance(77).bytes)
    hello = b""
    while not hello:
        hello = thief.step(world.now_ms)
    world.gateway.link.receive(hello, world.now_ms)
    delivered_after(world)
