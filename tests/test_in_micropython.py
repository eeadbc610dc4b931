"""The core's tests once more, inside MicroPython and within the heap of a board."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BOARD_HEAP = "heapsize=192wk"  # what an RP2040 leaves to Python; w: counted in words as on the chip
ON_CPYTHON_ONLY = "_properties"  # these use hypothesis
MICROPYTHON = Path(sys.executable).with_name("micropython")


def shared_tests() -> list[Path]:
    """Return the core's test files that both interpreters run."""
    return [path for path in sorted((ROOT / "tests" / "core").glob("test_*.py")) if ON_CPYTHON_ONLY not in path.stem]


@pytest.mark.skipif(not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform")
@pytest.mark.parametrize("path", shared_tests(), ids=lambda path: path.stem)
def test_in_micropython(path):
    command = [str(MICROPYTHON), "-X", BOARD_HEAP, "tests/micropython_runner.py", str(path.relative_to(ROOT))]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    assert re.search(r"^[1-9]\d* passed, 0 failed$", said, re.MULTILINE), said
