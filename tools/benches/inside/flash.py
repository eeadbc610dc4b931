"""Flash operations of a restart in a full ring, and of a look-up in a whole roster.

`given`: rings (chip files whose journals stand at different places), flash (a chip file with a roster), cards, deltas.
"""

import gc
import json
import sys
from array import array

gc.threshold(32_768)  # as boot.py
sys.path += [sys.argv[1], sys.argv[1] + "/lib"]

from checkpost import record
from checkpost.permit import Card, Permit, Usage
from checkpost.roster_pack import pack_entry
from drivers.w25q import W25Q
from cpu import CpuClock
from flashfile import FlashFile, Meter, Select
from kiosk.journal import Journal
from kiosk.roster import Roster
from kiosk.sectors import RECORDS
from parts import Ticks, uid

ROSTER_ID = 5
UTC_S = 1_793_000_000
STRIDE = 11  # of the cards that are looked up
STRANGERS = 500


def mounted(path, meter):
    """Return (driver, chip) of a chip file."""
    chip = FlashFile(path, meter)
    ticks = Ticks()
    flash = W25Q(chip, Select(chip), ticks, ticks.sleep_us)
    flash.identify()
    return flash, chip


def recovered(path, cpu):
    """Return (reads, writes, microseconds) of a restart in the middle of a sector that is nearly full."""
    gc.collect()
    meter = Meter()
    flash, chip = mounted(path, meter)
    journal = Journal(flash, 1, 1, bytes(32))
    journal.open()
    for _ in range(RECORDS - 1):
        journal.append(record.Record(record.CROSSING, 0, UTC_S, 36, 2, 0, b"x"))
    again = Journal(flash, 1, 1, bytes(32))
    reads, writes = chip.reads, chip.programs + chip.erases
    begun = cpu.now_us() - meter.us
    again.open()
    took_us = cpu.now_us() - meter.us - begun
    assert again.next_seq == journal.next_seq
    return chip.reads - reads, chip.programs + chip.erases - writes, took_us


def looked_up(given, cpu):
    """Return arrays of reads and microseconds of look-ups in a roster whose log is well filled."""
    meter = Meter()
    flash, chip = mounted(given["flash"], meter)
    roster = Roster(flash)
    roster.open()
    usage = Usage()
    usage.entries = 3
    for number in range(given["deltas"]):
        raw = pack_entry(uid(number), Card(), Permit(), usage, b"abcd", "ONS", "north-hamgyong")
        assert roster.apply(ROSTER_ID, number, number + 1, False, [raw])
    asked = (given["cards"] + STRANGERS) // STRIDE
    reads, took = array("H", bytes(2 * asked)), array("H", bytes(2 * asked))
    for at in range(asked):
        number = at * STRIDE
        card = uid(number)
        before, begun = chip.reads, cpu.now_us() - meter.us
        found = roster.lookup(card)
        took[at] = max(0, cpu.now_us() - meter.us - begun - cpu.look_us)
        reads[at] = chip.reads - before
        assert (found is not None) == (number < given["cards"])
    return reads, took


def main(given):
    """Measure and print."""
    cpu = CpuClock()
    restarts = sorted([recovered(path, cpu) for path in given["rings"]])
    reads, took = looked_up(given, cpu)
    found = {"lookup_reads": sum(reads) / len(reads), "lookup_reads_most": max(reads)}
    found["lookup_us"] = sorted(took)[len(took) // 2]
    found["recovery_reads_most"] = restarts[-1][0]
    found["recovery_reads"] = restarts[len(restarts) // 2][0]
    found["recovery_writes_most"] = max([restart[1] for restart in restarts])
    found["recovery_us_most"] = max([restart[2] for restart in restarts])
    print(json.dumps(found))


with open(sys.argv[2]) as settings:
    main(json.load(settings))
