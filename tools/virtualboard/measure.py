"""How fast the virtual board is: round trips from MicroPython through the socket to a chip and back."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .client import Board
from .image import make_image

PROGRAM = """
import machine, time, sys
spi = machine.SPI(1, 5000000)
cs = machine.Pin(6, machine.Pin.OUT, value=1)
i2c = machine.I2C(0)
out = bytearray(2); into = bytearray(2); page = bytearray(129); page[0] = 0x40
irq = machine.Pin(20, machine.Pin.IN)
def us(n, call):
    start = time.ticks_us()
    for _ in range(n):
        call()
    return time.ticks_diff(time.ticks_us(), start) / n
def status():
    out[0] = 5
    cs(0); spi.write_readinto(out, into); cs(1)
def refresh():
    for number in range(8):
        i2c.writeto(0x3C, bytes((0, 0xB0 | number, 2, 16)))
        i2c.writeto(0x3C, page)
def read_sector():
    cs(0); spi.write(b"\\x03\\0\\0\\0"); spi.read(4096); cs(1)
lines = ["spi_us", us(3000, status), "pin_us", us(3000, irq.value), "oled_us", us(30, refresh)]
lines += ["read4k_us", us(50, read_sector), "ticks_us", us(3000, time.ticks_ms)]
with open("out.txt", "w") as handle:
    for word in lines:
        handle.write(str(word) + " ")
machine.PWM(machine.Pin(3), freq=1000, duty_u16=100)
while True:
    machine.idle()
"""


def measure(cpu: int | None) -> int:
    """Print the microseconds of each kind of access as one JSON line."""
    from .image import read_file

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "firmware").mkdir()
        (folder / "firmware" / "main.py").write_text(PROGRAM)
        make_image(folder / "fs.img", folder / "firmware")
        command = [sys.executable, "-m", "virtualboard", "run", "--dir", name, "--follow-stdin"]
        command += ["--cpu", str(cpu)] if cpu is not None else []
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
        host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        assert host.stdout is not None and host.stdin is not None
        try:
            host.stdout.readline()
            board = Board(str(folder / "control.sock"))
            while not board.do("panel")["sounds"]:
                board.wait("sound", 30.0)
            board.close()
            words = read_file(folder / "fs.img", "/out.txt").decode().split()
        finally:
            host.stdin.close()
            host.wait(10)
            host.stdout.close()
    print(json.dumps({words[i]: round(float(words[i + 1]), 1) for i in range(0, len(words), 2)}))
    return 0
