"""Virtual boards for the technician's tools: made in a folder, run as processes, reached over pty or TCP, cut off."""

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from serial import SerialException
from typer.testing import CliRunner

from gateway.commands import command
from gateway.errors import OperatorError
from virtualboard.client import Board as Control
from workbench import journal_image
from workbench.board import wire
from workbench.board.tree import beside, build

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
UNIX_MPY = 2 << 10 | 6  # sys.implementation._mpy of the virtual board: x64, version 6
LIMIT_S = 120.0  # of any wait: a loaded machine is slow
SETTINGS = {
    "board": 1, "epoch": 1, "lane": "1", "direction": "entry", "offset_quarters": 36,
    "crossing_point": {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north-hamgyong"},
    "link": {"carrier": "serial", "baud": 921600}, "link_key": bytes(range(16)).hex(), "seal_key": "01" * 32,
    "assurance": "uid", "language": "en", "oled": "sh1106",
}  # fmt: skip
CHIP_IDS = [f"e66058388300e0{number:02x}" for number in range(1, 17)]


class VirtualBoard:
    """A board's processes over a folder. `port` is its USB port, `control` the world around it."""

    def __init__(self, folder, firmware=FIRMWARE, settings=SETTINGS, chip_id=CHIP_IDS[0], extra=()):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "virtualboard"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
        if firmware is None:
            firmware = folder / "nothing"
            firmware.mkdir()
        make = [*command, "make", "--dir", str(folder), "--firmware", str(firmware)]
        if settings is not None:
            (folder / "settings.json").write_text(json.dumps(settings))
            make += ["--settings", str(folder / "settings.json")]
        subprocess.run(make, env=environment, check=True, capture_output=True, timeout=180)
        self.terminal = (folder / "terminal.log").open("w+")
        run = [*command, "run", "--dir", str(folder), "--follow-stdin", "--log", "--id", chip_id, *extra]
        self.process = subprocess.Popen(
            run, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.terminal
        )
        ready = json.loads(self.process.stdout.readline())
        self.port = ready["repl"]
        self.control = Control(ready["control"])

    def until(self, condition, limit_s=LIMIT_S):
        """Return what `condition` returns once it is true; fails after `limit_s`."""
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"not within {limit_s} s; the terminal says: {self.said()[-2000:]}")

    def said(self):
        """Return what the board printed."""
        return (self.folder / "terminal.log").read_text(errors="replace")

    def power_cycle(self):
        """Cut the power and give it back; return when MicroPython runs."""
        boots = self.control.do("state")["boots"]
        self.control.do("power", on=False)
        self.control.do("power", on=True)
        self.until(lambda: self.control.do("state")["boots"] > boots)

    def drawn(self):
        """Return True once the firmware's loop turns and draws: the picture alone may be that of before a restart."""
        seen = self.control.do("panel")
        picture = bool(seen["on"]) and set(str(seen["picture"])) != {"0"}
        return picture and bool(self.control.do("state")["turning"])

    def records(self):
        """Return the records of the board's journal: its boot record comes a moment after the first picture."""
        return journal_image.read_records(self.folder / "journal.bin")

    def image(self):
        """Return the bytes of the board's file system."""
        return (self.folder / "fs.img").read_bytes()

    def connect(self):
        """Return a workbench connection to the board."""
        return wire.connect(self.port)

    def stop(self):
        """End the processes."""
        self.control.close()
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        self.terminal.close()


class Socket:
    """The board's USB port as `socket://`: a bridge on loopback, as `ser2net` makes one."""

    def __init__(self, port):
        self._port = os.open(port, os.O_RDWR | os.O_NOCTTY)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._ends, self._end = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self):
        client = None
        while True:
            sources = [self._ends, self._port, client or self._listener]
            for source in select.select(sources, [], [])[0]:
                if source == self._ends:
                    return
                if source is self._listener:
                    client = self._listener.accept()[0]
                elif source is client:
                    data = _of_line(client.recv, 65536)
                    if not data:
                        client.close()
                        client = None
                        break
                    os.write(self._port, data)
                else:
                    data = os.read(self._port, 65536)
                    if client:  # one that hung up is noticed at the next reading
                        _of_line(client.sendall, data)

    def close(self):
        """Take the bridge down."""
        os.write(self._end, b"x")
        self._thread.join(10)
        self._listener.close()
        for number in (self._port, self._ends, self._end):
            os.close(number)


def _of_line(act, *values):
    """Do something with a line; b"" where its other end hung up."""
    try:
        return act(*values)
    except ConnectionError:
        return b""


class PulledCable:
    """A serial port whose cable is pulled after so many bytes to the board."""

    def __init__(self, port, after):
        self._port = port
        self._left = after

    def write(self, data):
        """Send what still goes through; then nobody is there."""
        if len(data) > self._left:
            self._port.write(data[: self._left])
            self._port.close()
            raise SerialException("the cable was pulled")
        self._left -= len(data)
        return self._port.write(data)

    def __getattr__(self, name):
        return getattr(self._port, name)


def pull_after(board, count):
    """Let a workbench connection lose its cable after `count` more bytes to the board."""
    board._transport.serial = PulledCable(board._transport.serial, count)


def flashed_files(folder):
    """Lay the file system of a board that was flashed from an empty one, and return the folder: what a flash leaves."""
    tree = build(FIRMWARE, UNIX_MPY)
    marked = {f"a/{path}": data for path, data in tree.files.items()} | {"a/slot.txt": tree.mark.encode()}
    for path, data in {**marked, **beside(FIRMWARE), "slots.txt": b"a - 0\n"}.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def firmware_copy(folder, version, changes=(), everywhere=""):
    """Copy the firmware with another version; `changes`: (file, old text, new text); a line for every module."""
    shutil.copytree(FIRMWARE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "kiosk" / "version.py").write_text(f"VERSION = {tuple(version)}\n")
    for name, old, new in changes:
        source = (folder / name).read_text()
        assert old in source
        (folder / name).write_text(source.replace(old, new))
    for module in folder.rglob("*.py") if everywhere else ():
        module.write_text(module.read_text() + everywhere)
    return folder


def checkpost(*words, typed=None):
    """Run `checkpost board ...` in this process; return (exit code, what it printed)."""
    ended = CliRunner().invoke(command(["board"]), ["board", *(str(word) for word in words)], input=typed)
    if ended.exception is None or isinstance(ended.exception, SystemExit):
        return ended.exit_code, ended.output
    if isinstance(ended.exception, OperatorError):
        return 1, ended.output + str(ended.exception)
    raise ended.exception
