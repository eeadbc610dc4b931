"""`checkpost gateway run` as a process, at one virtual board's line."""

import json
import subprocess

from gateway.status import status
from tests.support.centre import CHECKPOST


class LineGateway:
    """A gateway named north; `board()` is what its status says of its first board."""

    def __init__(self, folder, centre, board):
        self.folder = folder
        self.data = folder / "g"
        self.config = folder / "gateway.toml"
        values = {"data": str(self.data), "name": "north", "central_url": centre.url, "token": centre.gateway_token}
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        self.config.write_text("\n".join([*lines, f"serial = {json.dumps([str(board.folder / 'uart0')])}"]) + "\n")
        self.start()

    def start(self):
        """Start it, or start it again."""
        run = [CHECKPOST, "gateway", "run", "--config", self.config, "--follow-stdin"]
        with (self.folder / "gateway.log").open("a") as log:
            self.process = subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        assert json.loads(self.process.stdout.readline())["ready"]

    def say(self, *words):
        """Run `checkpost gateway ...` and return what it printed."""
        command = [CHECKPOST, "gateway", *words, "--config", self.config]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=100)
        return ended.stdout + ended.stderr

    def board(self):
        """Return what `status` says of the board."""
        found = status(self.data, "north")["boards"]
        return found[0] if found else {"update": None, "link": "down"}

    def stop(self):
        """End it."""
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
