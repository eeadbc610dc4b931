"""python -m tests.cuts: pulls the cable of a flash at every 1,024 bytes, and cuts an update at every flash operation.

Long (the flash alone some ten minutes); the tests try a few of these places. Prints how many cuts were tried.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "firmware"), str(ROOT / "firmware" / "lib"), str(ROOT / "tools")]

from tests.firmware.test_update import cut_everywhere  # noqa: E402
from tests.support.boards import VirtualBoard, firmware_copy, flashed_files  # noqa: E402
from tests.support.flashing import Bench  # noqa: E402

KIB = 1024


def pull_everywhere(folder: Path, every: int, first: int, most: int) -> str:
    """Flash a new version, with the cable pulled after each multiple of `every` bytes; return a sentence.

    `first`: the multiple to begin with; `most`: of so many. Whoever has little time tries them in parts.
    """
    newer = firmware_copy(folder / "newer", (0, 2, 0), everywhere='\nrepr("newer")\n')
    board = VirtualBoard(folder / "board", firmware=flashed_files(folder / "flashed"))
    seen: dict[str, int] = {}
    try:
        board.until(board.drawn)
        bench = Bench(board, board.folder)
        cuts = first
        while cuts < first + most and bench.cut(newer, cuts * every):
            place, version = bench.starts()
            assert (place, version) in (("/a", (0, 1, 0)), ("/b", (0, 2, 0)))
            seen[place] = seen.get(place, 0) + 1
            print(f"\r{cuts} cuts", end="", file=sys.stderr, flush=True)
            cuts += 1
    finally:
        board.stop()
    if cuts == first:
        return f"no cut is left: a flash takes fewer than {first * every} bytes"
    places = ", ".join(f"{count} times from {place}" for place, count in seen.items())
    tried = f"{cuts - first} cables pulled, {every} bytes apart from {first * every} on"
    return f"{tried}: the board started {places}, its journal whole"


def main() -> None:
    """Try the cuts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("flash", "update"), nargs="*", default=["flash", "update"])
    parser.add_argument("--every", type=int, default=KIB, help="bytes between two cuts of a flash")
    parser.add_argument("--first", type=int, default=1, help="of a flash's cuts, counted from 1")
    parser.add_argument("--most", type=int, default=1 << 20, help="of a flash's cuts in this run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if "update" in given.what:
            print(cut_everywhere(Path(scratch)))
        if "flash" in given.what:
            print(pull_everywhere(Path(scratch), given.every, given.first, given.most))


if __name__ == "__main__":
    main()
