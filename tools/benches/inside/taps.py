"""Taps one after the other, each timed from the card to its durable record, to the sound and to the drawn answer.

`given`: taps, cards (on the roster), and what World and the line need. Prints what a quarter and what nineteen in
twenty keep, and the flash operations of a tap with its outcome and the quiet work between.
"""

import gc
import json
import sys

import micropython

gc.threshold(32_768)  # as boot.py
micropython.opt_level(3)
sys.path += [sys.argv[1], sys.argv[1] + "/lib"]

from world import World
from cpu import CpuClock
from parts import uid

ANSWERS_HZ = (2000, 800, 500)
BEST = 3  # percent: the loop while nothing disturbed it
QUIET = 25  # percent: a quarter of the taps is disturbed least by what else the machine does
LOOP_TURNS = 3000
REST_MS = 30_000  # until the next traveller
REST_TURNS = 60


class Marks:
    """The firmware's own microseconds (those of the models are taken off), noted at each record, too."""

    def __init__(self, world):
        self._world = world
        self._cpu = CpuClock()
        self._looks = 0
        self.durable_us = 0
        log = world.app.log
        self._write = log.write
        log.write = self._noted

    def now_us(self):
        """Return the time; what the looks themselves cost is taken off."""
        self._looks += 1
        return self._cpu.now_us() - self._world.meter.us - self._looks * self._cpu.look_us

    def _noted(self, kind, body, stamp=None):
        seq = self._write(kind, body, stamp)
        self.durable_us = self.now_us()
        return seq


def settled(world, online):
    """Let the board come to rest; with a gateway, until it is up and everything is acknowledged."""
    if online:
        world.until(world.app.uplink.up)
        world.until(lambda: not world.app.uplink.queue())
    world.rest(20_000, 2000)  # sectors are erased ahead, the roster is added up


def tap(world, marks, card):
    """Tap one card; return (us to the durable record, us to the drawn answer, turns, bytes to the display)."""
    world.until(world.idle)
    world.sounder.heard = 0
    world.reader.put(card)
    sent = world.i2c.sent_bytes
    begun = marks.now_us()
    turns = 0
    while world.sounder.heard not in ANSWERS_HZ:
        world.step()
        turns += 1
    # The turn that begins the sound also draws the answer, and ends when it is sent to the display.
    return marks.durable_us - begun, marks.now_us() - begun, turns, world.i2c.sent_bytes - sent


def leave(world):
    """The guard presses ADMIT, the traveller goes on; the board has its quiet moments."""
    world.reader.lift()
    world.fingers["admit"].level = 0
    world.rest(60, 30)
    world.fingers["admit"].level = 1
    world.rest(REST_MS, REST_TURNS)


def loop_us(marks):
    """Return what a loop takes that needs no memory: how busy the machine is with other things now."""
    begun = marks.now_us()
    total = 0
    for at in range(LOOP_TURNS):
        total += at & 7
    return marks.now_us() - begun


def idle_turn_us(world, marks):
    """Return what a turn of the loop takes at rest."""
    begun = marks.now_us()
    world.rest(2000, 1000)
    return (marks.now_us() - begun) / 1000


def part(numbers, share):
    """Return the number that `share` percent do not exceed."""
    return sorted(numbers)[min(len(numbers) - 1, len(numbers) * share // 100)]


def main(given):
    """Tap, and print what was found."""
    world = World(given)
    settled(world, given["line"] >= 0)
    marks = Marks(world)
    before = world.chip.counts()
    took = []
    loops = []
    for number in range(given["taps"]):
        took.append(tap(world, marks, uid(number * 7919 % given["cards"])))
        leave(world)
        loops.append(loop_us(marks))
    after = world.chip.counts()
    found = {"idle_us": idle_turn_us(world, marks), "loop_us": part(loops, QUIET), "loop_us_best": part(loops, BEST)}
    for place, name in enumerate(("programs", "erases", "reads")):
        found[name] = (after[place] - before[place]) / given["taps"]
    for place, name in enumerate(("durable_us", "shown_us", "turns", "display_bytes")):
        values = [item[place] for item in took]
        found[name] = part(values, QUIET)
        found[name + "_95"] = part(values, 95)
    took = values = loops = None  # they are the bench's
    found["heap_in_use"] = world.heap_in_use()
    found["heap"] = gc.mem_alloc() + gc.mem_free()
    print(json.dumps(found))


with open(sys.argv[2]) as settings:
    main(json.load(settings))
