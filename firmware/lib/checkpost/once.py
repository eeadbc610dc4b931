"""Code that is needed for a moment: it is loaded, used and forgotten, and takes no memory while the board works."""

import sys


def forget(name: str) -> None:
    """Forget a module; what somebody holds of it stays until they let go. The next import reads its file again.

    A board only: a computer has the memory, and its tests open a journal ten thousand times.
    """
    if sys.implementation.name != "micropython":
        return
    del sys.modules[name]
    package, dot, leaf = name.rpartition(".")
    if dot:
        delattr(sys.modules[package], leaf)
