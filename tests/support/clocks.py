"""Boards that lose their clocks: any row of records, likely or not, and the scenario as such boards write it."""

from datetime import datetime

from hypothesis import strategies as st

from checkpost import record
from gateway.intake.records import Run
from tests.gateway.support import CARD, DAY_S, MORNING_S, OUTCOME, Journal, Scenario

# Uptimes below a hundred, times around the morning.
uptimes, moments = st.integers(0, 100), st.integers(MORNING_S, MORNING_S + 1000)
crossings = st.tuples(st.just(record.CROSSING), uptimes, st.just(record.UNSET)) | st.tuples(
    st.just(record.CROSSING), moments, st.sampled_from([record.HOLDOVER, record.SYNCED])
)
others = st.tuples(st.just(record.BOOT), uptimes, st.just(record.UNSET)) | st.tuples(
    st.sampled_from([record.BOOT, record.FAULT]), moments, st.sampled_from([record.HOLDOVER, record.SYNCED])
)
clock_sets = st.tuples(st.just(record.CLOCK_SET), moments, st.just(record.SYNCED), uptimes | moments)
rows_of_records = st.lists(crossings | crossings | clock_sets | others, min_size=1, max_size=14)


def written(drawn, epoch):
    """Return the journal of a drawn row."""
    journal = Journal(1, epoch)
    for kind, seconds, trust, *before in drawn:
        body = b""
        if kind == record.CROSSING:
            body = record.Crossing(bytes.fromhex(CARD), 0, 1, record.UID).pack()
        elif kind == record.CLOCK_SET:
            body = record.pack_clock_set(before[0], 1)
        journal.append(kind, seconds, body, trust)
    return journal


class LostClocks(Scenario):
    """The scenario at boards that lose their clocks again and again, for at most three days."""

    def __init__(self) -> None:
        self.starts: dict[int, tuple[int, int]] = {}  # by board: zero of uptime, taps so far
        self.unset = 0
        super().__init__()

    def _write(self, tap: dict[str, str]) -> Run:
        journal = self.journals[tap["crossing_point"]]
        utc_s = int(datetime.fromisoformat(tap["local_time"]).timestamp())
        first = len(journal.records) + 1
        zero_s, taps = self.starts.get(journal.board, (0, 0))
        if zero_s and (taps % 7 == 6 or utc_s - zero_s > 3 * DAY_S):
            moment_s = min(utc_s, zero_s + 3 * DAY_S)
            journal.clock_set(moment_s, moment_s - zero_s)
            zero_s = 0
        elif not zero_s and taps % 7 == 2:
            journal.boot()
            zero_s = utc_s - 30
        self.starts[journal.board] = zero_s, taps + 1
        trust = record.UNSET if zero_s else record.SYNCED
        self.unset += bool(zero_s)
        party = int(tap["party"])
        seq = journal.crossing(
            utc_s - zero_s,
            tap["card_uid"],
            record.DIRECTIONS.index(tap["direction"]),
            party if not tap["outcome"] else 1,
            trust=trust,
        )
        if tap["outcome"]:
            journal.outcome(utc_s - zero_s + 5, seq, OUTCOME[tap["outcome"]], party, trust)
        self.key_of_tap[tap["tap"]] = (journal.board, 1, seq)
        return journal.run(first)

    def end(self) -> None:
        """Let every clock that is lost be set."""
        for journal in self.journals.values():
            zero_s, _ = self.starts[journal.board]
            if zero_s:
                journal.clock_set(zero_s + 3 * DAY_S, 3 * DAY_S)
