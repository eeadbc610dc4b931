"""Shorter names for a board: what nothing outside can mean, and no two in one file the same."""

import ast
import io
import subprocess
import tokenize

import pytest

from benches.interpreter import MICROPYTHON, ROOT
from workbench.board.constants import put_in_place
from workbench.board.shorten import names_of, shorten
from workbench.board.tree import beside_it, find_firmware, sources
from workbench.board.unused import leave_out

BOARD = ROOT / "tools" / "virtualboard" / "board"
FACES = ("machine.py", "time.py", "board_buses.py", "board_parts.py", "board_pins.py", "board_uart.py")
# Every name that MicroPython's own modules and objects have, two levels deep.
OWN_NAMES = """
def told(thing, deeper):
    for name in dir(thing):
        print(name)
        if deeper:
            told(getattr(thing, name), deeper - 1)
for name in "builtins gc sys os time micropython machine framebuf struct binascii hashlib cryptolib json io".split():
    told(__import__(name), 2)
for name in "array random select errno collections vfs".split():
    told(__import__(name), 2)
for thing in (b"", bytearray(), "", {}, [], (), set(), frozenset(), 1, 1.0, range(1), memoryview(b"")):
    told(thing, 0)
"""


@pytest.fixture(scope="module")
def others():
    return beside_it(find_firmware())


@pytest.fixture(scope="module")
def modules(others):
    return put_in_place(leave_out(sources(find_firmware()), others), others)


def words(source):
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER)]


def test_no_two_names_of_a_file_become_one(modules, others):
    short = shorten(modules, others)
    assert len(names_of(modules, others)) > 1500
    for path, source in modules.items():
        before, after = words(source), words(short[path])
        pairs = set(zip(before, after, strict=True))
        assert len(pairs) == len(set(before)) == len(set(after)), path


def test_a_program_does_the_same_and_keeps_what_others_know():
    modules = {
        "one.py": "class Full(Exception):\n    pass\n"
        "class Box:\n"
        "    def __init__(self, given, size=3):\n"
        "        self._held = given\n"
        "        self.size = size\n"
        "        self.inside = None\n"
        "    def _taken(self):\n"
        "        return self._held * self.size\n"
        "    def take(self):\n"
        "        total = self._taken()\n"
        "        return getattr(self, '_named') + total\n"
        "    def read(self):\n"
        "        return self.inside\n"
        "    _named = 1\n",
        "two.py": "def made(box, counted):\n    found = box(counted, size=2)\n    found.inside = 4\n    return found\n",
    }
    others = ["from two import made\nmade(1, 2).take()\n"]
    short = shorten(modules, others)
    space: dict[str, object] = {}
    for source in short.values():
        exec(source, space)
    table = names_of(modules, others)
    made = space["made"](space[table["Box"]], 5)  # type: ignore[operator]
    assert (made.take(), made.size, made._named, made.read()) == (11, 2, 1, 4)
    # Full may be said in a crash record, size is a keyword, made and take are called from outside, read is a file's.
    assert sorted(table) == ["Box", "_held", "_taken", "box", "counted", "found", "given", "inside", "total"]


def test_what_is_laid_into_an_object_from_outside_shares_its_name_with_nothing(modules, others):
    table = names_of(modules, others)
    for name in ("since_ms", "seq", "trial", "bring"):
        assert [other for other in table if table[other] == table.get(name, name)] in ([name], []), name


def test_what_the_slots_give_and_the_firmware_calls_keeps_its_name(modules, others):
    slots = {
        node.name for node in ast.parse((ROOT / "firmware" / "slots.py").read_text()).body if hasattr(node, "name")
    }
    assert {"on_trial", "try_out", "mark"} <= slots
    assert not slots & set(names_of(modules, others))


def test_a_line_that_a_command_sends_keeps_what_it_names(modules, others):
    assert any("_update.install(" in source for source in others)
    assert not {"install", "begin", "UpdateRefused", "go_back", "confirm"} & set(names_of(modules, others))


@pytest.mark.skipif(not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform")
def test_no_name_of_micropythons_own_is_shortened(modules, others):
    told = subprocess.run([MICROPYTHON, "-c", OWN_NAMES], capture_output=True, text=True, check=True).stdout.split()
    assert len(told) > 500
    chip = {name for file in FACES for name in functions((BOARD / file).read_text())} - {"ms", "number"}  # its own
    assert {"duty_u16", "txdone", "readfrom_mem_into", "bitstream", "ticks_ms"} <= chip
    table = {name for name in names_of(modules, others) if not name.startswith("_")}
    assert not table & (set(told) | chip)


def functions(source):
    """Return the functions and methods of a module."""
    return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}


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
        exec(short[path].replace(short[path].split("class")[0], ""), space)
    table = names_of(modules)
    radio = space[table["Radio"]]("now", "spent")  # type: ignore[operator]
    assert getattr(radio, table["spent"])() == "spent" and getattr(radio, table.get("now", "now"))() == "now"


def test_a_radios_uplink_shares_no_short_name_with_the_uplink_that_it_is(modules, others):
    table = names_of(modules, others)
    both = set(words(modules["kiosk/uplink.py"])) | set(words(modules["kiosk/wireless.py"]))
    shared = [table[name] for name in both if name in table]
    assert len(shared) == len(set(shared)) > 20
