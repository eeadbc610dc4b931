"""S-expressions as KiCad writes them: lists of symbols, numbers and quoted strings."""

import re
from typing import Any

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')
_LONG = 96  # a list that fits in this many characters stays on one line


class Word(str):
    """A bare symbol; a plain str is written in quotes."""

    __slots__ = ()


def parse(text: str) -> list[Any]:
    """Return the one list that a file holds."""
    stack: list[list[Any]] = [[]]
    for quoted, bracket, bare in _TOKEN.findall(text):
        if bracket == "(":
            stack.append([])
        elif bracket == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(Word(bare) if bare else quoted.replace('\\"', '"').replace("\\\\", "\\"))
    (found,) = stack[0]
    assert isinstance(found, list)
    return found


def dump(tree: list[Any], depth: int = 0) -> str:
    """Return the text of a list, indented by tabs; numbers lose their trailing zeros."""
    flat = "(" + " ".join(_atom(item) if not isinstance(item, list) else dump(item, -999) for item in tree) + ")"
    if depth < 0 or len(flat) <= _LONG:
        return flat
    heads = [_atom(item) for item in tree if not isinstance(item, list)]
    lists = [dump(item, depth + 1) for item in tree if isinstance(item, list)]
    pad = "\n" + "\t" * (depth + 1)
    return "(" + " ".join(heads) + "".join(pad + item for item in lists) + "\n" + "\t" * depth + ")"


def _atom(item: Any) -> str:
    if isinstance(item, Word):
        return str(item)
    if isinstance(item, str):
        return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(item, float):
        return number(item)
    return str(item)


def number(value: float) -> str:
    """Return a length with at most six places, without trailing zeros or a negative zero."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def find(tree: list[Any], name: str) -> list[list[Any]]:
    """Return the lists directly inside that begin with a name."""
    return [item for item in tree if isinstance(item, list) and item and item[0] == name]


def one(tree: list[Any], name: str) -> list[Any]:
    """Return the first list directly inside that begins with a name, or an empty one."""
    found = find(tree, name)
    return found[0] if found else []


def read(text: str) -> list[Any]:
    """Return what a short literal means; makes generators read like the files they write."""
    return parse(text)
