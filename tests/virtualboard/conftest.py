"""A virtual board with a small firmware of the test's own, and a bench without a process."""

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from virtualboard.bench import Bench
from virtualboard.client import Board
from virtualboard.image import make_image

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def bench():
    return Bench()


class RunningBoard:
    """A host process over a folder; `control` is a client of it."""

    def __init__(self, folder, extra=(), environment=None):
        self.folder = folder
        command = [sys.executable, "-m", "virtualboard", "run", "--dir", str(folder), "--follow-stdin", "--off", *extra]
        settings = {**os.environ, "PYTHONPATH": str(ROOT / "tools"), **(environment or {})}
        self.host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=settings)
        self.ready = json.loads(self.host.stdout.readline())
        self.control = Board(self.ready["control"])
        # Only now, so that no event of the start is missed.
        self.control.do("power", on=True)

    def state(self):
        return self.control.do("state")

    def until(self, condition, limit_s=120.0):
        """Return once `condition` is true."""
        until = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < until, f"not within {limit_s} s: {self.state()}"
            time.sleep(0.02)

    def wait_tone(self, hz, limit_s=120.0):
        """Return when the firmware plays a tone; a program that fails instead says how."""
        until = time.monotonic() + limit_s
        while True:
            for event in list(self.control.events):
                self.control.events.remove(event)
                assert event["event"] != "crash", event
                if event["event"] == "sound" and event["hz"] == hz:
                    return event
            assert time.monotonic() < until, f"no tone of {hz} Hz within {limit_s} s: {self.state()}"
            message = self.control._next(0.5)
            if message is not None:
                self.control.events.append(message)

    def stop(self):
        self.control.close()
        self.host.stdin.close()
        try:
            return self.host.wait(60)
        finally:
            self.host.stdout.close()
            if self.host.poll() is None:
                self.host.kill()
                self.host.wait()


@pytest.fixture
def run_board(tmp_path):
    """Return a function: run_board(main.py's source, *options) -> RunningBoard."""
    if importlib.util.find_spec("micropython_run") is None:
        pytest.skip("MicroPython's Unix port is not installed on this platform")
    boards = []

    def run(source, *extra, environment=None, **files):
        firmware = tmp_path / "firmware"
        firmware.mkdir(exist_ok=True)
        (firmware / "main.py").write_text(source)
        for name, text in files.items():
            (firmware / f"{name}.py").write_text(text)
        make_image(tmp_path / "fs.img", firmware)
        boards.append(RunningBoard(tmp_path, extra, environment))
        return boards[-1]

    yield run
    for board in boards:
        board.stop()
