"""Every word a guard reads, by language and message id. A line of the display holds 16 letters.

A language is one text, not a dict: on a board seventy small objects take three times the room. A message is
`id=line` or `id=line|line`; a line that begins with # is for translators.
"""

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
log-80=Log 80% full
log-95=Log 95% full!
"""

LANGUAGES = {"en": ENGLISH}


class Texts:
    """The texts of one language; ids it lacks are English."""

    def __init__(self, language="en"):
        self._words = LANGUAGES[language]

    def __call__(self, name):
        """Return the lines of a message; an id that nobody knows is shown as it is, cut to a line."""
        return _find(self._words, name) or _find(ENGLISH, name) or (name[:16],)


def names(language):
    """Return the ids of all messages of a language."""
    return [line.split("=")[0] for line in LANGUAGES[language].split("\n") if line and line[0] != "#"]


def _find(words, name):
    start = words.find("\n" + name + "=")
    if start < 0:
        return None
    start += len(name) + 2
    return tuple(words[start : words.find("\n", start)].split("|"))
