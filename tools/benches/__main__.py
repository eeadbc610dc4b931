"""`python tools/benches`: what tools/bench runs, from any folder."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benches.command import main  # noqa: E402  (the line above makes this importable)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
