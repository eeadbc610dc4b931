"""A centre and a gateway as the processes they are, and boards at the other end of real ptys."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from gateway.status import status
from tests.gateway.board_end import BoardEnd
from tests.gateway.support import CARD, Journal

CHECKPOST = str(Path(sys.executable).parent / "checkpost")
PATIENCE_S = 60  # of any wait: a loaded machine is slow
POINTS = ("ONS", "HRY")


class Site:
    """One centre, one gateway, a board at each of two points, and one permit."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.boards: dict[str, BoardEnd] = {}
        self.config = folder / "gateway.toml"
        subprocess.run(
            [CHECKPOST, "central", "init", "--data", str(folder / "c")], check=True, stdout=subprocess.DEVNULL
        )
        tokens = json.loads((folder / "c" / "tokens.json").read_text())
        self.port = "0"
        self.port = str(self.start_centre()["url"]).rsplit(":", 1)[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {tokens['admin']}"})
        self._register()

    def _register(self) -> None:
        self._good("PUT", "/v1/policy", {"assurance": "uid"})
        for code in POINTS:
            point = {"code": code, "name": code, "kind": "border", "zone": "north"}
            self._good("PUT", f"/v1/crossing-points/{code}", point)
        self.token = self._good("POST", "/v1/gateways", {"name": "g1"})["token"]
        permit = {"application_id": "A1", "decision": "approved"}
        card = {"card_uid": CARD, "application_id": "A1", "status": "active"}
        self._good("POST", "/v1/imports", {"applications": [permit], "cards": [card]})
        self.configure()
        for code in POINTS:
            asked = {"crossing_point": code, "lane": "1", "gateway": "g1", "link_key": os.urandom(16).hex()}
            board = self._good("POST", "/v1/boards", asked)
            journal = Journal(board["board"], board["epoch"])
            self.boards[code] = BoardEnd(self.folder / code, journal, bytes.fromhex(board["link_key"]))

    def configure(self, **values: object) -> None:
        """Write the gateway's configuration."""
        known: dict[str, object] = {
            "data": str(self.folder / "g"),
            "name": "g1",
            "clock_error_ms": 500,
            "central_url": self.url,
            "token": self.token,
            "serial": [str(self.folder / code) for code in POINTS],
        }
        lines = (f"{key} = {json.dumps(value)}\n" for key, value in (known | values).items())
        self.config.write_text("".join(lines))

    def start_centre(self) -> dict[str, Any]:
        """Start the centre, or start it again."""
        data = str(self.folder / "c")
        return self._start("central", "central", "run", "--data", data, "--port", self.port, "--follow-stdin")

    def start_gateway(self) -> dict[str, Any]:
        """Start the gateway, or start it again."""
        return self._start("gateway", "gateway", "run", "--config", str(self.config), "--follow-stdin")

    def _start(self, name: str, *command: str) -> dict[str, Any]:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [CHECKPOST, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        stdout = self.processes[name].stdout
        assert stdout is not None
        ready = json.loads(stdout.readline())
        assert isinstance(ready, dict)
        return ready

    def runs(self, name: str) -> bool:
        """Return True while a process runs."""
        return name in self.processes and self.processes[name].poll() is None

    def end(self, name: str) -> int:
        """Close a process's standard input and return the code with which it ended."""
        self.processes[name].communicate("", timeout=PATIENCE_S)
        return self.processes[name].returncode

    def kill(self, name: str) -> None:
        """Take a process away without warning."""
        self.processes[name].kill()
        self.processes[name].communicate()

    def fill_disk(self, name: str, full: bool) -> None:
        """Let a process's files grow no more, or again."""
        size = 300_000 if full else resource.RLIM_INFINITY
        hard = resource.RLIM_INFINITY
        resource.prlimit(self.processes[name].pid, resource.RLIMIT_FSIZE, (size, hard))

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a gateway command to its end."""
        command = [CHECKPOST, "gateway", arguments[0], "--config", str(self.config), *arguments[1:]]
        return subprocess.run(command, capture_output=True, text=True)

    def status(self) -> dict[str, Any]:
        """Return what `gateway status --json` says, without a process for each look."""
        return status(self.folder / "g", "g1")

    def _good(self, method: str, path: str, body: object) -> dict[str, Any]:
        response = self.http.request(method, path, json=body)
        response.raise_for_status()
        return response.json() if response.content else {}

    def crossings(self) -> list[tuple[int, int]]:
        """Return (board, sequence) of all crossings that the office sees."""
        found, after = [], 0
        while True:
            page = self.http.get(f"/v1/crossings?after={after}").json()
            found += [(row["board"], row["seq"]) for row in page["crossings"]]
            if not page["more"]:
                return found
            after = page["position"]

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, (self.folder / "gateway.log").read_text()[-4000:]
            time.sleep(0.02)

    def close(self) -> None:
        """End everything."""
        for board in self.boards.values():
            board.close()
        for name in self.processes:
            if self.runs(name):
                self.kill(name)
        self.http.close()
