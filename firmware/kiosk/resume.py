"""What the newest records of the journal say after a restart: which answer still stands, which way travellers go.

Loaded for that alone (checkpost.once).
"""

from checkpost.record import CROSSING, OUTCOME, UNSET, unpack, unpack_crossing, unpack_outcome
from kiosk.clock import Stamp
from kiosk.last import OPEN_S, Last

LOOK_BACK = 32  # records; a crossing is followed by its outcome, its correction, boots and faults, not by more


def newest(journal):
    """Return the newest records, newest first, at most LOOK_BACK; what cannot be read is left out."""
    found = []
    for seq in range(journal.next_seq - 1, max(journal.oldest_seq, journal.next_seq - LOOK_BACK) - 1, -1):
        raw = journal.read(seq)
        if raw is not None:
            found.append(unpack(raw))
    return found


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
