"""The whole chain in one process: boards, lines, gateways, centre and people in virtual time, from one seed."""

import sys
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"

# The firmware is no package: on a board its folder is the root of the file system. Here it is looked at last.
if str(FIRMWARE) not in sys.path:
    sys.path.append(str(FIRMWARE))
