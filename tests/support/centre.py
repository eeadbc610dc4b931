"""A centre as a process, with a crossing point and a gateway."""

import json
import subprocess
import sys
from pathlib import Path

import httpx

from gateway.contract.secrets import write_secret

CHECKPOST = Path(sys.executable).with_name("checkpost")


class CentreProcess:
    """`checkpost central run` over a folder; `url`, `token_file` (the admin's) and `client`."""

    def __init__(self, folder):
        self.data = data = folder / "centre"
        init = [CHECKPOST, "central", "init", "--data", data]
        self.said = subprocess.run(init, check=True, capture_output=True, text=True, timeout=100).stdout
        self._port = "0"  # of its own choice, and from then on the same
        self.start()
        tokens = json.loads((data / "tokens.json").read_text())
        self.token_file = folder / "admin.token"
        write_secret(self.token_file, tokens["admin"].encode())
        self.client = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {tokens['admin']}"}, timeout=60
        )
        point = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north", "time_zone": "Asia/Pyongyang"}
        self.client.put("/v1/crossing-points/ONS", json=point).raise_for_status()
        self.gateway_token = self.client.post("/v1/gateways", json={"name": "north"}).raise_for_status().json()["token"]

    def start(self):
        """Start it, or start it again at the same address."""
        run = [CHECKPOST, "central", "run", "--data", self.data, "--port", self._port, "--follow-stdin"]
        self.process = subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.url = json.loads(self.process.stdout.readline())["url"]
        self._port = self.url.rsplit(":", 1)[1]

    def kill(self):
        """Take it away without warning."""
        self.process.kill()
        self.process.wait(60)
        self.process.stdin.close()
        self.process.stdout.close()

    def boards(self):
        """Return the boards that it knows, by number."""
        rows = self.client.get("/v1/changes").raise_for_status().json()["changes"]
        return {row["board"]["board"]: row["board"] for row in rows if "board" in row}

    def stop(self):
        """End it."""
        self.client.close()
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
