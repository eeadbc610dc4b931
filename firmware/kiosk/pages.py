"""The pages of the 128 x 64 display. Each function draws one page from a `View`; none of them sends it.

Rows 0-8 are a bar (time, direction, party, gateway, records kept); below it stand a pictogram and the large words;
below those two lines. The script of the language says where. The whole answer is read from the large word and its
pictogram alone.
"""

from checkpost import reasons as why
from checkpost.calendar import clock_of
from checkpost.const import const
from checkpost.once import forget
from checkpost.record import OUTCOMES, UNSET
from kiosk import lettering
from kiosk.script import WIDTH, Latin, cut

HEIGHT = 64
_RULE_Y = const(9)
PICTURE_X = 15
_DIRECTION_X = const(45)
_MORE_WIDTH = const(24)  # room for "+2" behind a second reason
_VERDICT_PICTURES = (lettering.draw_tick, lettering.draw_question, lettering.draw_unknown)


_NO_BATTERY = const(-1)  # nothing is measured


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
        self.battery = _NO_BATTERY  # quarters of its charge
        self.again = False

    def key(self):
        """Return what an idle page depends on: equal keys draw equal pages."""
        link = self.link, self.queue, self.fill_percent
        return self.seconds // 60, self.trust, self.direction, link, self.fault, self.battery


class Pages:
    """Draws pages with `pen` (Lettering) in the words of `texts`."""

    def __init__(self, pen, texts):
        self.pen = pen
        self.texts = texts
        self.script = Latin(pen) if texts.glyphs is None else _wide(pen, texts.glyphs)
        self.picture = PICTURE_X, self.script.picture_y

    def draw(self, name, *arguments):
        """Draw a page by its name; one that is seen a few times a week is loaded for it (kiosk.rarepages)."""
        page = getattr(self, name, None)
        if page is not None:
            page(*arguments)
            return
        from kiosk import rarepages

        getattr(rarepages, name)(self, *arguments)
        forget("kiosk.rarepages")

    def answer(self, view):
        """The verdict of a tap with its reasons."""
        self.clear(view)
        y = self.script.asking_y if view.verdict == why.REFER else self.script.picture_y
        _VERDICT_PICTURES[view.verdict](self.pen, PICTURE_X, y)
        self._words(why.VERDICTS[view.verdict])
        self.lines(*self.reason_lines(view))

    def reason_lines(self, view):
        """Return the two lines below an answer, the primary reason first, and how many more there are."""
        names = why.names(view.reasons, why.REASONS) + why.names(view.causes, why.CAUSES)
        names += why.names(view.notes, why.NOTES)
        if view.verdict == why.PERMITTED:
            names.insert(0, "ok")
        if not names:
            return "", "", 0
        lines = self.texts(names[0])
        if len(lines) > 1:
            return lines[0], lines[1], len(names) - 1
        if len(names) > 1:
            second = self.texts(names[1])
            if len(second) == 1 and (len(names) == 2 or self.script.width(second[0]) <= WIDTH - _MORE_WIDTH):
                return lines[0], second[0], len(names) - 2
            return lines[0], "+%d %s" % (len(names) - 1, self.texts("more")[0]), 0
        if view.again:
            return lines[0], self.texts("count-again")[0], 0
        return lines[0], "" if view.online or view.reasons else self.texts("checked-here")[0], 0

    def recorded(self, view):
        """The outcome that was written down."""
        self.clear(view)
        if OUTCOMES[view.outcome] == "admitted":
            lettering.draw_arrow(self.pen, *self.picture, 1, 0)
        elif OUTCOMES[view.outcome] == "turned_back":
            lettering.draw_arrow(self.pen, *self.picture, -1, 0)
        else:
            lettering.draw_arrow(self.pen, *self.picture, 0, -1)
        self._words(OUTCOMES[view.outcome])
        self.lines(self.texts("recorded")[0], self.texts("recorded-change")[0])

    def reading(self, view):
        """A card was seen, the gateway is asked."""
        self.clear(view)
        lettering.draw_hourglass(self.pen, *self.picture)
        self._words("reading")
        self.lines(*self.texts("wait-gateway"))

    def idle(self, view):
        """At rest: tap a card. A fault that leaves the board working takes the lower lines."""
        if view.fault == "reader":
            self.fault(view, "reader-broken", "fault-reader")
            return
        self.clear(view)
        lettering.draw_card(self.pen, *self.picture)
        self._words("idle")
        if view.fault:
            self.pen.fb.fill_rect(0, self.script.band_y, WIDTH, HEIGHT - self.script.band_y, 1)
            for y, line in zip(self.script.lines_y, self.texts("fault-" + view.fault)):
                self.script.write(line, 0, y, 0)
            return
        second = self.texts("link-up" if view.link else "link-down")[0]
        if view.fill_percent >= 80:
            second = self.texts("log-95" if view.fill_percent >= 95 else "log-80")[0]
        self.lines(view.place, second)

    def one_card(self, view):
        """Two cards lie at the reader."""
        self.clear(view)
        lettering.draw_card(self.pen, *self.picture)
        self._words("one-card")
        self.lines(*self.texts("one-card-please"))

    def fault(self, view, word, advice):
        """A fault that stops the work: ids of the large words and of two lines; `view` is None before there is one."""
        self.clear(view)
        lettering.draw_fault(self.pen, *self.picture)
        self._words(word)
        self.lines(*self.texts(advice))

    def clear(self, view):
        """Begin a page: dark, with the bar where there is a view."""
        self.pen.fb.fill(0)
        if view is not None:
            self.bar(view)

    def bar(self, view):
        """Draw the bar anew: time, direction, party or else battery, gateway, records it has not got."""
        pen = self.pen
        pen.fb.fill_rect(0, 0, WIDTH, _RULE_Y, 0)
        if view.trust == UNSET:
            clock = self.texts("clock-unset")[0]
        else:
            clock = "%02d:%02d" % clock_of(view.seconds, view.offset)[:2]
        pen.text(clock, 0, 0)
        if view.party > 1:
            pen.text("x%d" % view.party, 73, 0)
        elif view.battery != _NO_BATTERY:
            _battery_mark(pen.fb, 76, view.battery)
        queue = short_count(view.queue) if view.queue else ""
        pen.text(queue, WIDTH - 8 * len(queue), 0)
        _link_mark(pen.fb, 98, view.link)
        pen.fb.hline(0, _RULE_Y, WIDTH, 1)
        self.script.direction(self.texts("exit" if view.direction else "entry")[0], _DIRECTION_X)

    def _words(self, name):
        self.script.large(self.texts(name))

    def lines(self, first, second="", more=0):
        """Write the two lines, with `+n` at the right end of the second when `more` reasons are not shown."""
        script = self.script
        upper, lower = script.lines_y
        mark = "+%d" % more if more else ""
        room = WIDTH - script.width(mark)
        script.write(cut(script, first, WIDTH), 0, upper)
        script.write(cut(script, second, room), 0, lower)
        script.write(mark, room, lower)


def short_count(number):
    """Return a count in at most three letters: 7, 999, 12k."""
    return str(number) if number < 1000 else "%dk" % min(99, number // 1000)


def _wide(pen, glyphs):
    """Return the script of square letters; a board that writes Latin does not load it."""
    from kiosk.wide import Wide

    return Wide(pen, glyphs)


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


def _battery_mark(fb, x, quarters):
    """A battery lying on its side, filled by quarters: 16 x 7 points."""
    fb.rect(x, 0, 14, 7, 1)
    fb.fill_rect(x + 14, 2, 2, 3, 1)
    for quarter in range(quarters):
        fb.fill_rect(x + 2 + 3 * quarter, 2, 2, 3, 1)
