"""Pages that are seen a few times a week: `kiosk.pages.Pages.draw` loads them when they are."""

from kiosk import lettering
from kiosk.lettering import LETTER
from kiosk.pages import PICTURE_X
from kiosk.script import WIDTH
from kiosk.texts import filled

_COUNT_WIDTH = 43
_COUNTS_Y = (15, 28)

# Small marks of 8 x 8 points in columns, top point least: GO, ASK, CANNOT VERIFY, admitted, referred, turned back.
_MARKS = (
    b"\x30\x60\xc0\x60\x30\x18\x0c\x06"
    b"\x02\x03\x01\xb1\xb9\x0f\x06\x00"
    b"\x3c\x42\xa1\x91\x89\x85\x42\x3c"
    b"\x18\x18\x18\x18\xff\x7e\x3c\x18"
    b"\x08\x0c\x0e\xff\xff\x0e\x0c\x08"
    b"\x18\x3c\x7e\xff\x18\x18\x18\x18"
)


def shift(pages, view, shift):
    """The count of a shift (kiosk.shift.Shift): a row of verdicts, one of outcomes, persons, and what ends it."""
    pages.clear(view)
    if not shift.counted:
        lettering.draw_hourglass(pages.pen, *pages.picture)
        pages.lines(*pages.texts("shift-counting"))
        return
    for place, count in enumerate(shift.verdicts + shift.outcomes):
        x, y = place % 3 * _COUNT_WIDTH, _COUNTS_Y[place // 3]
        _draw_mark(pages.pen, place, x, y)
        pages.pen.text(str(count) if count < 10_000 else "%dk" % (count // 1000), x + 9, y)
    persons = filled(pages.texts("shift-persons")[0], (shift.persons,))
    pages.lines(persons, pages.texts("shift-done" if shift.ended else "shift-ask")[0])


def settings(pages, error):
    """A SettingsError: the field on two lines if its name is long, and what it should be."""
    pages.clear(None)
    lettering.draw_fault(pages.pen, PICTURE_X, 14)
    pages.script.heading(pages.texts("settings")[0])
    letters = WIDTH // 8
    dot = error.field.find(".") + 1 if len(error.field) > letters else 0
    upper, lower, last = pages.script.field_y
    pages.pen.text(error.field[:dot] if dot else error.field, 0, upper)
    pages.pen.text(error.field[dot:] if dot else "", 0, lower)
    pages.script.write(filled(pages.texts("set-" + error.rule)[0], error.numbers), 0, last)


def _draw_mark(pen, number, x, y):
    """The small form of an answer's (0 to 2) or an outcome's (3 to 5) picture, its upper left corner at (x, y)."""
    for column in range(LETTER):
        for row in range(LETTER):
            pen.fb.pixel(x + column, y + row, _MARKS[LETTER * number + column] >> row & 1)
