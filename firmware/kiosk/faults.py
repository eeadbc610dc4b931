"""What is broken, from when to when. The one place where a part's error turns into a state that people see."""

# Codes of fault records and bits of the status message; SPEC.md, "Faults". A code is never given twice.
PARTS = (
    "reader",
    "clock",
    "screen",
    "log",
    "roster",
    "lights",
    "sound",
    "buttons",
    "link",
    "battery",
    "program",
    "epoch",
    "memory",
    "state",
)

BEGAN = 1
ENDED = 2
NOTED = 3  # something was wrong that the part lives with: a bad sector, a roster to be sent anew
MAX_NEWS = 24  # changes kept while the journal takes nothing: each part begun and ended about once
MAX_TEXT = 17  # letters of a cause that fit into a record's body


class Faults:
    """The parts that do not work. `part_errors` is a tuple of what drivers raise."""

    def __init__(self, part_errors):
        self.part_errors = part_errors
        self._broken = {}
        self.news = []  # changes that are not written down yet, oldest first: (part, BEGAN or ENDED, cause)
        self.lost_news = 0

    def attempt(self, part, default, action, *arguments):
        """Return `action(*arguments)` and end the part's fault, or begin one and return `default`."""
        try:
            found = action(*arguments)
        except self.part_errors as error:
            self.note(part, error)
            return default
        self.end(part)
        return found

    def note(self, part, error):
        """Begin a fault with what a driver raised as its cause."""
        self.begin(part, _cause(error))

    def begin(self, part, cause=""):
        """Note that a part is broken; the first cause of a fault stands until it ends."""
        if part not in self._broken:
            self._broken[part] = cause
            self._tell(part, BEGAN, cause)

    def end(self, part):
        """Note that a part works."""
        if part in self._broken:
            del self._broken[part]
            self._tell(part, ENDED, "")

    def has(self, part):
        """Return True while a part is broken."""
        return part in self._broken

    def standing(self):
        """Return the names of what is broken, in the order of PARTS."""
        return [part for part in PARTS if part in self._broken] if self._broken else ()

    def cause(self, part):
        """Return why a part counts as broken, or an empty text."""
        return self._broken.get(part, "")

    def bits(self):
        """Return the broken parts as bits, PARTS[0] least."""
        found = 0
        for part in self._broken:
            found |= 1 << PARTS.index(part)
        return found

    def _tell(self, part, change, cause):
        if len(self.news) < MAX_NEWS:
            self.news.append((part, change, cause))
        else:
            self.lost_news += 1


def pack_fault(part, change, cause):
    """Return a fault record's body, 19 bytes: part code, change, up to 17 letters of the cause."""
    text = cause.encode()[:MAX_TEXT]
    return bytes((PARTS.index(part), change)) + text + bytes(MAX_TEXT - len(text))


def _cause(error):
    """Return what a driver saw, without the chip's name where it gives it apart."""
    return getattr(error, "what", None) or str(error)
