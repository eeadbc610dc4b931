"""What the newest records of the journal say after a restart: which answer still stands, which way travellers go."""

from checkpost.record import CROSSING, OUTCOME, UNSET, unpack, unpack_crossing, unpack_outcome
from kiosk.clock import Stamp

LOOK_BACK = 32  # records; a crossing is followed by its outcome, its correction, boots and faults, not by more
OPEN_S = 20  # an answer stands this long without an outcome


def newest(journal):
    """Return the newest records, newest first, at most LOOK_BACK; what cannot be read is left out."""
    found = []
    for seq in range(journal.next_seq - 1, max(journal.oldest_seq, journal.next_seq - LOOK_BACK) - 1, -1):
        raw = journal.read(seq)
        if raw is not None:
            found.append(unpack(raw))
    return found


class Last:
    """The newest crossing: its record's `seq`, `crossing` and `stamp`, and the `outcome` and `party` that followed."""

    def __init__(self, seq, crossing, stamp):
        self.seq = seq
        self.crossing = crossing
        self.stamp = stamp
        self.outcome = 0
        self.party = crossing.party
        self.party_written = crossing.party
        self.query_id = 0
        self.notes = 0
        self.since_ms = 0
        self.again = False  # a restart interrupted the answer: persons who were added then are not known

    def judged(self, found, age_code):
        """Take a verdict, and the age of what it was made from as a code."""
        crossing = self.crossing
        crossing.verdict = found.verdict
        crossing.reasons = found.reasons
        crossing.causes = found.causes
        crossing.rule_version = found.rule_version
        crossing.roster_age = age_code
        self.notes = found.notes


def last_crossing(records):
    """Return the Last of some records (newest first), or None."""
    outcome = None
    for record in records:
        if record.kind == OUTCOME and outcome is None:
            outcome = unpack_outcome(record.body)
        if record.kind == CROSSING:
            stamp = Stamp(record.seconds, record.offset, record.trust, record.uncertainty)
            last = Last(record.seq, unpack_crossing(record.body), stamp)
            if outcome is not None and outcome[0] == record.seq:
                last.outcome = outcome[1]
                last.party = last.party_written = outcome[2]
            else:
                last.again = True
            return last
    return None


def stands(last, now):
    """Return True if the answer of `last` still waits for an outcome at the Stamp `now`."""
    if last.outcome or last.stamp.trust == UNSET or now.trust == UNSET:
        return False
    return 0 <= now.seconds - last.stamp.seconds < OPEN_S
