"""The board's end of the line to the gateway: moves bytes, and takes in what the gateway says.

What concerns a traveller (answers, corrections) goes on to the kiosk; time, roster, policy and acks end here.
"""

from checkpost.downward import Acked, BoardPolicy, Correction, RosterPiece, Time
from checkpost.sync import UP, Conflict
from checkpost.ticks import elapsed_ms
from checkpost.upward import Status

STATUS_EVERY_MS = 5000  # clock and battery drift slowly; what matters at once is told at once


class Uplink:
    """`link` is sync.BoardLink, `line` the RS-485 driver; `firmware` is (major, minor, patch)."""

    bring = None  # takes a piece of a firmware, or None: goes on with the one that was begun before the start
    spare = None  # of a link that is short of room: says when an update may ask for a piece
    patience_ms = 700  # what a guard waits for the gateway before the board answers alone

    def __init__(self, link, line, log, roster, clock, judge, faults, firmware):
        self.link = link
        self._line = line
        self._log = log
        self._roster = roster
        self._clock = clock
        self._judge = judge
        self._faults = faults
        self._firmware = bytes(firmware)
        self._unsent = b""
        self._status_ms = None
        self._fault_bits = 0
        self.battery_mv = 0
        self.kept = None  # kiosk.kept.Kept: the gateway's policy, for the next start
        self.open = False  # until `begin`
        self.updating = None  # kiosk.updating.Updating, while a firmware comes

    def begin(self, now_ms):
        """Say that the journal was read: the board can say what it holds."""
        if not self.open:
            self.link.started()
        self.open = True

    def up(self):
        """Return True while a gateway answers."""
        return self.link.state == UP

    def busy(self):
        """Return True while the loop is not to idle: a burst goes out, or keys are made."""
        return self.open and (self.link.busy or bool(self._unsent))

    def queue(self):
        """Return how many records the gateway has not acknowledged."""
        return max(0, self._log.journal.next_seq - 1 - self._log.journal.gateway_seq)

    def fill_percent(self):
        """Return how full the journal is."""
        return self._log.journal.fill_percent() if self.open else 0

    def ask(self, record, now_ms, message=None):
        """Send a query, with the two parts of the card's own message if it gave one; return its id, 0: it cannot go."""
        return self.link.ask(record, now_ms, message)

    def wake(self, now_ms):
        """Say that there is a new record."""
        self.link.wake(now_ms)

    def step(self, now_ms):
        """Receive, send, and return the events for the kiosk: Correction, and what is said of a query."""
        if not self.open:
            return ()
        events = self._receive(now_ms)
        for_kiosk = self._take(events, now_ms) if events else ()
        self._tell_status(now_ms)
        self._send(now_ms)
        return for_kiosk

    def _receive(self, now_ms):
        data = self._faults.attempt("link", b"", self._line.read)
        return self.link.receive(data, now_ms) if data else ()

    def _send(self, now_ms):
        out = self._unsent or self.link.step(now_ms)
        if out:
            taken = self._faults.attempt("link", len(out), self._line.write, out, self.link.busy)
            self._unsent = out[taken:] if taken < len(out) else b""

    def _take(self, events, now_ms):
        for_kiosk = []
        for event in events:
            if isinstance(event, Correction) or hasattr(event, "query_id"):
                for_kiosk.append(event)
            elif isinstance(event, Acked):
                if event.epoch == self._log.journal.epoch:
                    self._log.journal.release(event.gateway_seq, event.centre_seq)
            elif isinstance(event, Time):
                self._clock.hear(event, now_ms, self._log)
            elif isinstance(event, RosterPiece):
                self._learn(event)
            elif isinstance(event, BoardPolicy):
                self._judge.adopt(event)
                self.kept.put(event.pack())
                self._status_ms = None
            elif hasattr(event, "bundle") and self.bring is not None:
                self.bring(event)
            elif isinstance(event, Conflict):
                self._faults.begin("epoch", "gateway has more")
        return for_kiosk

    def _learn(self, piece):
        """Take a piece of the roster; a gap is not taken, and the status then asks again."""
        arguments = piece.id, piece.from_rev, piece.to_rev, piece.reset, piece.entries
        if self._faults.attempt("roster", False, self._roster.apply, *arguments) and piece.last:
            now = self._clock.now()
            if now.trust:
                self._faults.attempt("roster", None, self._roster.touch, now.seconds)
        self._status_ms = None

    def _tell_status(self, now_ms):
        """Hand the link a fresh status: every few seconds, and when something that matters changed."""
        bits = self._faults.bits()
        if self._status_ms is not None and bits == self._fault_bits:
            if elapsed_ms(now_ms, self._status_ms) < STATUS_EVERY_MS:
                return
        self._status_ms = now_ms
        self._fault_bits = bits
        stamp = self._clock.now()
        status = Status()
        status.utc_s = stamp.seconds
        status.trust = stamp.trust
        status.uncertainty = stamp.uncertainty
        status.roster_id = self._roster.id
        status.roster_revision = self._roster.revision
        status.roster_count = self._roster.count
        status.fill_percent = self._log.journal.fill_percent()
        status.battery_mv = self.battery_mv
        status.faults = bits
        status.firmware = self._firmware
        status.policy_version = self._judge.policy_heard
        self.link.set_status(status)
