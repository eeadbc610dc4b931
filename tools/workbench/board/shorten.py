"""Shortens the names that only a board's firmware itself knows, before it is compiled for a flash.

MicroPython keeps every name that a module uses in memory, each once: some 1,700 of them take a tenth of a board's heap,
and the table they lie in doubles its size at 1,260. Names that nothing outside can mean are therefore shared: private
ones (`_name`) and those that are nothing but parameters and local variables. Two names that stand in one file, or in
the files of a class and of what it inherits from, never become the same, so that every object keeps its attributes
apart. `python -m workbench.board.shorten` prints the table,
by which a traceback is read.
"""

import ast
import builtins
import io
import string
import tokenize
from collections.abc import Iterable, Iterator
from itertools import count, product


def shorten(sources: dict[str, str]) -> dict[str, str]:
    """Return the sources of all of a firmware's modules, by path, with shorter names."""
    table = names_of(sources)
    return {path: _renamed(source, table) for path, source in sources.items()}


def names_of(sources: dict[str, str]) -> dict[str, str]:
    """Return the short name of each name that is shortened."""
    uses = {path: _names(source) for path, source in sources.items()}
    every = set().union(*uses.values())
    wanted = _own(sources.values()) & every
    taken_everywhere = every - wanted
    together = [set().union(*(uses[path] for path in family)) for family in _families(sources)]
    table: dict[str, str] = {}
    for name in sorted(wanted, key=lambda name: (-sum(name in used for used in uses.values()), name)):
        beside = {table[other] for used in together if name in used for other in used if other in table}
        table[name] = next(short for short in _short() if short not in beside and short not in taken_everywhere)
    return table


def _families(sources: dict[str, str]) -> list[set[str]]:
    """Return which files lay attributes into one object: each alone, or those of a class and of its bases together."""
    trees = {path: ast.parse(source) for path, source in sources.items()}
    classes = [
        (path, node) for path, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]
    homes: dict[str, set[str]] = {}
    for path, node in classes:
        homes.setdefault(node.name, set()).add(path)
    families = [{path} for path in sources]
    for path, node in classes:
        joined = {path}.union(*(homes.get(_last_name(base), set()) for base in node.bases))
        apart = [family for family in families if not family & joined]
        families = [*apart, joined.union(*(family for family in families if family & joined))]
    return families


def _last_name(base: ast.expr) -> str:
    if isinstance(base, ast.Attribute):
        return base.attr
    return base.id if isinstance(base, ast.Name) else ""


def _own(sources: Iterable[str]) -> set[str]:
    """Return the names that mean nothing outside the firmware: private ones that it defines, and mere locals."""
    private: set[str] = set()
    local: set[str] = set()
    known = set(dir(builtins))  # by others: attributes, keywords, strings, globals, imports
    for source in sources:
        tree = ast.parse(source)
        for node in tree.body:
            known |= _bound(node)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                private.add(node.name)
                known.add(node.name)
            elif isinstance(node, ast.arg):
                local.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                private.add(node.id)
                local.add(node.id)
            elif isinstance(node, ast.Attribute):
                known.add(node.attr)
                if isinstance(node.ctx, ast.Store):
                    private.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                known.add(node.arg)
            elif isinstance(node, ast.alias):
                known |= set(node.name.split(".")) | {node.asname or ""}
            elif isinstance(node, ast.ImportFrom):
                known |= set((node.module or "").split("."))
            elif isinstance(node, ast.Global | ast.Nonlocal):
                known |= set(node.names)
    strings = {node.value for source in sources for node in ast.walk(ast.parse(source)) if _is_text(node)}
    hidden = {name for name in private if name.startswith("_") and not name.startswith("__") and name != "_"}
    return {name for name in hidden | (local - known) if name not in strings and name not in ("self", "cls", "_")}


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _bound(node: ast.stmt) -> set[str]:
    """Return the names that a statement at the top of a module gives to others."""
    inside = (ast.FunctionDef, ast.ClassDef)
    if isinstance(node, inside):
        found = {node.name}
        for part in node.body if isinstance(node, ast.ClassDef) else []:
            found |= _bound(part)
        return found
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


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
    from workbench.board.tree import find_firmware, sources

    for name, short in sorted(names_of(sources(find_firmware())).items()):
        print(short, name)
