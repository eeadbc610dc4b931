"""The link: how fast a backlog drains over a serial line, and what crossings and questions cost on the air.

Time is what the board's processor needs plus what the line's bits take: a shared machine changes neither.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benches import air, interpreter
from benches.far_end import FarEnd
from benches.figures import AT_LEAST, Figure, Limit, Peer
from checkpost import chain

NAME = "link"
BAUD = 921_600
BITS_A_BYTE = 10
RECORD_BYTES = 32
LEAST_SHARE = 85  # percent of what the line's bytes allow for 32-byte records
JSON_BYTES = 183  # a crossing as a JSON object, as the centre gives it out
RECORDS, QUICK_RECORDS = 10_000, 2_000
SLOWER = {"vm": 1, "rp2040-low": 70, "rp2040-high": 190}  # processor times as in the bench `board`
TURN_ROUND_MS = 35  # of a gateway that commits to its disk before it answers


def measure(quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the link's figures."""
    yield from air.measure()
    records = QUICK_RECORDS if quick else RECORDS
    most = BAUD // BITS_A_BYTE // RECORD_BYTES
    for name, slower in SLOWER.items():
        tell(f"  {records} records, the processor {slower} times slower than the VM")
        found = drain(records, slower, tell)
        rate = records / found["seconds"]
        if slower == 1:
            least = Limit(most * LEAST_SHARE / 100, AT_LEAST)
            how = f"{BAUD} baud, turn-round {TURN_ROUND_MS} ms"
            yield Figure(NAME, "records-a-second", rate, "records/s", least, how)
            yield Figure(
                NAME, "line-share", 100 * rate / most, "%", Limit(LEAST_SHARE, AT_LEAST), f"of {most} a second"
            )
            peer = Peer("JSON object", JSON_BYTES)
            yield Figure(NAME, "bytes-a-record", found["bytes"] / records, "bytes", peer, "both ways, all overhead")
            yield Figure(NAME, "record-cpu", found["cpu_us"] / 1000 / records, "ms", None, "VM: read, seal, send")
        else:
            line = Peer("the line's bytes", most)
            yield Figure(NAME, f"records-a-second-{name}", rate, "records/s", line, f"VM x {slower}")


def drain(records: int, slower: int, tell: Callable[[str], None]) -> dict[str, float]:
    """Return what draining a backlog took."""
    with tempfile.TemporaryDirectory() as folder:
        flash = str(Path(folder) / "journal.bin")
        interpreter.run("lay.py", {"flash": flash, "newest": -1, "cards": 0}, tell, interpreter.ROOMY_HEAP)
        far = FarEnd(0, chain.start(1, 1))
        given = {"flash": flash, "records": records, "baud": BAUD, "slower": slower, "turn_round_ms": TURN_ROUND_MS}
        found = interpreter.run("line.py", given, tell, far_end=far.serve)
    if far.error is not None or far.held != records:
        raise interpreter.BenchFailed(f"The far end holds {far.held} of {records} records: {far.error}")
    return found
