"""From a card to what can be said of it: the gateway is asked and the card proven meanwhile.

The gateway judges a card as if it were proven as the policy asks; what it was proven as is weighed in here.
"""

from checkpost import record
from checkpost.downward import Answer
from checkpost.ticks import elapsed_ms
from kiosk.last import Last


class Waiting:
    """One card at a time. `prover()` returns a kiosk.proving.Proving; `log`, `judge`, `uplink` as in this package."""

    def __init__(self, log, judge, uplink, prover):
        self._log = log
        self._judge = judge
        self._uplink = uplink
        self._prover = prover
        self._proving = None
        self._entry = None
        self._said = None
        self._unasked = False
        self._since_ms = 0
        self.last = None
        self.spent = False  # a key was at hand: what is left of it in the heap is to be overwritten

    def begin(self, uid, sak, direction, stamp, now_ms):
        """Take a tap, or a traveller without a card (an empty UID)."""
        crossing = record.Crossing(uid, direction, 1, record.UID if uid else record.NONE)
        self.last = Last(0, crossing, stamp)
        self._since_ms = now_ms
        self._said = self._entry = None
        self._unasked = bool(uid) and self._uplink.up() and not self._log.broken()
        asked = self._judge.policy.assurance
        self._proving = self._prover() if uid and asked > record.UID else None
        if self._proving is not None:
            self._prepare(uid, sak, asked)
        if self._unasked and not self.busy_reading():
            self._ask(now_ms)

    def busy_reading(self):
        """Return True while the card's own message is read, which goes with the question."""
        return self._unasked and self._proving is not None and self._proving.reading()

    def live(self):
        """Return True if the card of this tap answered as the genuine one does."""
        return self._proving is not None and self._proving.live()

    def pending(self):
        """Return True while something is awaited."""
        if self._proving is not None and self._proving.busy():
            return True
        return self._unasked or (self._said is None and bool(self.last.query_id))

    def hear(self, event):
        """Take what the gateway says of a query: a key or counter of the card, then its answer."""
        if event.query_id != self.last.query_id:
            return
        if event.TYPE == Answer.TYPE:
            self._said = event
        elif hasattr(event, "key"):
            self.spent = True
            if self._proving is not None:
                self._proving.offer(event.key, event.version)
        else:
            self.last.crossing.assurance = record.SUN
            self.last.crossing.counter = event.counter

    def step(self, now_ms):
        """Go on; return (what is found, age of what it is made from as a code) when all is known, else None."""
        over = elapsed_ms(now_ms, self._since_ms) >= self._uplink.patience_ms
        proving = self._proving
        if proving is not None and proving.busy():
            if over and proving.searching():
                proving.end()
            else:
                proving.step(now_ms)
        if self._unasked and not self.busy_reading():
            self._ask(now_ms)
        if proving is not None and proving.busy():
            return None
        if self._said is None and self.last.query_id and not over and self._uplink.up():
            return None
        return self._weigh()

    def _prepare(self, uid, sak, asked):
        """Begin the proof with the roster's key; without one, a policy that takes a signed message has it read."""
        self._proving.begin(uid, sak)
        self._entry = self._judge.lookup(uid)
        key = self._judge.key_in(self._entry)
        if key is not None:
            self.spent = True
            self._proving.offer(*key)
        elif asked == record.SUN and self._unasked:
            self._proving.read()

    def _ask(self, now_ms):
        """Ask the gateway as if the card were proven as the policy asks."""
        self._unasked = False
        last = self.last
        if self._proving is not None:
            last.crossing.assurance = self._judge.policy.assurance
        draft = self._log.draft(record.CROSSING, last.crossing.pack(), last.stamp)
        last.crossing.assurance = record.UID
        message = self._proving.message if self._proving is not None else None
        last.query_id = self._uplink.ask(draft, now_ms, message)

    def _weigh(self):
        """Return what can be said of the card as it was proven."""
        crossing, said = self.last.crossing, self._said
        genuine = True
        if self._proving is not None:
            self._proving.end()
            genuine = not self._proving.false()
            if self._proving.live():
                crossing.assurance = record.LIVE
        if said is None:
            return self._judge.verdict(crossing, self.last.stamp, genuine, self._entry)
        crossing.online = True
        return self._judge.weigh(said, crossing, genuine), said.age_code
