"""What the panel shows and sounds for each state of the kiosk; it keeps the one View that the pages draw from."""

from checkpost import reasons as why
from kiosk.pages import View

FAULT_TURN_S = 4  # several faults take turns on the idle page


class Face:
    """`panel`, `clock`, `uplink`, `faults` as in this package; `place` is what the idle page calls the board."""

    def __init__(self, panel, clock, uplink, faults, direction, place):
        self._panel = panel
        self._clock = clock
        self._uplink = uplink
        self._faults = faults
        self._idle_key = None
        self.view = View()
        self.view.direction = direction
        self.view.place = place
        self.crowd = False

    def adopt(self, verdict, reasons, causes, notes, online):
        """Take what an answer says, as codes."""
        view = self.view
        view.verdict = verdict
        view.reasons = reasons
        view.causes = causes
        view.notes = notes
        view.online = online

    def sound(self, name, now_ms):
        """Start a sound of kiosk.signals."""
        self._panel.sound(name, now_ms)

    def wait(self, last):
        """The gateway is asked about `last`."""
        self._look(last.stamp, last.party)
        self._panel.light("reading")
        self._panel.show("reading", self.view)

    def answer(self, last, now_ms, sound=None):
        """Sound first: whoever does not look hears it while the page is drawn."""
        name = why.VERDICTS[self.view.verdict]
        self._panel.sound(sound or name, now_ms)
        self._panel.light(name)
        self.party(last)

    def party(self, last):
        """Draw a standing answer again: a person was added."""
        self.view.again = last.again
        self._look(last.stamp, last.party)
        self._panel.show("answer", self.view)

    def recorded(self, last):
        """The outcome of `last` is durable."""
        self.view.outcome = last.outcome
        self._panel.light("off")
        self._look(last.stamp, last.party)
        self._panel.show("recorded", self.view)

    def idle(self, anew):
        """The idle page, drawn when something on it changed, or `anew` after another page."""
        self._look(self._clock.now(), 1)
        standing = self._faults.standing()
        self.view.fault = standing[self.view.seconds // FAULT_TURN_S % len(standing)] if standing else ""
        self._panel.light("fault" if standing else "off")
        key = self.view.key(), self.crowd
        if anew or key != self._idle_key:
            only_bar = not anew and key[0][1:] == self._idle_key[0][1:] and key[1] == self._idle_key[1]
            self._idle_key = key
            self._panel.show("bar" if only_bar else "one_card" if self.crowd else "idle", self.view)

    def shift(self, shift):
        """The count of a shift (kiosk.shift.Shift), or that it is being made."""
        self._panel.light("off")
        self._look(self._clock.now(), 1)
        self._panel.show("shift", self.view, shift)

    def stopped(self, word, now_ms):
        """No record, no answer: the guard is told to use paper. `word` is log-full or log-broken."""
        self._panel.sound("fault", now_ms)
        self._panel.light("fault")
        self._look(self._clock.now(), 1)
        self._panel.show("fault", self.view, word, "use-paper")

    def _look(self, stamp, party):
        """Put time, party and gateway into the view."""
        view = self.view
        view.seconds = stamp.seconds
        view.offset = stamp.offset
        view.trust = stamp.trust
        view.party = party
        view.link = self._uplink.up()
        view.queue = self._uplink.queue()
        view.fill_percent = self._uplink.fill_percent()
