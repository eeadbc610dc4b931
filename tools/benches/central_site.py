"""A centre for the bench: a PostgreSQL of the wheel's, the centre's own command before it, and a gateway's batches."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from benches.interpreter import BenchFailed
from benches.postgres import Server
from checkpost import chain, record
from gateway.contract import MAX_BATCH

CHECKPOST = str(Path(sys.executable).parent / "checkpost")
# As an operator has it: what is acknowledged is on the disk.
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "256MB",
}
BATCH_CROSSINGS = MAX_BATCH // 2  # with an outcome each
IMPORT_ROWS = 500
FIRST_S = 1_793_000_000
START_S = 120


class Site:
    """One database, one centre on it, and gateways with a board each."""

    def __init__(self, folder: Path, processes: int = 1, gateways: int = 1):
        """Start both; `close` ends them."""
        self.server = Server(SETTINGS)
        self.database = self.server.fresh("bench")
        data = str(folder / "central")
        environment = os.environ | {"CHECKPOST_CENTRAL_DATABASE": self.database}
        done = subprocess.run(
            [CHECKPOST, "central", "init", "--data", data], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            self.server.close()
            raise BenchFailed(done.stderr)
        command = [CHECKPOST, "central", "run", "--data", data, "--port", "0", "--follow-stdin"]
        self._process = subprocess.Popen(
            [*command, "--processes", str(processes)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout
        self.url = json.loads(self._process.stdout.readline())["url"]
        self._tokens = json.loads((folder / "central" / "tokens.json").read_text())
        admin = self.http("admin")
        point = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north-hamgyong"}
        good(admin.put("/v1/crossing-points/ONS", json=point))
        good(admin.put("/v1/policy", json={"assurance": "uid"}))
        self.boards: dict[str, int] = {}  # by the gateway's name, which is a role of `http`
        for at in range(gateways):
            name = f"gateway-{at}"
            self._tokens[name] = good(admin.post("/v1/gateways", json={"name": name})).json()["token"]
            board = {"crossing_point": "ONS", "lane": str(at), "gateway": name, "link_key": f"{at:032x}"}
            self.boards[name] = int(good(admin.post("/v1/boards", json=board)).json()["board"])

    def http(self, role: str) -> httpx.Client:
        """Return a client with a role's token."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self._tokens[role]}"}, timeout=600)

    def teach(self, permits: int) -> None:
        """Tell the centre of so many permits with a card each."""
        office = self.http("office")
        for at in range(0, permits, IMPORT_ROWS):
            numbers = range(at, min(at + IMPORT_ROWS, permits))
            rows = {
                "applications": [{"application_id": f"B{n}", "decision": "approved"} for n in numbers],
                "cards": [{"card_uid": uid(n), "application_id": f"B{n}", "status": "active"} for n in numbers],
            }
            good(office.post("/v1/imports", json=rows))

    def close(self) -> None:
        """End the centre and the database."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        self.server.close()


def good(answer: httpx.Response) -> httpx.Response:
    """Return an answer if it is one; BenchFailed if not."""
    if answer.status_code != 200:
        raise BenchFailed(f"the centre answered {answer.status_code}: {answer.text[:300]}")
    return answer


def uid(number: int) -> str:
    """Return a permit's card."""
    return f"06{number:012d}"


def batches(board: int, crossings: int, permits: int, turn: int = 0) -> Iterator[bytes]:
    """Yield bodies for /v1/batches: crossings in turn over the permits from `turn` on, each with its outcome."""
    head = chain.start(board, 1)
    for first in range(0, crossings, BATCH_CROSSINGS):
        raws: list[bytes] = []
        for number in range(first, min(first + BATCH_CROSSINGS, crossings)):
            seq = 2 * number + 1
            crossing = record.Crossing(bytes.fromhex(uid((turn + number) * 7919 % permits)), number % 2, 1, record.UID)
            outcome = record.pack_outcome(seq, record.ADMITTED, 1)
            utc_s = FIRST_S + 2 * seq
            raws.append(record.Record(record.CROSSING, seq, utc_s, 36, record.SYNCED, 2, crossing.pack()).pack())
            raws.append(record.Record(record.OUTCOME, seq + 1, utc_s + 1, 36, record.SYNCED, 2, outcome).pack())
        head = chain.extend(head, b"".join(raws))
        run = {"board": board, "epoch": 1, "first_seq": 2 * first + 1, "head": head.hex()}
        yield json.dumps({"runs": [run | {"records": [raw.hex() for raw in raws]}]}).encode()
