"""Both ends of the link over lines of every kind: everything arrives once, in order, and nothing is invented."""

import gc

from checkpost.messages import Acked
from checkpost.session import Session
from checkpost.sync import DOWN, UP, Down, Up
from tests.core.linkworld import World, radio

LINES = {
    "perfect": {},
    "one byte at a time": {"one_byte": True},
    "delayed": {"delay_ms": 120},
    "lossy 10": {"loss": 10},
    "lossy 50": {"loss": 50},
    "noisy": {"noise": 20},
    "doubling": {"doubling": 40},
    "reordering": {"jitter_ms": 60},
    "everything": {"loss": 20, "doubling": 20, "jitter_ms": 80, "noise": 10},
}


def is_up(world):
    return world.board.state == UP


def until_up(world):
    """Wait for the link: within a minute on the worst line, within hours on the worst channel."""
    world.run_until(lambda: is_up(world), 60_000 * world.patience)


def until_delivered(world):
    """Wait until all records and the whole roster are where they belong: within minutes on the worst line."""
    world.run_until(lambda: world.delivered() and len(world.roster) == world.roster_size, 240_000 * world.patience)


def lively(world):
    """Records, questions and a roster, with both ends started anew in between."""
    gc.collect()  # the world before this one is gone, and a board's heap is small
    until_up(world)
    world.write(40)
    world.run(300 * world.tick_ms)
    world.ask()
    world.run(400 * world.tick_ms)
    world.start_gateway()
    world.write(25)
    world.run(700 * world.tick_ms)
    world.start_board()
    world.write(10)
    world.ask()
    world.run(500 * world.tick_ms)
    world.start_board()
    world.start_gateway()
    world.write(1)
    until_delivered(world)
    world.check()
    assert [entry[0] | entry[1] << 8 for entry in world.roster] == list(range(world.roster_size))
    for query_id in world.answered:
        assert world.answered[query_id] == world.asked[query_id]


def test_every_line_delivers_all():
    for name in sorted(LINES):
        for seed in (1, 2):
            lively(World(seed, LINES[name], 30))


def test_every_channel_delivers_all():
    for name in sorted(LINES):
        lively(World(1, LINES[name], 4, radio(222)))


def test_the_slowest_channel_delivers_all():
    for name in sorted(LINES):
        lively(World(1, LINES[name], 2, radio(51)))


def test_a_query_on_the_air_takes_two_frames():
    world = World(carrier=radio(115))
    until_up(world)
    world.run(5000)
    before = (world.up.packets, world.down.packets)
    query_id = world.ask()
    world.run_until(lambda: query_id in world.answered, 1000)
    world.run(5000)
    assert (world.up.packets, world.down.packets) == (before[0] + 1, before[1] + 1)


def test_a_quiet_radio_polls_each_quarter_of_an_hour():
    world = World(carrier=radio(222))
    until_up(world)
    world.tick_ms = 200
    world.run(60_000)
    before = world.up.packets
    world.run(1_900_000)
    assert world.up.packets - before == 2


def test_a_query_is_answered_in_the_reply_to_its_frame():
    world = World()
    until_up(world)
    world.run(70)
    query_id = world.ask()
    world.run_until(lambda: query_id in world.answered, 3)


def test_a_query_overtakes_a_backlog():
    world = World(faults={"delay_ms": 5})
    until_up(world)
    world.write(300)
    world.run(11)
    query_id = world.ask()
    world.run_until(lambda: query_id in world.answered, 25)
    assert not world.delivered()


def test_every_query_is_answered_at_half_loss():
    world = World(5, LINES["lossy 50"])
    until_up(world)
    tries = 0
    while len(world.answered) < 10:
        tries += 1
        assert tries < 40
        world.ask()
        world.run(1600)
        until_up(world)
    assert all(world.answered[query_id] == world.asked[query_id] for query_id in world.answered)


def test_no_query_while_nobody_answers():
    world = World()
    world.up.up = False
    world.run(3000)
    assert world.board.state == DOWN
    assert world.ask() == 0


def test_an_ack_speaks_of_what_is_on_disk_only():
    world = World()
    until_up(world)
    world.gateway.refusing = True
    world.write(50)
    world.run(3000)
    assert world.store.held == 0
    carried = world.up.carried
    world.run(10_000)
    assert world.up.carried - carried < 40_000, "a gateway that takes nothing is not flooded"
    world.gateway.refusing = False
    world.run_until(world.delivered, 5000)
    world.check()


def test_a_new_record_goes_at_once():
    world = World()
    until_up(world)
    world.run(77)
    world.write(1)
    world.run_until(world.delivered, 3)


def test_a_quiet_board_polls():
    world = World()
    until_up(world)
    world.run(100)
    carried = world.up.carried
    world.run(2000)
    assert 9 * 17 <= world.up.carried - carried <= 11 * 17 + 50


def test_down_and_up_are_told_once():
    world = World()
    until_up(world)
    world.up.up = False
    world.run(10_000)
    world.write(3)
    world.up.up = True
    world.run_until(world.delivered, 5000)
    assert [type(event) for event in world.events if not isinstance(event, Acked)] == [Up, Down, Up]


def test_jumps_of_the_clock_cause_only_sends_again():
    for faults in ({}, {"delay_ms": 40}, {"loss": 30, "delay_ms": 7}):
        world = None  # a board's heap is small
        gc.collect()
        world = World(9, faults, 40)
        until_up(world)
        for _ in range(60):
            world.write(world.chance.below(4))
            world.run(world.chance.below(60))
            world.jump(1000 * world.chance.below(1 << world.chance.below(24)))
        until_delivered(world)
        world.check()
        for time, heard_ms in world.times:
            away = abs(time.utc_s * 1000 + time.ms - world.clock_ms(heard_ms))
            assert away <= time.rtt_ms + 1, "a sample is never older than its round trip"


def test_a_jump_leaves_the_link_up():
    world = World()
    until_up(world)
    for _ in range(20):
        world.run(150)
        world.jump(86_400_000)
        assert world.ask()
    assert not [event for event in world.events if isinstance(event, Down)]


def test_a_journal_that_begins_later_says_where():
    world = World()
    world.write(100)
    world.journal.oldest_seq = 41
    world.run_until(world.delivered, 5000)
    assert world.gateway.bases == 1
    assert world.store.before == 40
    world.check()


def test_a_gateway_without_its_disk_is_refilled():
    world = World()
    world.write(200)
    world.run_until(world.delivered, 5000)
    world.store.__init__()
    world.start_gateway()
    world.run_until(world.delivered, 5000)
    world.check()


def test_a_session_is_renewed_while_the_old_one_serves():
    world = World()
    until_up(world)
    first = world.board._session
    first._sent = 59_990
    for _ in range(30):
        world.run(200)
        assert is_up(world)
        world.write(1)
    assert world.board._session is not first
    world.run_until(world.delivered, 1000)
    assert not [event for event in world.events if isinstance(event, Down)]


def test_a_session_ends_after_thirty_days():
    world = World()
    until_up(world)
    first = world.board._session
    for _ in range(4):
        world.jump(9 * 86_400_000)
        world.run(2)
    world.run_until(lambda: is_up(world) and world.board._session is not first, 2000)
    world.write(1)
    world.run_until(world.delivered, 1000)


def test_a_record_that_cannot_be_read_does_not_flood_the_line():
    world = World()
    until_up(world)
    read_into = world.journal.read_into
    world.journal.read_into = lambda first, buffer: read_into(first, buffer) if first < 20 else 0
    world.journal.append(bytes(32))
    world.write(40)
    world.run(3000)
    carried = world.up.carried
    world.run(10_000)
    assert world.up.carried - carried < 5000
    assert is_up(world)
    world.journal.read_into = read_into
    world.run_until(world.delivered, 3000)
    world.check()


def test_a_session_that_one_end_lost_unheard_is_made_anew():
    world = World()
    until_up(world)
    world.up.up = False
    world.run(60_000)
    world.gateway.link._peers[7].session = Session(bytes(16), 7, True, world.now_ms)
    world.up.up = True
    world.write(1)
    world.run_until(world.delivered, 7000)
    assert is_up(world)
