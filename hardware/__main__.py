"""`python hardware`: what tools/hardware runs, from any folder."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from hardware.command import main  # noqa: E402  (the line above makes this importable)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
