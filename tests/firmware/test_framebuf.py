"""The stand-in for framebuf draws what MicroPython's own module draws."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import framebuf

MICROPYTHON = Path(sys.executable).with_name("micropython")
STEPS = 300

RUNNER = """
import framebuf, sys
a = bytearray(128 * 8); fb = framebuf.FrameBuffer(a, 128, 64, framebuf.MONO_VLSB)
s = bytes(range(100, 148)); small = framebuf.FrameBuffer(bytearray(s), 24, 16, framebuf.MONO_HLSB)
for name, arguments in {steps!r}:
    getattr(fb, name)(*((small,) + arguments if name == "blit" else arguments))
print("".join("%02x" % b for b in a))
"""


def drawing(seed):
    """Return random drawing calls, many of them over the edges."""
    rng = random.Random(seed)
    arguments = {"pixel": 2, "hline": 3, "vline": 3, "line": 4, "rect": 4, "fill_rect": 4, "scroll": 2, "blit": 2}
    steps = []
    for _ in range(STEPS):
        name = rng.choice(sorted(arguments))
        numbers = [rng.randrange(-20, 140) for _ in range(arguments[name])]
        if name in ("rect", "fill_rect"):
            numbers[2:] = [rng.randrange(1, 60), rng.randrange(1, 40)]
        elif name in ("hline", "vline"):
            numbers[2] = rng.randrange(1, 90)
        elif name == "scroll":
            numbers = [rng.randrange(-9, 10), rng.randrange(-9, 10)]
        if name != "scroll":
            numbers.append(rng.choice((-1, 0, 1)) if name == "blit" else rng.choice((0, 1, 1)))
        steps.append((name, tuple(numbers)))
    return steps


@pytest.mark.skipif(not MICROPYTHON.exists(), reason="MicroPython's Unix port is not built for this platform")
@pytest.mark.parametrize("seed", range(4))
def test_draws_as_micropython_does(seed):
    steps = drawing(seed)
    ended = subprocess.run(
        [str(MICROPYTHON), "-c", RUNNER.format(steps=steps)],
        capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    buffer = bytearray(1024)
    fb = framebuf.FrameBuffer(buffer, 128, 64, framebuf.MONO_VLSB)
    small = framebuf.FrameBuffer(bytearray(range(100, 148)), 24, 16, framebuf.MONO_HLSB)
    for name, arguments in steps:
        getattr(fb, name)(*((small, *arguments) if name == "blit" else arguments))
    assert buffer.hex() == ended.stdout.strip()


def test_a_buffer_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="1024 bytes"):
        framebuf.FrameBuffer(bytearray(1000), 128, 64, framebuf.MONO_VLSB)
