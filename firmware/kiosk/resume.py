"""What the newest records of the journal say after a restart: which answer still stands, which way travellers go.

Loaded for that alone (checkpost.once).
"""

from checkpost.reasons import VERDICTS
from checkpost.record import CROSSING, HOLDOVER, OUTCOME, UNSET, unpack, unpack_crossing, unpack_outcome
from kiosk.clock import QUARTERS, Stamp, grown_ms
from kiosk.last import OPEN_S, Last

LOOK_BACK = 32  # records; a crossing is followed by its outcome, its correction, boots and faults, not by more
HAND_SET_MS = 30_000  # a clock that a technician set and no gateway ever confirmed
HAND_SET_CODE = 8  # 64 s: its records, and those of weeks of drift; without this each start would round it up anew
SLACK_S = 10  # a crossing is stamped at the card and written after the answer: others may stand before it


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
            crossing = unpack_crossing(record.body)
            if crossing.verdict >= len(VERDICTS):
                continue  # none that this firmware gave: one write in 65,536 that the power cut short has a fitting CRC
            stamp = Stamp(record.seconds, record.offset, record.trust, record.uncertainty)
            last = Last(record.seq, crossing, stamp)
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


def clock_worth(rtc, records, faults):
    """Return what a clock chip is worth after a restart: trust, its error in ms, and from when on that grows, Unix UTC.

    `rtc` as in kiosk.clock; `records` are the newest of the journal, any kind, newest first. The chip may have been
    disturbed while there was no power: what a gateway confirmed before is no more than likely, until one does again.
    """
    stopped = faults.attempt("clock", True, rtc.stopped)
    now_s = 0 if stopped else faults.attempt("clock", 0, rtc.read)
    if not now_s:
        faults.begin("clock", "not set")
        return UNSET, 0, 0
    found = None
    later_s = now_s
    for record in records:
        if record.trust == UNSET:
            break  # the clock was lost then: what it was worth before says nothing of now
        if record.seconds > later_s + SLACK_S:
            if found is None:  # it was later before: whatever set the clock back, its error is at least that
                found = max(HAND_SET_MS, (record.seconds - now_s) * 1000), now_s
            break
        # It goes on from a record that it stamped: its error, grown since; the best of several counts.
        then_ms = (1 << record.uncertainty) * 1000 // QUARTERS
        if record.uncertainty <= HAND_SET_CODE:
            then_ms = min(then_ms, HAND_SET_MS)
        if found is None or grown_ms(then_ms, now_s - record.seconds) < grown_ms(found[0], now_s - found[1]):
            found = then_ms, record.seconds
        later_s = record.seconds
    error_ms, since_s = found or (HAND_SET_MS, now_s)
    return HOLDOVER, error_ms, since_s
