"""Puts numbers where a board's firmware names them: what a module calls `POLL_MS = 200`, others read, and none changes.

MicroPython keeps a name, an entry in its module and a look-up for each; some 300 public ones, with the table that grows
for them, are 6 % of a board's heap. A number is put in place wherever code of the firmware means it for certain. Its
module gives it on only where something else may mean it, too: a string, a script of the workbench on the board, what is
read from an object that is no module. An import that nothing is left of goes.
`python -m workbench.board.constants` prints the numbers, by module and name.
"""

import ast
import operator
from collections.abc import Iterable, Iterator

from workbench.board.names import File, files_of, walk, words

SMALL = 1 << 30  # beyond it a number is an object on a chip of 32 bits: one is enough
_OPERATIONS: dict[type[ast.AST], object] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod, ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_, ast.BitXor: operator.xor,
}  # fmt: skip

Numbers = dict[tuple[str, str], int]  # by module and name


def put_in_place(sources: dict[str, str], others: Iterable[str] = ()) -> dict[str, str]:
    """Return the sources of all of a firmware's modules, by path, with numbers in place of their names.

    `others`: sources that run on the board beside it, and stay as they are.
    """
    files = files_of(sources)
    numbers = _numbers(files)
    spare = _spare(numbers, *_meant_otherwise(files, list(others), numbers))
    for file in files.values():
        before = file.loads()
        _Placing(file, files, numbers, spare).visit(file.tree)
        file.spent = before - file.loads()
    wanted = {use for file in files.values() for use in file.reads(files)}
    for file in files.values():
        spent = {name for name in file.spent if (file.name, name) not in wanted}
        _Clearing(spent | {name for name in file.imported() if file.origin(name, files) in numbers}).visit(file.tree)
    return {file.path: ast.unparse(ast.fix_missing_locations(file.tree)) + "\n" for file in files.values()}


def numbers_of(sources: dict[str, str], others: Iterable[str] = ()) -> tuple[Numbers, Numbers]:
    """Return the numbers that are put in place, and those of them that their modules need not give any more."""
    files = files_of(sources)
    numbers = _numbers(files)
    return numbers, _spare(numbers, *_meant_otherwise(files, list(others), numbers))


def _numbers(files: dict[str, File]) -> Numbers:
    """Return what each module calls a number, and never anything else."""
    found: Numbers = {}
    nodes = [node for file in files.values() for node in walk(file.tree) if isinstance(node, ast.Attribute)]
    given = {node.attr for node in nodes if not isinstance(node.ctx, ast.Load)}  # to an object that may be a module
    while True:  # a number may be made of others
        before = len(found)
        for file in files.values():
            for name, value in _assigned(file):
                number = _value(value, file, files, found)
                if number is not None and file.once(name) and name not in given:
                    found[file.name, name] = number
        if len(found) == before:
            break
    return {place: number for place, number in found.items() if -SMALL <= number < SMALL}


def _spare(numbers: Numbers, kept: set[str], modules: set[str]) -> Numbers:
    """Return the numbers that nothing but code of the firmware can mean, which has them in place."""
    return {
        (module, name): number
        for (module, name), number in numbers.items()
        if name not in kept
        # Who is handed a module reads no private name of it: that would stand there, and be among those that are kept.
        if module not in modules or name.startswith("_")
    }


def _assigned(file: File) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name that a statement at the top of a file assigns, and what it is assigned."""
    for node in file.tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield from _pairs(node.targets[0], node.value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names of `A = ...`, `A, B = range(2)`, `A, B = 4, 5` and of bits that a comprehension shifts, with
    their values."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and all(isinstance(part, ast.Name) for part in target.elts):
        size = len(target.elts)
        said = ast.unparse(value)
        values: list[ast.expr] = []
        if isinstance(value, ast.Tuple) and len(value.elts) == size:
            values = value.elts
        elif said == f"range({size})":
            values = [ast.Constant(number) for number in range(size)]
        elif said == f"tuple((1 << bit for bit in range({size})))":
            values = [ast.Constant(1 << number) for number in range(size)]
        for part, number in zip(target.elts, values, strict=False):
            yield ast.unparse(part), number


def _value(node: ast.expr, file: File, files: dict[str, File], known: Numbers) -> int | None:
    """Return the number that an expression of numbers and of names known for numbers comes to."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name | ast.Attribute):
        place = file.resolve(node, files)
        return known.get(place) if place else None
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "const" and len(node.args) == 1:
        return _value(node.args[0], file, files, known)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand, file, files, known)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = (_value(side, file, files, known) for side in (node.left, node.right))
        if left is not None and right is not None:
            return int(_OPERATIONS[type(node.op)](left, right))  # type: ignore[operator]
    return None


def _meant_otherwise(files: dict[str, File], others: list[str], found: Numbers) -> tuple[set[str], set[str]]:
    """Return names that something else than an import may mean, and modules that are handed around as objects."""
    names: set[str] = set()
    modules: set[str] = set()
    for file in files.values():
        names |= file.texts()
        modules |= file.handed_around(files)
        for node in walk(file.tree):
            if isinstance(node, ast.Attribute):
                if file.resolve(node, files) not in found or not isinstance(node.ctx, ast.Load):
                    names.add(node.attr)
            elif isinstance(node, ast.alias) and not file.once(node.asname or node.name):
                names.add(node.name)
    for source in others:
        for node in walk(ast.parse(source)):
            names |= set(words(node))
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names, modules


class _Placing(ast.NodeTransformer):
    """Puts numbers in the place of names, and takes the assignments of those away that are spare."""

    def __init__(self, file: File, files: dict[str, File], numbers: Numbers, spare: Numbers) -> None:
        self._file = file
        self._files = files
        self._numbers = numbers
        self._spare = spare

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._placed(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        placed = self._placed(node)
        return self.generic_visit(node) if placed is node else placed  # type: ignore[return-value]

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        if node in self._file.tree.body:
            pairs = list(_pairs(node.targets[0], node.value))
            if any((self._file.name, name) in self._spare for name, _ in pairs):
                left = [(name, value) for name, value in pairs if (self._file.name, name) not in self._spare]
                return [ast.Assign([ast.Name(name, ast.Store())], value) for name, value in left]
        return self.generic_visit(node)

    def _placed(self, node: ast.Name | ast.Attribute) -> ast.expr:
        place = self._file.resolve(node, self._files)
        if not isinstance(node.ctx, ast.Load) or place not in self._numbers:
            return node
        number = self._numbers[place]
        return ast.UnaryOp(ast.USub(), ast.Constant(-number)) if number < 0 else ast.Constant(number)


class _Clearing(ast.NodeTransformer):
    """Takes imports away that nothing is left of."""

    def __init__(self, spent: set[str]) -> None:
        self._spent = spent

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        return self._without(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        return self._without(node)

    def _without(self, node: ast.Import | ast.ImportFrom) -> ast.stmt:
        node.names = [alias for alias in node.names if (alias.asname or alias.name) not in self._spent]
        return node if node.names else ast.Pass()


if __name__ == "__main__":
    from workbench.board.tree import beside_it, find_firmware, sources

    folder = find_firmware()
    for (module, name), number in sorted(numbers_of(sources(folder), beside_it(folder))[0].items()):
        print(module, name, number)
