"""Whether the firmware and the virtual board use the pins that the board has."""

import ast
from collections.abc import Mapping

from hardware.model import Board


def constants(source: str) -> dict[str, int]:
    """Return the integer constants that a Python file sets at its top level."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and type(node.value.value) is int:
            found.update({target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)})
    return found


def differences(board: Board, pins: Mapping[str, int], who: str) -> list[str]:
    """Return how a table of signal -> GP number differs from the source, in sentences."""
    wanted = {name: spec["gp"] for name, spec in board.signals.items()}
    faults = [f"{who} has no {name} (GP{gp})" for name, gp in wanted.items() if name not in pins]
    faults += [f"{who} has {name}, the board has not" for name in pins if name not in wanted]
    for name, gp in wanted.items():
        if name in pins and pins[name] != gp:
            faults.append(f"{who} has {name} on GP{pins[name]}, the board on GP{gp}")
    return faults
