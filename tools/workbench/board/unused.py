"""Leaves out of a board's firmware what nothing on a board names: the core is shared with gateway and centre.

A function, a class or a table stays where its name occurs anywhere else in the firmware, be it in a string, or in a
script beside it, or could be called by MicroPython itself. What only the left out parts named goes, too.
`python -m workbench.board.unused` prints what is left out, by module and name.
"""

import ast
from collections import Counter
from collections.abc import Iterable

from workbench.board.foreign import foreign_names
from workbench.board.names import walk, words

Left = list[tuple[str, str]]  # path and name
_Definition = ast.FunctionDef | ast.ClassDef
MOST_OF_ITSELF = 5  # times that a function which calls itself, or a class, names itself; others are counted in vain


def leave_out(sources: dict[str, str], others: Iterable[str] = ()) -> dict[str, str]:
    """Return the sources of all of a firmware's modules, by path, without what nothing names.

    `others`: sources that run on the board beside it.
    """
    trees = {path: ast.parse(source) for path, source in sources.items()}
    _leave_out(trees, others)
    return {path: ast.unparse(tree) + "\n" for path, tree in trees.items()}


def left_out(sources: dict[str, str], others: Iterable[str] = ()) -> Left:
    """Return what is left out, by path and name."""
    return _leave_out({path: ast.parse(source) for path, source in sources.items()}, others)


def _leave_out(trees: dict[str, ast.Module], others: Iterable[str]) -> Left:
    kept = foreign_names()
    for source in others:
        kept |= {word for node in walk(ast.parse(source)) for word in words(node)}
    files = {path: _File(tree) for path, tree in trees.items()}
    gone = [(path, "__all__") for path, file in files.items() if file.without({"__all__"})]
    while True:
        named: Counter[str] = Counter()
        for file in files.values():
            named.update(file.named)
        more: Left = []
        for path, file in files.items():
            own = {name for name in file.unnamed(named) - kept if not name.startswith("__")}
            if own and file.without(own):
                more += [(path, name) for name in sorted(own)]
        if not more:
            return gone
        gone += more


class _File:
    """A tree that is looked at several times; `named` counts what it names."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._owners = [node for node in walk(tree) if isinstance(node, ast.Module | ast.ClassDef)]
        self._itself: dict[ast.stmt, int] = {}  # how often a definition names itself
        self.named = Counter(_named(tree))

    def unnamed(self, named: Counter[str]) -> set[str]:
        """Return the names of functions, classes and tables that nothing but their own bodies names."""
        found = set()
        for owner in self._owners:
            for node in owner.body:
                if isinstance(node, _Definition):
                    if self._only_itself(node, named[node.name]):
                        found.add(node.name)
                elif isinstance(owner, ast.Module) and isinstance(node, ast.Assign) and _is_table(node):
                    name = ast.unparse(node.targets[0])
                    if not named[name]:
                        found.add(name)
        return found

    def without(self, names: set[str]) -> bool:
        """Take definitions and tables of these names away; return True if there were some."""
        changed = False
        for owner in self._owners:
            body = [node for node in owner.body if not _gives(node, names)]
            if len(body) < len(owner.body):
                owner.body = body or [ast.Pass()]
                changed = True
        if changed:
            self.named = Counter(_named(self._tree))
        return changed

    def _only_itself(self, node: _Definition, times: int) -> bool:
        if not times or times > MOST_OF_ITSELF:
            return not times
        if node not in self._itself:
            self._itself[node] = _named(node).count(node.name)
        return times == self._itself[node]


def _is_table(node: ast.Assign) -> bool:
    """Return True for a name that is given what is there without a call."""
    calls = [part for part in walk(node.value) if isinstance(part, ast.Call)]
    return len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and not calls


def _named(tree: ast.AST) -> list[str]:
    """Return the names that are read, imported, deleted or said in a string, as often as they are."""
    found = []
    for node in walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, ast.Attribute):
            found.append(node.attr)
        elif isinstance(node, ast.alias):
            found += node.name.split(".")
        elif isinstance(node, ast.keyword) and node.arg:
            found.append(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def _gives(node: ast.stmt, names: set[str]) -> bool:
    if isinstance(node, _Definition):
        return node.name in names
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in names


if __name__ == "__main__":
    from workbench.board.tree import beside_it, find_firmware, sources

    folder = find_firmware()
    for path, name in left_out(sources(folder), beside_it(folder)):
        print(path, name)
