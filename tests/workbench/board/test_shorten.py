"""Shorter names for a board: what nothing outside can mean, and no two in one file the same."""

import io
import tokenize

from workbench.board.shorten import names_of, shorten
from workbench.board.tree import find_firmware, sources


def words(source):
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER)]


def test_no_two_names_of_a_file_become_one():
    modules = sources(find_firmware())
    short = shorten(modules)
    assert len(names_of(modules)) > 1000
    for path, source in modules.items():
        before, after = words(source), words(short[path])
        pairs = set(zip(before, after, strict=True))
        assert len(pairs) == len(set(before)) == len(set(after)), path


def test_a_program_does_the_same_and_keeps_what_others_know():
    modules = {
        "one.py": "class Box:\n"
        "    def __init__(self, given, size=3):\n"
        "        self._held = given\n"
        "        self.size = size\n"
        "    def _taken(self):\n"
        "        return self._held * self.size\n"
        "    def take(self):\n"
        "        total = self._taken()\n"
        "        return getattr(self, '_named') + total\n"
        "    _named = 1\n",
        "two.py": "def made(box, counted):\n    return box(counted, size=2)\n",
    }
    short = shorten(modules)
    space: dict[str, object] = {}
    for source in short.values():
        exec(source, space)
    made = space["made"](space["Box"], 5)  # type: ignore[operator]
    assert (made.take(), made.size, made._named) == (11, 2, 1)
    table = names_of(modules)
    assert sorted(table) == ["_held", "_taken", "box", "counted", "given", "total"]


def test_what_inherits_from_a_class_of_another_file_keeps_its_attributes_apart_from_it():
    modules = {
        "base.py": "class Line:\n    def __init__(self, clock):\n        self._clock = clock\n"
        "    def now(self):\n        return self._clock\n",
        "derived.py": "from base import Line\nclass Radio(Line):\n    def __init__(self, clock, ledger):\n"
        "        super().__init__(clock)\n        self._ledger = ledger\n"
        "    def spent(self):\n        return self._ledger\n",
    }
    short = shorten(modules)
    space: dict[str, object] = {}
    for path in ("base.py", "derived.py"):
        exec(short[path].replace("from base import Line\n", ""), space)
    radio = space["Radio"]("now", "spent")  # type: ignore[operator]
    assert (radio.now(), radio.spent()) == ("now", "spent")


def test_a_radios_uplink_shares_no_short_name_with_the_uplink_that_it_is():
    modules = sources(find_firmware())
    table = names_of(modules)
    both = set(words(modules["kiosk/uplink.py"])) | set(words(modules["kiosk/wireless.py"]))
    shared = [table[name] for name in both if name in table]
    assert len(shared) == len(set(shared)) > 20
