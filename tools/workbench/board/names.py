"""What the names of a firmware's files mean, as far as imports tell it for certain."""

import ast
from collections import defaultdict
from collections.abc import Iterator

Binding = tuple[str, ...]  # ("from", module, name), ("import", module), or what else binds a name: one of a kind
Place = tuple[str, str]  # module and name


def files_of(sources: dict[str, str]) -> dict[str, "File"]:
    """Return the parsed files of a firmware, by the name that they are imported by."""
    files = [File(path, source) for path, source in sources.items()]
    return {file.name: file for file in files}


class File:
    """A file of source: `path`, `name` of the module, `tree`; `spent` is for whoever changes the tree."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.name = path.removesuffix(".py").removeprefix("lib/").replace("/", ".").removesuffix(".__init__")
        self.tree = ast.parse(source)
        self.spent: set[str] = set()
        self._bound = _bindings(self.tree)

    def once(self, name: str) -> bool:
        """Return True if a name is bound in one way only, in all scopes of the file."""
        return len(self._bound[name]) == 1

    def loads(self) -> set[str]:
        """Return the names that are read."""
        nodes = walk(self.tree)
        return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}

    def texts(self) -> set[str]:
        """Return all strings."""
        nodes = walk(self.tree)
        return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}

    def imported(self) -> set[str]:
        """Return the names that imports from modules give."""
        return {name for name, bound in self._bound.items() if any(binding[0] == "from" for binding in bound)}

    def module(self, name: str, files: dict[str, "File"]) -> str | None:
        """Return the firmware's module that a name stands for, if it can stand for nothing else."""
        if not self.once(name):
            return None
        (binding,) = self._bound[name]
        if binding[0] in ("from", "import"):
            dotted = ".".join(binding[1:])
            return dotted if dotted in files else None
        return None

    def resolve(self, node: ast.expr, files: dict[str, "File"]) -> Place | None:
        """Return the module and the name there that a name, or `module.name`, stands for."""
        if isinstance(node, ast.Attribute):
            module = self.module(node.value.id, files) if isinstance(node.value, ast.Name) else None
            return files[module].origin(node.attr, files) if module else None
        return self.origin(node.id, files) if isinstance(node, ast.Name) else None

    def origin(self, name: str, files: dict[str, "File"]) -> Place | None:
        """Return where a name of this file was first given, through imports of imports."""
        if not self.once(name):
            return None
        (binding,) = self._bound[name]
        if binding[0] == "from" and binding[1] in files:
            return files[binding[1]].origin(binding[2], files)
        return (self.name, name) if binding[0] == "top" else None

    def handed_around(self, files: dict[str, "File"]) -> set[str]:
        """Return the modules that are read as objects, not only for a name in them."""
        bases = {id(node.value) for node in walk(self.tree) if isinstance(node, ast.Attribute)}
        found = set()
        for node in walk(self.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in bases:
                for binding in self._bound[node.id]:
                    found.add(".".join(binding[1:]))
        return found & set(files)

    def reads(self, files: dict[str, "File"]) -> set[Place]:
        """Return what the file reads of other modules."""
        found: set[Place] = set()
        for node in walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                found |= {(node.module or "", alias.name) for alias in node.names}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.add((self.module(node.value.id, files) or "", node.attr))
        return found


def _bindings(tree: ast.Module) -> dict[str, set[Binding]]:
    """Return all that binds each name, in all scopes."""
    found: dict[str, set[Binding]] = defaultdict(set)
    top = {id(part) for node in tree.body if isinstance(node, ast.Assign) for part in walk(node)}
    for node in walk(tree):
        other = ("other", str(id(node)))
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found[node.id].add(("top", str(id(node))) if id(node) in top else other)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name].add(other)
        elif isinstance(node, ast.arg):
            found[node.arg].add(other)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found[node.name].add(other)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            for name in node.names:
                found[name].add(other)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name].add(("from", node.module or "", alias.name))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                dotted = alias.name if alias.asname else alias.name.split(".")[0]
                found[alias.asname or dotted].add(("import", dotted))
    return found


def walk(tree: ast.AST) -> list[ast.AST]:
    """Return a node and all below it in the order of `ast.walk`, which takes three times as long; a node that says
    nothing of itself, as `ast.Load`, is left out."""
    found = [tree]
    for node in found:
        for value in vars(node).values():
            if isinstance(value, ast.AST):
                if value._fields:
                    found.append(value)
            elif isinstance(value, list):
                found += [part for part in value if isinstance(part, ast.AST) and part._fields]
    return found


def words(node: ast.AST) -> Iterator[str]:
    """Yield the names of others that a node may mean: attributes, imports, strings."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.alias):
        yield node.name
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def lines_in(source: str) -> Iterator[str]:
    """Yield the strings of a script that are lines of Python themselves, something else in place of what is put in."""
    for node in walk(ast.parse(source)):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(_said(part) for part in parts)
        if not text:
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        if any(isinstance(part, ast.Call | ast.Attribute | ast.Import | ast.ImportFrom) for part in walk(tree)):
            yield text


def _said(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "0" if isinstance(node, ast.FormattedValue) else ""
