"""A hundred thousand taps through kiosk, journal and uplink in a board's memory: nothing is lost, nothing grows.

The journal begins near the end of its ring, so that it wraps; the far end proves the chain of every record. The
firmware is compiled as `checkpost board flash` compiles it.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benches import interpreter
from benches.far_end import FarEnd
from benches.figures import AT_LEAST, Figure, Limit
from checkpost.downward import RosterPiece
from checkpost.permit import Card, Permit, Usage
from checkpost.roster_pack import pack_entry

TAPS, QUICK_TAPS = 100_000, 3_000
SHORT_TAPS = 600  # of a test: the cable is out once, and a roster that changes quickly is merged once
LOOKS = 100
CARDS = 10_000
RING_SECTORS, RECORDS_A_SECTOR = 1660, 125
NEWEST = 1650  # sector that the ring stands at: it wraps after ten more
HEAD = bytes(range(32))  # of the chain there
ROSTER_ID = 5
RECORDS_A_DELTA, SHORT_DELTA = 40, 3  # one change of the roster for so many records
DELTAS_UNDER_WAY = 2  # at the end
MAX_UNPROVEN = 0.06  # the cable is out for 4 % of the taps, and a session has to be opened again
MAX_IN_USE = 60  # percent of the heap, after a collection
MAX_GROWTH = 256  # bytes between the least of the second and of the last fifth: a queue of a few more
SETTLED = 5  # the first fifth of the looks is the beginning


class Deltas:
    """A roster that changes with the crossings: one entry a revision."""

    def __init__(self, held: int, records: int) -> None:
        """`records`: for so many that come after `held` there is one change."""
        self._from = held
        self._records = records
        self.far: FarEnd | None = None

    def __call__(self, revision: int) -> RosterPiece | None:
        """Return the piece that follows a revision, once enough records have come."""
        assert self.far is not None
        if revision >= self.due():
            return None
        uid = b"\x04" + (revision * 2654435761 & 0xFFFFFFFF).to_bytes(4, "big") + b"ab"  # as inside/parts.py lays them
        usage = Usage()
        usage.entries = revision % 50
        entry = pack_entry(uid, Card(), Permit(), usage, b"abcd", "ONS", "north-hamgyong")
        return RosterPiece(ROSTER_ID, revision, revision + 1, False, True, [entry])

    def due(self) -> int:
        """Return how many changes there are by now."""
        assert self.far is not None
        return (self.far.held - self._from) // self._records


def measure(quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the soak's figures."""
    return soak(QUICK_TAPS if quick else TAPS, RECORDS_A_DELTA, tell)


def short(tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the figures of a soak that is short enough for every test run."""
    return soak(SHORT_TAPS, SHORT_DELTA, tell)


def soak(taps: int, records_a_delta: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Tap, and yield what was found."""
    with tempfile.TemporaryDirectory() as folder:
        firmware = interpreter.compiled(Path(folder) / interpreter.TREE)
        flash = str(Path(folder) / "journal.bin")
        lay = {"flash": flash, "newest": NEWEST, "cards": CARDS}
        held = int(interpreter.run("lay.py", lay, tell, interpreter.ROOMY_HEAP)["held"])
        deltas = Deltas(held, records_a_delta)
        far = deltas.far = FarEnd(held, HEAD, deltas, live=True)
        given = {"flash": flash, "taps": taps, "every": max(1, taps // LOOKS), "cards": CARDS, "live": True}
        found = interpreter.run("soak.py", given, tell, far_end=far.serve, firmware=firmware)
    if far.error is not None:
        raise interpreter.BenchFailed(f"The far end refused what the board sent: {far.error}")
    yield Figure("soak", "taps", taps, "taps")
    yield Figure("soak", "records", found["records"], "records", Limit(2 * taps, AT_LEAST), "crossings and outcomes")
    yield Figure("soak", "records-lost", found["next_seq"] - 1 - far.held, "records", Limit(0.0), "chain proven")
    away = Limit(taps * (1 - MAX_UNPROVEN), AT_LEAST)
    yield Figure("soak", "cards-proven", far.proven, "crossings", away, "all but those while the cable is out")
    yield Figure("soak", "ring-wraps", (found["next_seq"] - 1) // RECORDS_A_SECTOR // RING_SECTORS, "laps")
    yield Figure("soak", "sessions", far.opened, "sessions", None, "the cable is out for 20 taps in 500")
    least = Limit(deltas.due() - DELTAS_UNDER_WAY, AT_LEAST)
    yield Figure("soak", "roster-revisions", found["roster_revision"], "changes", least, "merged in quiet moments")
    yield Figure("soak", "faults", found["faults"], "faults", Limit(0.0))
    yield Figure("soak", "roster-merges", found["merges"], "merges", None, "the heap was looked at in each")
    yield from heap(found["looks"], found["heap"], found["merge_in_use"])
    yield Figure("soak", "programs-a-tap", found["programs"] / taps, "programs", None, "journal and roster")
    yield Figure("soak", "erases-a-tap", found["erases"] / taps, "erases", None, "journal and roster")


def heap(looks: list[float], size: float, merging: float = 0) -> Iterator[Figure]:
    """Yield what a run's looks at the heap come to; `merging`: the most seen in a merge of the roster."""
    fifth = max(1, len(looks) // SETTLED)
    early, late = looks[fifth : 2 * fifth] or looks[-1:], looks[-fifth:]
    how = "least of the last fifth less that of the second: what is held for a time only is no growth"
    yield Figure("soak", "heap-growth", min(late) - min(early), "bytes", Limit(MAX_GROWTH), how)
    how = f"at most {max(looks):.0f} of {size:.0f} bytes"
    yield Figure("soak", "heap-in-use", 100 * max(looks) / size, "%", Limit(MAX_IN_USE), how)
    yield Figure(
        "soak", "heap-in-use-merging", 100 * merging / size, "%", Limit(MAX_IN_USE), "while the roster is merged"
    )
