"""A centre in memory behind httpx: it takes records exactly as the contract says, and fails as it is told to."""

import json
import random
from collections.abc import Callable

import httpx
import zstandard

from checkpost import chain
from gateway.contract import Batch, Changes, Import

Key = tuple[int, int]


class FakeCentre:
    """What it holds is in `records` and `imported`; `fail(request)` says what goes wrong with a request."""

    def __init__(self) -> None:
        self.records: dict[Key, list[str]] = {}
        self.heads: dict[Key, bytes] = {}
        self.imported: list[str] = []
        self.changes = Changes(changes=[], revision=0, more=False)
        self.requests = 0
        self.doubled = 0
        self.fail: Callable[[httpx.Request], str] = lambda request: ""
        self.refuse_board = 0
        self.refuse_row = ""

    def http(self) -> httpx.AsyncClient:
        """Return a client that speaks with this centre."""
        return httpx.AsyncClient(base_url="http://centre", transport=httpx.MockTransport(self._handle))

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        fault = self.fail(request)
        if fault == "lost-request":
            raise httpx.ConnectTimeout("no answer", request=request)
        if fault == "5xx":
            return httpx.Response(503, json={"detail": "not now"})
        if fault == "no-access":
            return httpx.Response(401, json={"type": "urn:checkpost:problem:no-access", "detail": "Who are you?"})
        response = self._serve(request)
        if fault == "lost-reply":
            raise httpx.ReadTimeout("the reply was lost", request=request)
        if fault == "cut-reply":
            return httpx.Response(response.status_code, content=response.content[: len(response.content) // 2])
        return response

    def _serve(self, request: httpx.Request) -> httpx.Response:
        packed = request.headers.get("content-encoding") == "zstd"
        content = zstandard.decompress(request.content) if packed else request.content
        if request.url.path == "/v1/batches":
            return self._take(Batch.model_validate_json(content))
        if request.url.path == "/v1/imports":
            return self._import(Import.model_validate_json(content))
        return httpx.Response(200, json=json.loads(self.changes.model_dump_json(exclude_none=True)))

    def _import(self, rows: Import) -> httpx.Response:
        keys = [row.application_id for row in rows.applications] + [row.card_uid for row in rows.cards]
        if self.refuse_row in keys:
            return _problem(422, "not-valid", f"{self.refuse_row} is not wanted")
        self.imported += keys
        return httpx.Response(200, json={"changed": len(keys), "revision": 1})

    def _take(self, batch: Batch) -> httpx.Response:
        new, held = 0, []
        if any(run.board == self.refuse_board for run in batch.runs):
            return _problem(409, "chain-broken", f"board {self.refuse_board} is broken")
        for run in batch.runs:
            key = (run.board, run.epoch)
            have = self.records.setdefault(key, [])
            known = len(have) + 1 - run.first_seq
            if known > 0 and have[run.first_seq - 1 :][: len(run.records)] != run.records[:known]:
                return _problem(409, "record-differs", f"a record of board {run.board} is another one here")
            if known >= 0:
                fresh = run.records[known:]
                self.doubled += len(run.records) - len(fresh)
                head = self.heads.get(key, chain.start(*key))
                head = chain.extend(head, b"".join(map(bytes.fromhex, fresh)))
                assert not fresh or head.hex() == run.head, "a batch whose chain does not hold"
                have += fresh
                self.heads[key] = head
                new += len(fresh)
            held.append({"board": run.board, "epoch": run.epoch, "seq": len(have)})
        return httpx.Response(200, json={"held": held, "new": new, "known": 0})


def dice(seed: int, share: float) -> Callable[[httpx.Request], str]:
    """Return a fault for a share of the requests."""
    rolls = random.Random(seed)
    faults = ("lost-request", "lost-reply", "cut-reply", "5xx")
    return lambda request: rolls.choice(faults) if rolls.random() < share else ""


def _problem(status: int, kind: str, detail: str) -> httpx.Response:
    return httpx.Response(status, json={"type": f"urn:checkpost:problem:{kind}", "detail": detail})
