"""Shortens the names that only a board's firmware itself knows, before it is compiled for a flash.

MicroPython keeps every name that a module uses in memory, each once: some 1,700 of them take a tenth of a board's heap,
and the table they lie in doubles its size at 1,260. Names that nothing outside can mean are therefore shared: what the
firmware defines and neither a string, a keyword, MicroPython (`workbench.board.foreign`) nor a script beside it can
mean. Two names that stand in one file, or in the files of a class and of what it inherits from, never become the same,
and what is laid into an object from outside shares its short name with nothing: so every object keeps its attributes
apart. Errors keep the names of their classes, which a crash record says.
`python -m workbench.board.shorten` prints the table, by which a traceback is read.
"""

import ast
import io
import string
import tokenize
from collections.abc import Iterable, Iterator
from itertools import count, product

from workbench.board.foreign import foreign_names
from workbench.board.names import walk, words


def shorten(sources: dict[str, str], others: Iterable[str] = ()) -> dict[str, str]:
    """Return the sources of all of a firmware's modules, by path, with shorter names.

    `others`: sources that run on the board beside it, and stay as they are.
    """
    table = names_of(sources, others)
    return {path: _renamed(source, table) for path, source in sources.items()}


def names_of(sources: dict[str, str], others: Iterable[str] = ()) -> dict[str, str]:
    """Return the short name of each name that is shortened."""
    uses = {path: _names(source) for path, source in sources.items()}
    every = set().union(*uses.values())
    trees = {path: ast.parse(source) for path, source in sources.items()}
    wanted = _own(trees, others) & every
    laid = {name for tree in trees.values() for name in _laid_from_outside(tree)} & wanted
    taken_everywhere = every - wanted
    together = [set().union(*(uses[path] for path in family)) for family in _families(trees)]
    table: dict[str, str] = {}
    for name in sorted(wanted, key=lambda name: (name not in laid, -sum(name in used for used in uses.values()), name)):
        beside = {table[other] for used in together if name in used for other in used if other in table}
        beside |= {table[other] for other in laid if other in table}
        table[name] = next(short for short in _short() if short not in beside and short not in taken_everywhere)
    return table


def _families(trees: dict[str, ast.Module]) -> list[set[str]]:
    """Return which files lay attributes into one object: each alone, or those of a class and of its bases together."""
    classes = [(path, node) for path, tree in trees.items() for node in _classes(tree)]
    homes: dict[str, set[str]] = {}
    for path, node in classes:
        homes.setdefault(node.name, set()).add(path)
    families = [{path} for path in trees]
    for path, node in classes:
        joined = {path}.union(*(homes.get(_last_name(base), set()) for base in node.bases))
        apart = [family for family in families if not family & joined]
        families = [*apart, joined.union(*(family for family in families if family & joined))]
    return families


def _last_name(base: ast.expr) -> str:
    if isinstance(base, ast.Attribute):
        return base.attr
    return base.id if isinstance(base, ast.Name) else ""


def _own(trees: dict[str, ast.Module], others: Iterable[str]) -> set[str]:
    """Return the names that the firmware defines and nothing outside can mean."""
    nodes = [node for tree in trees.values() for node in walk(tree)]
    modules = {part for path in trees for part in path.removesuffix(".py").split("/")}
    private: set[str] = set()
    defined: set[str] = set()
    meant = set(modules)
    for node in nodes:
        for name in _given(node):
            (private if _is_private(name) else defined).add(name)
        meant |= set(_meant(node, modules))
    meant |= _errors(trees) | foreign_names()
    for source in others:
        meant |= _names(source) | {word for node in walk(ast.parse(source)) for word in words(node)}
    strings = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return (private | (defined - meant)) - strings - {"self", "cls", "_"}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _given(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr


def _meant(node: ast.AST, modules: set[str]) -> Iterator[str]:
    """Yield the names of a node that somebody else gave, or may mean: of imports from elsewhere, keywords, dunders.

    A constant by declaration, too: the compiler drops one whose name is private.
    """
    if isinstance(node, ast.ImportFrom) and not set((node.module or "").split(".")) <= modules:
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.Import):
        yield from (part for alias in node.names for part in alias.name.split("."))
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "const":
        yield from (ast.unparse(target) for target in node.targets)
    yield from (name for name in _given(node) if name.startswith("__"))
    yield from _keywords(node)


def _keywords(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.keyword) and node.arg:
        yield node.arg


def _errors(trees: dict[str, ast.Module]) -> set[str]:
    """Return the classes that inherit from something that is not the firmware's: errors."""
    bases = {node.name: {_last_name(base) for base in node.bases} for tree in trees.values() for node in _classes(tree)}
    found: set[str] = set()
    while True:
        more = {name for name, of in bases.items() if any(base not in bases or base in found for base in of)}
        if more == found:
            return found
        found = more


def _laid_from_outside(tree: ast.Module) -> Iterator[str]:
    """Yield the attributes that are assigned to anything but `self`."""
    for node in walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if not isinstance(node.value, ast.Name) or node.value.id != "self":
                yield node.attr


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in walk(tree) if isinstance(node, ast.ClassDef)]


def _names(source: str) -> set[str]:
    return {token.string for token in _tokens(source) if token.type == tokenize.NAME}


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(source).readline)


def _short() -> Iterator[str]:
    """Yield _a, _b, ... _z, _aa and so on: private to MicroPython's compiler, too, which drops constants so named."""
    for size in count(1):
        for letters in product(string.ascii_lowercase, repeat=size):
            yield "_" + "".join(letters)


def _renamed(source: str, table: dict[str, str]) -> str:
    lines = source.splitlines(keepends=True)
    for token in reversed(list(_tokens(source))):
        if token.type == tokenize.NAME and token.string in table:
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column] + table[token.string] + line[column + len(token.string) :]
    return "".join(lines)


if __name__ == "__main__":
    from workbench.board.constants import put_in_place
    from workbench.board.tree import beside_it, find_firmware, sources
    from workbench.board.unused import leave_out

    folder = find_firmware()
    others = beside_it(folder)
    modules = put_in_place(leave_out(sources(folder), others), others)
    for name, short in sorted(names_of(modules, others).items()):
        print(short, name)
