"""Every word a guard reads, by message id: the English ones here, Korean and Chinese in texts_ko and texts_zh.

A language is one text, not a dict: on a board seventy small objects take three times the room. A message is
`id=line` or `id=line|line`; a line that begins with # is for translators. A line is 16 Latin letters or 10 square
ones wide. A new message is written in all languages; then `python -m tools.lettering` and `python -m tests.golden`.
"""

from kiosk.errors import LetteringError
from kiosk.script import LETTER, WIDTH

ENGLISH = """
permitted=GO
refer=ASK
unverifiable=CANNOT|VERIFY
admitted=ADMIT
referred=REFER
turned_back=TURNED|BACK
reading=WAIT
idle=TAP|CARD
one-card=ONE|CARD
fault=FAULT
log-broken=LOG|BROKEN
log-full=LOG|FULL
reader-broken=READER|BROKEN
settings=SETUP
stopped=STOP
# What stands in the bars.
entry=IN
exit=OUT
link-up=Gateway ok
link-down=No gateway
clock-unset=--:--
# The lines below a large word.
ok=Permit is valid
checked-here=Checked offline.
more=more
wait-gateway=Asking gateway|Keep card ready
one-card-please=Two cards seen.|Tap one alone.
recorded=Written down.
recorded-change=Wrong? Press new
use-paper=Use paper form.|Tell technician.
restart=Starts again.|Tell technician.
# The count of a shift; %d is a number, ADMIT is what the button is called.
shift-counting=Counting records|Please wait.
shift-persons=%d persons
shift-ask=New shift? ADMIT
shift-done=Shift is closed.
# An answer that a restart interrupted: the persons who were added have to be added again.
count-again=Recount persons.
# Reasons, as the rules name them.
no-permit=No permit card
card-not-genuine=Card not genuine
unknown-card=Card not known
card-blocked=Card is blocked
application-not-approved=Permit is not|approved
not-yet-valid=Not valid yet
expired=Permit has ended
wrong-crossing-point=Permit is for|another point
entries-exhausted=All entries used
overstay=Stayed too long
outside-zone=Permit is for|another zone
reception-incomplete=Reception stay|not finished
party-too-large=Too many persons
# Causes of an answer that cannot be given.
clock-untrusted=Clock is not set
stale-roster=Permit list is|too old
card-unproven=Card not proven
history-incomplete=Earlier trips|not known here
not-on-roster=Card not on the|list held here
# Notes.
missing-exit=No exit on file
missing-entry=No entry on file
frequent=Crosses often
impossible-travel=Seen far away
# Faults: what is broken, and what to do.
fault-reader=Press NO CARD.|Tell technician.
fault-clock=Clock not set:|no dates checked
fault-screen=Screen broken.|Tell technician.
fault-log=Log broken.|Use paper form.
fault-roster=List broken: ask|the gateway.
fault-lights=Lights broken.|Tell technician.
fault-sound=Buzzer broken.|Tell technician.
fault-buttons=A button is|stuck.
fault-link=Line broken.|Tell technician.
fault-epoch=Log number used.|Tell technician.
fault-battery=Battery is low.|Tell technician.
fault-program=Program error.|Tell technician.
fault-memory=Memory is short.|Tell technician.
fault-state=Policy not kept.|Tell technician.
log-80=Log 80% full
log-95=Log 95% full!
# What a wrong field of settings.json should be; numbers are put in for %d.
set-missing=missing
set-range=%d to %d
set-length=text, %d-%d
set-word=unknown word
set-flag=true or false
set-hex=%d hex digits
set-json=not JSON
set-long=too long
set-object=not an object {}
"""

LANGUAGES = ("en", "ko", "zh")


class Texts:
    """The texts of one language; ids it lacks are English. `glyphs` are its letters, None where framebuf has them.

    `folder` holds the files of letters. LetteringError if the language's file is missing or damaged.
    """

    def __init__(self, language="en", folder="lettering"):
        self.glyphs = None if language == "en" else _glyphs(folder + "/" + language + ".bin")
        self._words = words(language)

    def __call__(self, name):
        """Return the lines of a message; an id that nobody knows is shown as it is, cut to a line."""
        return _find(self._words, name) or _find(ENGLISH, name) or (name[:16],)

    def title(self, name, code, lane):
        """Return what the idle page calls the board: place (its code where letters are lacking) and lane, on a line."""
        room = WIDTH - LETTER * (len(lane) + 1)
        if self.glyphs is None:
            name = name if all(" " <= letter <= "~" for letter in name) else code
            return name[: room // LETTER] + " " + lane
        name = name if self.glyphs.can_write(name) else code
        while self.glyphs.width(name) > room:
            name = name[:-1]
        return name + " " + lane


def texts_of(language, folder="lettering"):
    """Return a language's Texts and an empty string, or the English ones and what is wrong with the language's."""
    try:
        return Texts(language, folder), ""
    except LetteringError as error:
        return Texts(), str(error)


def words(language):
    """Return the text of a language. The others are not loaded: each takes 3 KB."""
    if language == "ko":
        from kiosk.texts_ko import KOREAN

        return KOREAN
    if language == "zh":
        from kiosk.texts_zh import CHINESE

        return CHINESE
    return ENGLISH


def names(language):
    """Return the ids of all messages of a language."""
    return [line.split("=")[0] for line in words(language).split("\n") if line and line[0] != "#"]


def _glyphs(path):
    from kiosk.glyphs import Glyphs

    return Glyphs(path)


def _find(words, name):
    start = words.find("\n" + name + "=")
    if start < 0:
        return None
    start += len(name) + 2
    return tuple(words[start : words.find("\n", start)].split("|"))
