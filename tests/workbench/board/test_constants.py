"""Numbers in place of their names on a board: the same numbers, nothing left that means a name that is gone."""

import ast
import builtins
import importlib
import symtable
import sys

import pytest

from workbench.board.constants import numbers_of, put_in_place
from workbench.board.tree import beside_it, find_firmware, sources

ONLY_ON_A_BOARD = {"machine", "micropython", "framebuf"}


@pytest.fixture(scope="module")
def modules():
    return sources(find_firmware())


@pytest.fixture(scope="module")
def others():
    return beside_it(find_firmware())


@pytest.fixture(scope="module")
def placed(modules, others):
    return put_in_place(modules, others)


def globals_read(source):
    """Return the names that a module's code looks for at its top or among the builtins."""
    found = set()
    tables = [symtable.symtable(source, "module", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
                found.add(symbol.get_name())
    return found


def given(source):
    """Return the names that a module gives, in whatever scope its imports stand."""
    table = symtable.symtable(source, "module", "exec")
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}


def dotted(path):
    return path.removesuffix(".py").removeprefix("lib/").replace("/", ".").removesuffix(".__init__")


def test_each_number_is_the_one_that_the_module_itself_gives(modules, others):
    numbers, _ = numbers_of(modules, others)
    tried = 0
    for (module, name), number in numbers.items():
        imports = {
            node.names[0].name
            for node in ast.walk(ast.parse(modules[path_of(modules, module)]))
            if isinstance(node, ast.Import)
        }
        if module == "main" or imports & ONLY_ON_A_BOARD:
            continue
        assert getattr(importlib.import_module(module), name) == number, (module, name)
        tried += 1
    assert tried > 500 and tried > 0.9 * len(numbers)


def path_of(modules, module):
    return next(path for path in modules if dotted(path) == module)


def test_no_name_is_read_that_nothing_gives_any_more(modules, placed):
    names = {dotted(path): given(source) for path, source in placed.items()}
    for path, source in placed.items():
        known = given(source) | set(dir(builtins)) | (globals_read(modules[path]) - given(modules[path]))
        assert globals_read(source) <= known, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module in names:
                for alias in node.names:
                    assert alias.name in names[node.module] or f"{node.module}.{alias.name}" in names, (
                        path,
                        alias.name,
                    )


def test_nothing_but_numbers_and_imports_is_gone(modules, others, placed):
    _, numbers = numbers_of(modules, others)
    for path, source in placed.items():
        gone = given(modules[path]) - given(source)
        own = {name for name in gone if (dotted(path), name) in numbers}
        tree = ast.parse(modules[path])
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }  # fmt: skip
        assert gone <= own | imported, path
        assert shape(source) == shape(modules[path]), path


def shape(source):
    """Return the functions and classes of a module, with their arguments."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [(node.name, [part.arg for part in ast.walk(node) if isinstance(part, ast.arg)]) for node in nodes]


def test_a_program_does_the_same_with_fewer_names():
    files = {
        "limits.py": "EVERY = 1 << 3\nTWICE = 2 * EVERY\nLEAST = -4\nHUGE = 1 << 40\n",
        "told.py": "SHOWN = 5\n_HIDDEN = 6\nTEN = 4 + _HIDDEN\n",
        "kinds.py": "import limits\nfrom limits import EVERY\nA, B, C = range(3)\nPAIR = (A, C)\nMOST = limits.TWICE\n",
        "use.py": "import kinds\nfrom kinds import B, EVERY\nfrom limits import HUGE, LEAST\nimport told\n"
        "def all_of(first=B):\n"
        "    EVEN = 2\n"
        "    found = [first, kinds.C, kinds.PAIR, kinds.MOST, EVERY, HUGE, 3 - LEAST, EVEN]\n"
        "    return found + [getattr(told, 'SHO' + 'WN'), told.TEN]\n",
        "alone.py": "from limits import EVERY\ndef every():\n    return EVERY\n",
    }  # fmt: skip
    after = put_in_place(files)
    assert run(files) == run(after) == [1, 2, (0, 2), 16, 8, 1 << 40, 7, 2, 5, 10]
    assert (given(after["limits.py"]), given(after["told.py"])) == ({"HUGE"}, {"SHOWN", "TEN"})
    assert given(after["kinds.py"]) == {"PAIR"} and "import" not in after["alone.py"]


def run(files):
    """Return what use.all_of() gives, with the modules of these files."""
    spaces = {}
    before = {name: sys.modules.pop(name, None) for name in ("limits", "told", "kinds", "alone", "use")}
    try:
        for name in before:
            spaces[name] = sys.modules[name] = type(sys)(name)
            exec(files[name + ".py"], spaces[name].__dict__)
        return spaces["use"].all_of()
    finally:
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def test_what_a_script_on_the_board_reads_is_still_given():
    files = {"parts.py": "LINE = 3\nOTHER = 4\n", "main.py": "import parts\nprint(parts.LINE, parts.OTHER)\n"}

    def given_no_more(files, others=()):
        placed, spare = numbers_of(files, others)
        assert set(spare) <= set(placed)
        return set(spare)

    assert given_no_more(files) == {("parts", "LINE"), ("parts", "OTHER")}
    script = ["from parts import LINE\nprint(LINE)\n"]
    assert given_no_more(files, script) == {("parts", "OTHER")}
    after = put_in_place(files, script)
    assert after == {"parts.py": "LINE = 3\n", "main.py": "pass\nprint(3, 4)\n"}
    assert not given_no_more(files, ["import parts\nprint(getattr(parts, 'LI' + 'NE'))\n"])
    shadowed = files | {"more.py": "from parts import LINE\ndef f(LINE):\n    return LINE\n"}
    assert given_no_more(shadowed) == {("parts", "OTHER")}
    assert not given_no_more({**files, "more.py": "import parts\ndef f(give):\n    give(parts)\n"})
    changed = files | {"more.py": "import parts\nparts.LINE = 5\n"}
    assert set(numbers_of(changed)[0]) == {("parts", "OTHER")}
