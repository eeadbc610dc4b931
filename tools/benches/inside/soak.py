"""Taps without end: each with its answer, outcome, delivery and acknowledgement; the heap is looked at in between.

`given`: taps, every (taps between two looks), cards (on the roster), and what World and the line need. Now and then the
cable is out for some taps. Prints each look as a line, and what it came to as figures.
"""

import gc
import sys
from array import array

import micropython

gc.threshold(32_768)  # as boot.py
micropython.opt_level(3)
sys.path += [sys.argv[1], sys.argv[1] + "/lib"]

import json

from world import World
from parts import uid

UNPLUGGED_EVERY = 500  # taps
UNPLUGGED_FOR = 20
ANSWERS_HZ = (2000, 800, 500)
RECORDED_HZ = 1600
PRESS_TURNS = 15  # of 2 ms: longer than a contact bounces
LEAVE_TURNS, LEAVE_MS = 10, 9000  # until the page of the outcome is gone and the next traveller comes
CATCH_UP_TURNS = 20_000


def tap(world, card):
    """One traveller: card, answer, ADMIT, gone."""
    world.sounder.heard = 0
    world.reader.put(card)
    world.until(lambda: world.sounder.heard in ANSWERS_HZ)
    world.reader.lift()
    world.fingers["admit"].level = 0
    world.rest(2 * PRESS_TURNS, PRESS_TURNS)
    world.fingers["admit"].level = 1
    world.until(lambda: world.sounder.heard == RECORDED_HZ)
    world.rest(LEAVE_MS, LEAVE_TURNS)


def look(world, taps):
    """Return bytes in use after a collection, and say so."""
    in_use = world.heap_in_use()
    journal = world.app.journal
    print(
        "%d taps: %d bytes in use, next record %d, queue %d, faults %s"
        % (taps, in_use, journal.next_seq, world.app.uplink.queue(), world.app.faults.standing() or "none")
    )
    return in_use


def main(given):
    """Tap, look, and print what was found."""
    world = World(given)
    world.until(world.app.uplink.up)
    world.rest(20_000, 400)
    first = world.app.journal.next_seq
    looks = array(
        "i", bytes(4 * (given["taps"] // given["every"] + 2))
    )  # a list would grow in the heap that is looked at
    seen = merges = merge_in_use = 0
    merging = False
    for number in range(given["taps"]):
        if not number % given["every"] and not merging:
            looks[seen] = look(world, number)
            seen += 1
        world.line.up = number % UNPLUGGED_EVERY >= UNPLUGGED_FOR or number < UNPLUGGED_EVERY
        tap(world, uid(number * 7919 % given["cards"]))
        if world.app.roster.merging() and not merging:
            merges += 1
            merge_in_use = max(merge_in_use, look(world, number))
        merging = world.app.roster.merging()
    world.line.up = True
    for _ in range(CATCH_UP_TURNS):
        world.step(20)
        if not world.app.uplink.queue():
            break
    looks[seen] = look(world, given["taps"])
    journal = world.app.journal
    found = {"records": journal.next_seq - first, "next_seq": journal.next_seq, "looks": list(looks)[: seen + 1]}
    found["merges"], found["merge_in_use"] = merges, merge_in_use
    found["queue"] = world.app.uplink.queue()
    found["roster_revision"] = world.app.roster.revision
    found["programs"], found["erases"], found["reads"] = world.chip.counts()
    found["heap"] = gc.mem_alloc() + gc.mem_free()
    for sentence in journal.faults + world.app.roster.faults:
        print(sentence)
    found["faults"] = len(journal.faults) + len(world.app.roster.faults) + len(world.app.faults.standing())
    print(json.dumps(found))


with open(sys.argv[2]) as settings:
    main(json.load(settings))
