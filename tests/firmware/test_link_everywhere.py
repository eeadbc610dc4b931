"""What a link promises, on every kind of line and on channels of 222 and of 51 bytes a frame: the same each time."""

from tests.core.linkworld import World, radio
from tests.core.test_sync import LINES, until_up

CARRIERS = (None, 222, 51)  # a line, and the longest frames of SF7 and of SF12


def everywhere(story, seed):
    """Tell a story in a fresh world of each kind."""
    for max_frame in CARRIERS:
        for name in sorted(LINES):
            world = World(seed, LINES[name], 0, radio(max_frame) if max_frame else None)
            story(world)
            world.check()


def until_delivered(world):
    world.run_until(world.delivered, 240_000 * world.patience)


def refilled(world):
    world.write(30)
    until_delivered(world)
    world.down.up = False  # the gateway is off, and what it said last is heard
    world.run(300 * world.tick_ms)
    world.store.__init__()
    world.start_gateway()
    world.down.up = True
    until_delivered(world)


def begun_later(world):
    world.write(40)
    world.journal.oldest_seq = 21
    until_delivered(world)
    assert world.gateway.bases >= 1 and world.store.before == 20


def refused_for_a_while(world):
    until_up(world)
    world.gateway.refusing = True
    world.write(20)
    world.run(200 * world.tick_ms)
    assert world.store.held == 0
    world.gateway.refusing = False
    until_delivered(world)


def cut_off_for_a_while(world):
    until_up(world)
    world.up.up = False
    world.write(20)
    world.run(500 * world.tick_ms)
    assert world.store.held == 0
    world.up.up = True
    until_delivered(world)


def asked(world):
    """A question is answered rightly or not at all, and records arrive beside it."""
    until_up(world)
    world.write(5)
    tries = 0
    while not world.answered:
        tries += 1
        assert tries < 60
        world.ask()
        world.run(400 * world.tick_ms)
        until_up(world)
    for query_id in world.answered:
        assert world.answered[query_id] == world.asked[query_id]
    until_delivered(world)


def test_a_gateway_without_its_disk_is_refilled():
    everywhere(refilled, 11)


def test_a_journal_that_begins_later_says_where():
    everywhere(begun_later, 12)


def test_what_is_not_on_disk_is_not_acknowledged_and_comes_again():
    everywhere(refused_for_a_while, 13)


def test_what_was_written_while_nothing_came_through_arrives():
    everywhere(cut_off_for_a_while, 14)


def test_a_question_is_answered_rightly():
    everywhere(asked, 15)
