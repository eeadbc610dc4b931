"""Numbers that a module keeps to itself, as MicroPython's compiler knows them: `_NAME = const(7)`.

MicroPython puts the number where the name stands and drops the name: no memory, no look-up.
"""


def const(value: int) -> int:
    """Return the number."""
    return value
