"""The parts of a kiosk and one turn of its loop. `kiosk.assembly` puts them together."""

from checkpost.once import forget
from checkpost.record import BOOT, UID
from checkpost.ticks import elapsed_ms
from kiosk.kiosk import IDLE, READING
from kiosk.version import VERSION

REOPEN_EVERY_MS = 10_000  # how often a journal chip that failed is tried again; a try blocks up to a second


class Hardware:
    """Drivers by name: reader, flash, rtc, oled, bar, buzzer, buttons (a dict), line, battery, watchdog (or None).

    `errors` is the tuple of what drivers raise, `cause` the port's number for why the board started, `memory` is
    like `gc` (or None: nobody looks after it). `card()` loads the card's driver: its class and its module of errors;
    `radio()` the radio's: the chip and its module. `scrub()` overwrites the memory that nobody holds (or None).
    """

    memory = None
    scrub = None


class App:
    """`hardware` as Hardware, `settings` as settings.Settings, `ticks` like `time`, `random(n)` gives n bytes."""

    def __init__(self, hardware, settings, ticks, random):
        self._hardware = hardware
        self._ticks = ticks
        self._random = random
        self._proving = None
        self._reading = False
        from kiosk.assembly import assemble

        assemble(self, hardware, settings, ticks, random)
        forget("kiosk.assembly")
        self._opened_ms = ticks.ticks_ms()
        self._records = ()  # the newest of the journal, for the start alone; None after it
        self._crowded = False
        self._boot_noted = False
        self.trial = None  # kiosk.trial.Trial, while a new firmware has to prove itself

    def start(self):
        """Switch the parts on, read the journal, and show what stands. A part that fails is a fault, no more."""
        self.panel.start()
        self._open_journal()
        self.clock.start(self._records)
        self._note_boot()
        self.cards.start(self._ticks.ticks_ms())
        now_ms = self._ticks.ticks_ms()
        self.kiosk.start(self._records, now_ms)
        self._records = None
        forget("kiosk.resume")
        self.kiosk.step(now_ms)

    def step(self):
        """Do one turn; return True if the next one is due at once."""
        now_ms = self._ticks.ticks_ms()
        self._look_at_buttons(now_ms)
        self._look_at_cards(now_ms)
        self._talk()
        now_ms = self._ticks.ticks_ms()
        self.kiosk.step(now_ms)
        self.panel.step(now_ms)
        self.care.report("panel")
        self._tidy(now_ms)
        self.care.step(now_ms)
        self.uplink.battery_mv = self.care.battery_mv
        self.view.battery = self.care.battery_quarters()
        self.panel.dim(self.faults.has("battery"))
        if self.trial is not None:
            self.trial.step(now_ms)
        return self.uplink.busy()

    def _look_at_buttons(self, now_ms):
        for name in self._hardware.buttons:
            what = self._hardware.buttons[name].step(now_ms)
            if what is not None:
                # The time after the press was seen: what ended before it has ended for the press, too.
                seen_ms = self._ticks.ticks_ms()
                self.kiosk.expire(seen_ms)
                self.kiosk.button(name, what, seen_ms)
        self.care.report("buttons")

    def _look_at_cards(self, now_ms):
        self.care.report("cards")
        if self.kiosk.state == READING:
            self._reading = True
            return  # one traveller at a time; the next card is found when this one is answered
        if self._reading:
            self._reading = False
            if self.waiting.live():
                self.cards.answered(now_ms)  # it lay there all the time, however long that took
        found = self.cards.step(now_ms)
        if found is not None:
            if self.trial is not None:
                self.trial.card = True
            seen_ms = self._ticks.ticks_ms()
            self.kiosk.expire(seen_ms)
            self.kiosk.card(found, self.cards.sak, seen_ms)
        if self.cards.crowded() != self._crowded:
            self._crowded = not self._crowded
            self.kiosk.crowd(self._crowded, now_ms)

    def _talk(self):
        now_ms = self._ticks.ticks_ms()
        for event in self.uplink.step(now_ms):
            if hasattr(event, "query_id"):
                self.kiosk.heard(event, self._ticks.ticks_ms())
            else:
                self.kiosk.corrected(event, self._ticks.ticks_ms())
        self.care.report("link")

    def _tidy(self, now_ms):
        """The quiet work of journal and roster, a bounded slice; and the journal's own faults."""
        self.care.report("journal")
        self.clock.step(now_ms)
        if self.log.full():
            if self.journal.fill_percent() < 100:
                self.faults.end("log")
        elif not self.uplink.open or self.log.broken():
            if elapsed_ms(now_ms, self._opened_ms) >= REOPEN_EVERY_MS:
                self._open_journal()
        elif self.kiosk.state != READING:
            self.faults.attempt("log", None, self.journal.step, now_ms)
            if self.kiosk.state == IDLE:
                if self.judge.policy.assurance > UID:
                    self.prover()  # no tap has to wait for its code, or finds no memory for it
                self.faults.attempt("roster", None, self.roster.step, now_ms)
                self._keep(now_ms)
                if self.uplink.updating is not None:
                    self.uplink.updating.step(now_ms)
        if self.waiting.spent and self.kiosk.state != READING:
            self.waiting.spent = False
            if self._hardware.scrub is not None:
                self._hardware.scrub()
        self._note_boot()
        self.log.write_news()
        if not self.log.broken():
            self.log.write_notes("log", self.journal.faults)
            self.log.write_notes("roster", self.roster.faults)

    def prover(self):
        """Return what proves cards; its code, 12 KB, is loaded in a quiet moment once the policy asks for it."""
        if self._proving is None:
            from kiosk.proving import Proving

            hardware = self._hardware
            self._proving = Proving(hardware.reader, hardware.card, self._random, self.faults)
        return self._proving

    def _keep(self, now_ms):
        if not self.kept.broken:
            self.faults.attempt("state", None, self.kept.step, now_ms)
        else:
            self.faults.begin("state", "sectors 2 and 3")

    def _note_boot(self):
        """Write the boot record, once, before all others of this start: it parts their uptimes from earlier ones."""
        if self.uplink.open and not self._boot_noted and not self.log.broken():
            self._boot_noted = bool(self.log.write(BOOT, bytes((self._hardware.cause & 0xFF,) + VERSION)))

    def _open_journal(self):
        self._opened_ms = self._ticks.ticks_ms()
        if self.faults.attempt("log", False, self._open_flash):
            self.log.opened = True
            self.faults.attempt("roster", None, self.roster.open)
            self.judge.recall(self.faults.attempt("state", b"", self.kept.open))
            self.uplink.begin(self._opened_ms)

    def _open_flash(self):
        self._hardware.flash.identify()
        self.journal.open()
        if self._records is not None:
            from kiosk.resume import newest

            self._records = newest(self.journal)
        return True
