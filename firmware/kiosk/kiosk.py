"""The kiosk: from a card to an answer to what the guard did. A state machine that is given milliseconds.

Nothing is shown or heard before its record is durable. Without a record there is no answer at all.
"""

from checkpost import reasons as why
from checkpost import record
from checkpost.const import const
from checkpost.downward import Answer
from checkpost.ticks import elapsed_ms
from kiosk.guard import HELD, Guard
from kiosk.last import OPEN_S

IDLE, READING, ANSWER, RECORDED, FAULT, SHIFT = range(6)

_WAIT_PAGE_MS = const(60)  # a page that is replaced sooner is only flicker
ANSWER_MS = OPEN_S * 1000
_RECORDED_MS = const(5000)
_CORRECT_MS = const(120_000)  # an outcome can be corrected, and an answer called back, this long
_IDLE_EVERY_MS = const(500)  # the idle page shows minutes


class Kiosk:
    """`log`, `clock`, `judge`, `waiting`, `uplink`, `face` as in this package; `switched`: travellers go both ways.

    ADMIT, REFER and NO CARD act on the answer that stands. Until the next card they also correct an outcome: while
    its page stands at once, and at rest, within two minutes, after a first press that brings it back.
    DIRECTION held at rest shows the shift's count; ADMIT then ends the shift, every other button leaves it.
    """

    def __init__(self, log, clock, judge, waiting, uplink, face, switched):
        self._log = log
        self._clock = clock
        self._judge = judge
        self._uplink = uplink
        self._face = face
        self._guard = Guard(log, face, switched)
        self.state = IDLE
        self._last = None
        self._waiting = waiting
        self._since_ms = 0
        self._wait_shown = False
        self._anew = True
        self._refer_down = False

    def start(self, records, now_ms):
        """Show what stands: an answer that a restart interrupted, or the idle page. `records`: newest first."""
        from kiosk.resume import last_crossing, stands

        self._last = last_crossing(records)
        if self._last is not None:
            self._last.since_ms = now_ms
            if self._guard.switched:
                self._face.view.direction = self._last.crossing.direction
            if stands(self._last, self._clock.now()):
                self._answer(now_ms)
                return
        self._rest(now_ms)

    # What comes in.

    def card(self, uid, sak, now_ms):
        """A card was tapped; `sak` is what it said of itself in the anticollision."""
        if self.state != READING:
            self._begin(uid, sak, now_ms)

    def crowd(self, lying, now_ms):
        """Two cards lie at the reader, or no longer do."""
        self._face.crowd = lying
        if lying:
            self._face.sound("fault", now_ms)

    def button(self, name, what, now_ms):
        """A button: `name` is admit, refer, no_card or direction; `what` is press, hold or release."""
        if self.state == READING:
            return
        if self.state == SHIFT and what == "press" and name in ("refer", "direction"):
            self._face.sound("click", now_ms)
            self._rest(now_ms)
        elif name == "refer":
            self._refer(what, now_ms)
        elif name == "direction":
            self._turn(what, now_ms)
        elif what == "press":
            if name == "admit":
                self._admit(now_ms)
            elif name == "no_card":
                self._no_card(now_ms)

    def heard(self, event, now_ms):
        """What the gateway says of a query; an answer that is late is a correction."""
        if self.state == READING:
            self._waiting.hear(event)
            if not self._waiting.pending():
                self._look_on(now_ms)
        elif event.TYPE != Answer.TYPE:
            self._waiting.spent = True  # a key that nobody waits for any more
        elif self._last is not None and self._last.query_id and event.query_id == self._last.query_id:
            crossing = self._last.crossing
            self._correct(self._judge.weigh(event, crossing, not crossing.reasons & why.CARD_NOT_GENUINE), now_ms)

    def corrected(self, correction, now_ms):
        """The gateway judged a record otherwise than this board did."""
        if self._last is not None and correction.seq == self._last.seq:
            self._correct(correction, now_ms)

    def step(self, now_ms):
        """End what has lasted long enough, and keep the idle page fresh."""
        self.expire(now_ms)
        if self.state == READING:
            self._show_wait(now_ms)
        elif self.state == SHIFT:
            if not self._guard.step(now_ms):
                self._rest(now_ms)
        elif self.state == IDLE and (self._anew or self._age_ms(now_ms) >= _IDLE_EVERY_MS):
            self._since_ms = now_ms
            self._face.idle(self._anew)
            self._anew = False

    def expire(self, now_ms):
        """End what has lasted long enough, without drawing; an input that follows meets the right state."""
        age_ms = self._age_ms(now_ms)
        if self.state == READING:
            self._look_on(now_ms)
        elif self._log.broken() != (self.state == FAULT):
            self._stop_or_go_on(now_ms)
        elif self.state == ANSWER and age_ms >= ANSWER_MS:
            self._close()
            self._rest(now_ms)
        elif self.state == RECORDED and age_ms >= _RECORDED_MS:
            self._rest(now_ms)

    # A crossing, from card to answer.

    def _begin(self, uid, sak, now_ms):
        self._close()
        self._since_ms = now_ms
        self._wait_shown = False
        self.state = READING
        self._waiting.begin(uid, sak, self._face.view.direction, self._clock.now(), now_ms)
        if not self._waiting.pending():
            self._look_on(now_ms)

    def _show_wait(self, now_ms):
        if not self._wait_shown and self._age_ms(now_ms) >= _WAIT_PAGE_MS:
            self._wait_shown = True
            self._face.wait(self._waiting.last)

    def _look_on(self, now_ms):
        found = self._waiting.step(now_ms)
        if found is not None:
            self._conclude(*found, now_ms)

    def _conclude(self, found, age_code, now_ms):
        """Write the crossing down, then answer."""
        last = self._waiting.last
        last.judged(found, age_code)
        last.seq = self._log.write(record.CROSSING, last.crossing.pack(), last.stamp)
        if not last.seq:
            self._last = None
            self._stop(now_ms)
            return
        last.since_ms = now_ms
        self._last = last
        self._uplink.wake(now_ms)
        self._answer(now_ms)

    def _answer(self, now_ms, sound=None):
        """Give the answer of the last crossing, and take its outcome."""
        last = self._last
        crossing = last.crossing
        self._face.adopt(crossing.verdict, crossing.reasons, crossing.causes, last.notes, crossing.online)
        self.state = ANSWER
        self._since_ms = now_ms
        self._refer_down = False
        self._face.answer(last, now_ms, sound)

    def _correct(self, found, now_ms):
        """Show the gateway's other answer while the traveller is still near; what the guard did stays as it is."""
        view = self._face.view
        if self.state not in (ANSWER, RECORDED) or (found.verdict, found.reasons) == (view.verdict, view.reasons):
            return
        self._face.adopt(found.verdict, found.reasons, found.causes, found.notes, True)
        self._since_ms = now_ms
        self._face.answer(self._last, now_ms)

    # What the guard does.

    def _refer(self, what, now_ms):
        """A short press refers when it is let go; a second's press turns back."""
        if what == "press":
            self._refer_down = self._recall(now_ms)
        elif self._refer_down:
            self._refer_down = False
            self._record(record.TURNED_BACK if what == "hold" else record.REFERRED, now_ms)

    def _admit(self, now_ms):
        if self.state == SHIFT:
            if not self._guard.end(now_ms):
                self._stop(now_ms)
            self._uplink.wake(now_ms)
        elif self._recall(now_ms):
            self._record(record.ADMITTED, now_ms)

    def _recall(self, now_ms):
        """Return True if an outcome can be given now; at rest the first press brings the last crossing back instead."""
        if self.state in (ANSWER, RECORDED):
            return True
        if self.state == IDLE and self._last is not None:
            if elapsed_ms(now_ms, self._last.since_ms) < _CORRECT_MS:
                if self._last.outcome:
                    self._face.sound("click", now_ms)
                    self._show_recorded(now_ms)
                else:
                    self._answer(now_ms, "click")
        return False

    def _record(self, outcome, now_ms):
        """Write the outcome down, then confirm it."""
        last = self._last
        if last.outcome == outcome:
            self._face.sound("click", now_ms)
            return
        if not self._log.write(record.OUTCOME, record.pack_outcome(last.seq, outcome, last.party)):
            self._stop(now_ms)
            return
        last.outcome = outcome
        last.party_written = last.party
        self._uplink.wake(now_ms)
        self._face.sound("recorded", now_ms)
        self._show_recorded(now_ms)

    def _show_recorded(self, now_ms):
        self.state = RECORDED
        self._since_ms = now_ms
        self._face.recorded(self._last)

    def _no_card(self, now_ms):
        """While an answer stands: one more person; else a traveller without a card."""
        last = self._last
        if self.state != ANSWER:
            self._begin(b"", 0, now_ms)
        elif last.party < record.MAX_PARTY:
            last.party += 1
            self._since_ms = now_ms
            self._face.sound("click", now_ms)
            if not self._now_too_large(last, now_ms):
                self._face.party(last)

    def _now_too_large(self, last, now_ms):
        """Return True if one person more made the answer another one, and that was shown."""
        view = self._face.view
        if view.reasons & why.PARTY_TOO_LARGE or not self._judge.party_too_large(last.crossing.uid, last.party):
            return False
        was = view.verdict
        self._face.adopt(why.REFER, view.reasons | why.PARTY_TOO_LARGE, 0, view.notes, view.online)
        if was == why.REFER:
            return False
        self._face.answer(last, now_ms, "click-refer")
        return True

    def _turn(self, what, now_ms):
        """Change the direction, where it can be changed; never under a standing answer. Held: the shift's count."""
        done = self._guard.direction(what, self.state in (IDLE, RECORDED), now_ms)
        if done:
            self._rest(now_ms)
        if done == HELD:
            self.state = SHIFT

    def _close(self):
        """Leave the standing answer; a party that no outcome carries is written down by itself."""
        last = self._last
        if self.state == ANSWER and last.party != last.party_written:
            if self._log.write(record.OUTCOME, record.pack_outcome(last.seq, record.NO_OUTCOME, last.party)):
                last.party_written = last.party

    # At rest, and what stops the work.

    def _rest(self, now_ms):
        """Come to rest; the next quiet step draws it."""
        self.state = IDLE
        self._since_ms = now_ms
        self._anew = True

    def _age_ms(self, now_ms):
        return elapsed_ms(now_ms, self._since_ms)

    def _stop(self, now_ms):
        self.state = FAULT
        self._since_ms = now_ms
        self._face.stopped("log-full" if self._log.full() else "log-broken", now_ms)

    def _stop_or_go_on(self, now_ms):
        """The journal refuses, or takes records again: then an answer that waits for its outcome comes back."""
        last = self._last
        if self._log.broken():
            self._stop(now_ms)
        elif last is not None and not last.outcome and elapsed_ms(now_ms, last.since_ms) < ANSWER_MS:
            self._answer(now_ms)
        else:
            self._rest(now_ms)
