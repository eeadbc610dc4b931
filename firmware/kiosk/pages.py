"""The pages of the 128 x 64 display. Each function draws one page from a `View`; none of them sends it.

Rows 0-8 are a bar (time, direction, party, gateway, records kept); rows 11-43 hold a pictogram and the large words;
rows 46-63 hold two lines of 16 letters. The whole answer is read from the large word and its pictogram alone.
"""

from checkpost import reasons as why
from checkpost.calendar import clock_of
from checkpost.record import OUTCOMES, UNSET
from kiosk import lettering

WIDTH = 128
LINE_LETTERS = 16
_RULE_Y = 9
_WORD_X = 32
_WORD_TOP = 12
_LINES_Y = (46, 56)
_PICTURE = (15, 28)
_VERDICT_PICTURES = (lettering.draw_tick, lettering.draw_question, lettering.draw_unknown)


class View:
    """What a page may show. Numbers as in a crossing record; `queue`: records the gateway has not yet got."""

    def __init__(self):
        self.seconds = 0
        self.offset = 0
        self.trust = UNSET
        self.direction = 0
        self.party = 1
        self.link = False
        self.queue = 0
        self.fill_percent = 0
        self.place = ""
        self.verdict = 0
        self.reasons = 0
        self.causes = 0
        self.notes = 0
        self.online = False
        self.outcome = 0
        self.fault = ""

    def key(self):
        """Return what an idle page depends on: equal keys draw equal pages."""
        return self.seconds // 60, self.trust, self.direction, self.link, self.queue, self.fill_percent, self.fault


class Pages:
    """Draws pages with `pen` (Lettering) in the words of `texts`."""

    def __init__(self, pen, texts):
        self._pen = pen
        self._texts = texts

    def answer(self, view):
        """The verdict of a tap with its reasons."""
        self._clear(view)
        _VERDICT_PICTURES[view.verdict](self._pen, *_PICTURE)
        self._words(why.VERDICTS[view.verdict])
        first, second = self.reason_lines(view)
        self._lines(first, second)

    def reason_lines(self, view):
        """Return the two lines below an answer: the primary reason first, how many more at the right."""
        names = why.names(view.reasons, why.REASONS) + why.names(view.causes, why.CAUSES)
        names += why.names(view.notes, why.NOTES)
        if view.verdict == why.PERMITTED:
            names.insert(0, "ok")
        if not names:
            return "", ""
        lines = self._texts(names[0])
        if len(lines) > 1:
            return lines[0], _with_more(lines[1], len(names) - 1)
        if len(names) > 1:
            second = self._texts(names[1])
            if len(second) == 1 and (len(names) == 2 or len(second[0]) <= LINE_LETTERS - 3):
                return lines[0], _with_more(second[0], len(names) - 2)
            return lines[0], "+%d %s" % (len(names) - 1, self._texts("more")[0])
        return lines[0], "" if view.online or view.reasons else self._texts("checked-here")[0]

    def recorded(self, view):
        """The outcome that was written down."""
        self._clear(view)
        if OUTCOMES[view.outcome] == "admitted":
            lettering.draw_arrow(self._pen, 15, 28, 1, 0)
        elif OUTCOMES[view.outcome] == "turned_back":
            lettering.draw_arrow(self._pen, 15, 28, -1, 0)
        else:
            lettering.draw_arrow(self._pen, 15, 28, 0, -1)
        self._words(OUTCOMES[view.outcome])
        self._lines(self._texts("recorded")[0], self._texts("recorded-change")[0])

    def reading(self, view):
        """A card was seen, the gateway is asked."""
        self._clear(view)
        lettering.draw_hourglass(self._pen, *_PICTURE)
        self._words("reading")
        self._lines(*self._texts("wait-gateway"))

    def idle(self, view):
        """At rest: tap a card. A fault that leaves the board working takes the lower lines."""
        if view.fault == "reader":
            self.fault(view, "reader-broken", "fault-reader")
            return
        self._clear(view)
        lettering.draw_card(self._pen, *_PICTURE)
        self._words("idle")
        if view.fault:
            self._pen.fb.fill_rect(0, 45, WIDTH, 19, 1)
            for y, line in zip(_LINES_Y, self._texts("fault-" + view.fault)):
                self._pen.text(line, 0, y, 1, 0)
            return
        second = self._texts("link-up" if view.link else "link-down")[0]
        if view.fill_percent >= 80:
            second = self._texts("log-95" if view.fill_percent >= 95 else "log-80")[0]
        self._lines(view.place, second)

    def one_card(self, view):
        """Two cards lie at the reader."""
        self._clear(view)
        lettering.draw_card(self._pen, *_PICTURE)
        self._words("one-card")
        self._lines(*self._texts("one-card-please"))

    def fault(self, view, word, advice):
        """A fault that stops the work: ids of the large words and of two lines; `view` is None before there is one."""
        self._clear(view)
        lettering.draw_fault(self._pen, *_PICTURE)
        self._words(word)
        self._lines(*self._texts(advice))

    def settings(self, field, what):
        """A wrong field of settings.json: its name on two lines if it is long, and what it should be."""
        self._clear(None)
        lettering.draw_fault(self._pen, _PICTURE[0], 14)
        self._pen.text(self._texts("settings")[0], _WORD_X + 4, 6, 2)
        dot = field.find(".") + 1 if len(field) > LINE_LETTERS else 0
        self._pen.text(field[:dot] if dot else field, 0, 34)
        self._pen.text(field[dot:] if dot else "", 0, 44)
        self._pen.text(what, 0, 54)

    def _clear(self, view):
        self._pen.fb.fill(0)
        if view is not None:
            self.bar(view)

    def bar(self, view):
        """Draw the bar anew: time, direction, party (when more than one), gateway, records it has not got."""
        pen = self._pen
        pen.fb.fill_rect(0, 0, WIDTH, _RULE_Y, 0)
        if view.trust == UNSET:
            clock = self._texts("clock-unset")[0]
        else:
            clock = "%02d:%02d" % clock_of(view.seconds, view.offset)[:2]
        pen.text(clock, 0, 0)
        pen.text(self._texts("exit" if view.direction else "entry")[0], 45, 0)
        if view.party > 1:
            pen.text("x%d" % view.party, 73, 0)
        queue = short_count(view.queue) if view.queue else ""
        pen.text(queue, WIDTH - 8 * len(queue), 0)
        _link_mark(pen.fb, 98, view.link)
        pen.fb.hline(0, _RULE_Y, WIDTH, 1)

    def _words(self, name):
        """Write the large words: one of up to four letters three times as large, else lines twice as large."""
        lines = self._texts(name)
        if len(lines) == 1 and len(lines[0]) <= 4:
            self._pen.text(lines[0], _WORD_X + (96 - 24 * len(lines[0])) // 2, _WORD_TOP + 4, 3)
            return
        top = _WORD_TOP + (8 if len(lines) == 1 else 0)
        for number, line in enumerate(lines):
            self._pen.text(line, _WORD_X + (96 - 16 * len(line)) // 2, top + 16 * number, 2)

    def _lines(self, first, second):
        self._pen.text(first[:LINE_LETTERS], 0, _LINES_Y[0])
        self._pen.text(second[:LINE_LETTERS], 0, _LINES_Y[1])


def short_count(number):
    """Return a count in at most three letters: 7, 999, 12k."""
    return str(number) if number < 1000 else "%dk" % min(99, number // 1000)


def _with_more(line, more):
    """Return the line with `+n` at its right end when `more` reasons are not shown."""
    if not more:
        return line
    mark = "+%d" % more
    return line[: LINE_LETTERS - len(mark)] + " " * (LINE_LETTERS - len(line) - len(mark)) + mark


def _link_mark(fb, x, up):
    """Two arrows (up and down) while the gateway is heard, a cross while it is not: 7 x 7 points."""
    if not up:
        fb.line(x, 0, x + 6, 6, 1)
        fb.line(x, 6, x + 6, 0, 1)
        return
    for column, top in ((x + 1, True), (x + 5, False)):
        fb.vline(column, 0, 7, 1)
        tip = 1 if top else 5
        fb.hline(column - 1, tip, 3, 1)
