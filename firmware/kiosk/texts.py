"""Every word a guard reads, by message id. The words lie in the folder `lettering`, in en.txt, ko.txt and zh.txt.

A message is `id=line` or `id=line|line`; a line that begins with # is for translators. A line is 16 Latin letters or
10 square ones wide. A new message is written in all languages; then `python -m tools.lettering` and
`python -m tests.golden`. A board holds no word in memory, but where each message lies in its language's file.
"""

import binascii
import struct

from checkpost.const import const
from kiosk.errors import LetteringError
from kiosk.script import LETTER, WIDTH

LANGUAGES = ("en", "ko", "zh")
FOLDER = __file__[: __file__.rfind("kiosk")] + "lettering/"  # beside the kiosk's own, in whatever tree a board runs
_LONGEST = const(128)  # bytes of a message's line


class Words:
    """The messages in a file, which stays open: each is read when it is asked for. LetteringError without the file."""

    def __init__(self, path):
        try:
            self._file = open(path, "rb")
            text = self._file.read()
        except OSError:
            raise LetteringError("words missing")
        index = bytearray()
        at = 0
        while at < len(text):
            end = text.find(b"\n", at) % (len(text) + 1)
            equals = text.find(b"=", at, end)
            if equals > 0 and text[at : at + 1] != b"#":
                index.extend(struct.pack("<HH", _digest(text[at:equals]), at))
            at = end + 1
        self._index = bytes(index)

    def find(self, name):
        """Return the lines of a message, None where the file has none of that id."""
        begin = name.encode() + b"="
        wanted = struct.pack("<H", _digest(begin[:-1]))
        for at in range(0, len(self._index), 4):
            if self._index[at : at + 2] == wanted:
                self._file.seek(struct.unpack("<H", self._index[at + 2 : at + 4])[0])
                line = self._file.read(_LONGEST).split(b"\n")[0]
                if line[: len(begin)] == begin:
                    return tuple(str(line[len(begin) :], "utf-8").split("|"))
        return None


class Texts:
    """The texts of one language. `glyphs` are its letters, None where framebuf has them.

    `folder` holds the files. LetteringError if the language's own are missing or damaged.
    """

    def __init__(self, language="en", folder=FOLDER):
        self.glyphs = None if language == "en" else _glyphs(folder + language + ".bin")
        self._words = Words(folder + language + ".txt")

    def __call__(self, name):
        """Return the lines of a message; an id that nobody knows is shown as it is, cut to a line."""
        return (self._words and self._words.find(name)) or (name[:16],)

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


class Ids(Texts):
    """Texts where the files are missing: each message is its own id."""

    def __init__(self):
        self.glyphs = None
        self._words = None


def texts_of(language, folder=FOLDER):
    """Return a language's Texts and an empty string, or the English ones and what is wrong with the language's.

    Without English words either, the ids are shown, which are English too."""
    wrong = ""
    for name in (language, "en"):
        try:
            return Texts(name, folder), wrong
        except LetteringError as error:
            wrong = wrong or str(error)
    return Ids(), wrong


def filled(words, numbers):
    """Return a message with numbers in the places of its `%d`; one that has none stays as it is."""
    for number in numbers:
        words = words.replace("%d", str(number), 1)
    return words


def _digest(name):
    return binascii.crc32(name) & 0xFFFF


def _glyphs(path):
    from kiosk.glyphs import Glyphs

    return Glyphs(path)
