"""A centre in a test, and the scenario as its boards would write it."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
import warnings
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg

from checkpost import chain, record
from checkpost.source import PAPER, marked
from gateway.central.access import ADMIN, GATEWAY, OFFICE, Access
from gateway.central.app import build
from gateway.central.signing import lay_key
from gateway.central.store import STORE_NAME, Store

with warnings.catch_warnings():  # it would rather have another HTTP client than the one that the project uses
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

CHECKPOST = str(Path(sys.executable).parent / "checkpost")
SCENARIO = Path(__file__).resolve().parents[2] / "tools" / "scenarios" / "hamgyong-1961"
GATEWAY_NAME = "gw"
LIST_COLUMNS = ("crossing_points", "zones", "released_on")
NUMBER_COLUMNS = ("entries", "max_stay_days", "reception_days", "companions")


def rows(name: str) -> list[dict[str, str]]:
    with (SCENARIO / name).open(newline="") as file:
        return list(csv.DictReader(file))


def application(row: dict[str, str]) -> dict[str, object]:
    """A row of applications.csv as the contract has it."""
    body: dict[str, object] = {name: value or None for name, value in row.items()}
    body |= {name: row[name].split() for name in LIST_COLUMNS if name in row}
    body |= {name: int(row[name]) if row[name] not in ("", "unlimited") else None for name in NUMBER_COLUMNS}
    return body


class Board:
    """Writes records as a board does, and hands them out in runs."""

    def __init__(self, number: int, epoch: int = 1):
        self.number, self.epoch = number, epoch
        self.raws: list[bytes] = []

    def crossing(self, utc_s: int, uid: str = "", direction: str = "entry", party: int = 1, **head: int) -> int:
        """Write a crossing; return its sequence."""
        body = record.Crossing(bytes.fromhex(uid), record.DIRECTIONS.index(direction), party, record.UID if uid else 0)
        return self._write(record.CROSSING, utc_s, body.pack(), **head)

    def line(self, utc_s: int, uid: str) -> int:
        """Write an entry from a paper form; return its sequence."""
        body = marked(record.Crossing(bytes.fromhex(uid), 0, 1, record.NONE).pack(), PAPER)
        return self._write(record.CROSSING, utc_s, body, record.HOLDOVER)

    def outcome(self, utc_s: int, seq: int, outcome: str, party: int = 1) -> int:
        """Write an outcome; return its sequence."""
        body = record.pack_outcome(seq, record.OUTCOMES.index(outcome), party)
        return self._write(record.OUTCOME, utc_s, body)

    def run(self, first: int = 1, last: int | None = None) -> dict[str, object]:
        """The records `first` to `last` as a run of a batch."""
        last = len(self.raws) if last is None else last
        head = chain.extend(chain.start(self.number, self.epoch), b"".join(self.raws[:last]))
        texts = [raw.hex() for raw in self.raws[first - 1 : last]]
        place = {"board": self.number, "epoch": self.epoch, "first_seq": first}
        return place | {"records": texts, "head": head.hex()}

    def _write(self, kind: int, utc_s: int, body: bytes, trust: int = record.SYNCED, offset: int = 36) -> int:
        seq = len(self.raws) + 1
        self.raws.append(record.Record(kind, seq, utc_s, offset, trust, 2, body).pack())
        return seq


class Centre:
    """A centre served in this process; one client a role."""

    def __init__(self, data: Path, open_page: bool = True, database: str = ""):
        self.data = data
        self.where = database or data / STORE_NAME
        self.store = laid(self.where)
        lay_key(data)
        access = Access(self.store, lambda: 0.0)
        self.tokens = {role: access.issue(role, role) for role in (ADMIN, OFFICE)}
        self.tokens[GATEWAY] = access.issue(GATEWAY, GATEWAY_NAME)
        self.now_s = 1_793_000_000
        self.app = build(data, lambda: self.now_s * 1000, open_page, database=database)
        self.http = TestClient(self.app, base_url="http://127.0.0.1", raise_server_exceptions=False)

    def call(self, role: str, method: str, path: str, **more: object):
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        headers |= more.pop("headers", {})
        return self.http.request(method, path, headers=headers, **more)

    def good(self, role: str, method: str, path: str, **more: object):
        answer = self.call(role, method, path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sign_in(self, name: str, role: str) -> None:
        """Open a session for a person; from then on `name` is whom a call is made as. No password: hashing is slow."""
        with self.store.write() as transaction:
            transaction.people.put(name, role, "no password: nobody signs in with one")
        self.tokens[name] = self.app.state.parts.access.open(role, name, 3600, None)

    def take(self, *runs: dict[str, object]):
        return self.good(GATEWAY, "POST", "/v1/batches", json={"runs": list(runs)})

    def add_board(self, point: str, **more: str) -> Board:
        key = {"crossing_point": point, "gateway": GATEWAY_NAME, "link_key": f"{zlib.crc32(point.encode()):032x}"}
        key |= more
        return Board(self.good(ADMIN, "POST", "/v1/boards", json=key)["board"])

    def know_points(self) -> None:
        for row in rows("crossing_points.csv"):
            self.good(ADMIN, "PUT", f"/v1/crossing-points/{row['code']}", json=row)
        self.good(ADMIN, "PUT", "/v1/policy", json={"assurance": "uid"})

    def know_permits(self) -> None:
        applications = [application(row) for row in rows("applications.csv")]
        cards = rows("cards.csv")
        for at in range(0, max(len(applications), len(cards)), 500):
            body = {"applications": applications[at : at + 500], "cards": cards[at : at + 500]}
            self.good(GATEWAY, "POST", "/v1/imports", json=body)

    def crossings(self, path: str = "/v1/crossings", limit: int = 1000) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        more, after = True, 0
        while more:
            page = self.good(OFFICE, "GET", path, params={"after": after, "limit": limit})
            found += page["crossings"]
            more, after = page["more"], page["position"]
        return found


def laid(where: Path | str) -> Store:
    """An empty store with a log of its own. A file is a copy of one that was laid before: laying takes far longer."""
    if isinstance(where, Path) and not where.exists():
        where.touch(mode=0o600)
        where.write_bytes(_blank())
        store = Store(where)
        store.rename_log()
        return store
    return Store.create(where)


@cache
def _blank() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / STORE_NAME
        Store.create(path).close()
        return path.read_bytes()


class Served(Centre):
    """A centre in a process of its own, as `checkpost central run` starts it."""

    def __init__(self, data: Path, database: str = "", processes: int = 1):
        self.data = data
        self.processes = processes
        self.environment = os.environ | {"CHECKPOST_CENTRAL_DATABASE": database}
        command = [CHECKPOST, "central", "init", "--data", data]
        subprocess.run(command, check=True, capture_output=True, timeout=180, env=self.environment)
        self.tokens = json.loads((data / "tokens.json").read_text())
        self.port = 0
        self.start()
        self.tokens[GATEWAY] = self.good(ADMIN, "POST", "/v1/gateways", json={"name": GATEWAY_NAME})["token"]

    def start(self, *more: str) -> None:
        command = [CHECKPOST, "central", "run", "--data", self.data, "--port", str(self.port), "--follow-stdin", *more]
        command += [] if "--tls-cert" in more else ["--development"]
        command += ["--processes", str(self.processes)] if self.processes > 1 else []
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment
        )
        ready = json.loads(self.process.stdout.readline())
        assert ready["ready"] is True
        self.url = ready["url"]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.http = httpx.Client(base_url=self.url, timeout=120)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.forget()

    def stop(self) -> int:
        """End it as its parent's end would, and return its exit code."""
        self.process.stdin.close()
        code = self.process.wait(timeout=180)
        self.forget()
        return code

    def forget(self) -> None:
        self.process.wait(timeout=180)
        self.process.stdin.close()
        self.process.stdout.close()
        self.http.close()

    def office(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run `checkpost office`."""
        access = ["--url", self.url, "--token-file", self.data / "tokens.json"]
        command = [CHECKPOST, "office", *str(arguments[0]).split(), *access, *arguments[1:]]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=180)


def emptied(centre: Centre, *tables: str) -> None:
    """Take every row out of tables of a centre that several tests share."""
    server = str(centre.where).startswith("postgresql:")
    with closing(psycopg.connect(centre.where) if server else sqlite3.connect(centre.where)) as held:
        for table in tables:
            held.execute(f"DELETE FROM {table}")
        held.commit()


def written(centre: Centre) -> tuple[dict[str, Board], list[tuple[str, int, int]], list[tuple[int, int]]]:
    """Write the scenario's taps: the boards by point, each tap's (point, first, last sequence), each tap's key."""
    boards = {row["code"]: centre.add_board(row["code"]) for row in rows("crossing_points.csv")}
    spans, keys = [], []
    for tap in rows("taps.csv"):
        board = boards[tap["crossing_point"]]
        utc_s = int(datetime.fromisoformat(tap["local_time"]).timestamp())
        first = board.crossing(utc_s, tap["card_uid"], tap["direction"], int(tap["party"]))
        last = board.outcome(utc_s + 5, first, tap["outcome"], int(tap["party"])) if tap["outcome"] else first
        spans.append((tap["crossing_point"], first, last))
        keys.append((board.number, first))
    return boards, spans, keys


def in_tap_order(boards: dict[str, Board], spans: list[tuple[str, int, int]], size: int) -> Iterator[list[dict]]:
    """Batches of `size` taps, as they happened."""
    for at in range(0, len(spans), size):
        ends: dict[str, tuple[int, int]] = {}
        for point, first, last in spans[at : at + size]:
            ends[point] = (ends.get(point, (first, last))[0], last)
        yield [boards[point].run(*span) for point, span in ends.items()]


def board_by_board(boards: list[Board], size: int = 500) -> Iterator[list[dict]]:
    """Batches of `size` records, one board after the other."""
    for board in boards:
        for first in range(1, len(board.raws) + 1, size):
            yield [board.run(first, min(first + size - 1, len(board.raws)))]


def expected() -> list[tuple[str, list[str], list[str]]]:
    """Verdict, reasons and notes of each tap."""
    return [(row["verdict"], row["reasons"].split(), row["notes"].split()) for row in rows("expected_verdicts.csv")]


def expected_table() -> dict[str, object]:
    return json.loads((SCENARIO / "expected_table.json").read_text())
