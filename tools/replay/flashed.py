"""python -m replay.flashed DIR: lays out the firmware as `checkpost board flash` leaves it on a board.

Sources that a board compiles itself take more of its memory than it has when it carries a radio and cards that prove
themselves: what is replayed is what a technician puts onto a board.
"""

import sys
from pathlib import Path

from workbench.board.tree import MPY_VERSION, Tree, beside, build, find_firmware

SLOT = "a"


def lay_out(folder: Path) -> int:
    """Write a board's root with one whole slot into a folder; return how many files it has."""
    source = find_firmware()
    files = root_files(source, build(source, MPY_VERSION))
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return len(files)


def root_files(source: Path, tree: Tree) -> dict[str, bytes]:
    """Return the content of each file of a flashed board by its path: what lies beside the slots, slot, mark, word."""
    files = {path.lstrip("/"): data for path, data in beside(source).items()}
    files |= {f"{SLOT}/{path}": data for path, data in tree.files.items()}
    files[f"{SLOT}/slot.txt"] = tree.mark.encode()
    files["slots.txt"] = f"{SLOT} - 0\n".encode()
    return files


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
