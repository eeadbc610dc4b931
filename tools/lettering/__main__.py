"""Write the panel's files of letters, in the project's root: python -m tools.lettering [--fonts FOLDER]."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "firmware"))

from tools.lettering.make import NoFont, find_fonts, make_all  # noqa: E402


def main() -> int:
    """Write the files and say how large they are."""
    options = argparse.ArgumentParser(prog="python -m tools.lettering", description=__doc__)
    options.add_argument("--fonts", type=Path, help="folder with the font files, else where Debian's package put them")
    try:
        made = make_all(find_fonts(options.parse_args().fonts))
    except NoFont as error:
        print(error, file=sys.stderr)
        return 1
    for name, data in made.items():
        (ROOT / "firmware" / "lettering" / name).write_bytes(data)
        print(f"{name}: {len(data)} bytes")
    return 0


sys.exit(main())
