"""Writers that hand in crossings at once while a reader follows the feed: `python -m tests.central.rush`."""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from benches.postgres import Server
from checkpost import chain, record
from checkpost.record import Crossing, Record
from tests.central.conftest import ONS
from tests.central.support import GATEWAY, OFFICE, Served

PAUSE_S = 0.05  # before a batch is sent again
RECORDS = 250  # of one batch
FIRST_S = 1_792_962_000


class Writer(threading.Thread):
    """A board of its own that writes crossings, and hands them in through a connection of its own."""

    def __init__(self, centre: Served, number: int, crossings: int):
        super().__init__()
        self._centre, self._number, self._crossings = centre, number, crossings

    def run(self) -> None:
        """Hand in everything; a request that meets no answer is sent again, as a gateway does it."""
        head = chain.start(self._number, 1)
        access = {"Authorization": f"Bearer {self._centre.tokens[GATEWAY]}"}
        with httpx.Client(base_url=self._centre.url, headers=access, timeout=60) as http:
            for first in range(1, self._crossings + 1, RECORDS):
                raws = [self._record(seq) for seq in range(first, min(first + RECORDS, self._crossings + 1))]
                head = chain.extend(head, b"".join(raws))
                run = {"board": self._number, "epoch": 1, "first_seq": first, "head": head.hex()}
                batch = {"runs": [run | {"records": [raw.hex() for raw in raws]}]}
                while not self._sent(http, batch):
                    time.sleep(PAUSE_S)

    def _record(self, seq: int) -> bytes:
        body = Crossing(bytes.fromhex(f"05{self._number:04X}{seq:08X}"), 0, 1, record.UID).pack()
        return Record(record.CROSSING, seq, FIRST_S + seq, 36, record.SYNCED, 2, body).pack()

    def _sent(self, http: httpx.Client, batch: object) -> bool:
        try:
            answer = http.post("/v1/batches", json=batch)
        except httpx.TransportError:
            return False
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code == 200


def rush(
    centre: Served, crossings: int, writers: int, meanwhile: Callable[[int], None] = lambda _: None, others: int = 0
) -> int:
    """Have boards write at once while the feed is read; return how many crossings the reader met, each once.

    `meanwhile` is told how many it has met, page after page. `others`: crossings that come besides.
    AssertionError when the reader met a gap or a double.
    """
    centre.good("admin", "PUT", "/v1/crossing-points/ONS", json=ONS)
    boards = []
    for lane in range(writers):
        key = {"crossing_point": "ONS", "lane": str(lane), "gateway": "gw", "link_key": f"{lane:032x}"}
        number = centre.good("admin", "POST", "/v1/boards", json=key)["board"]
        boards.append(Writer(centre, number, crossings // writers))
    for board in boards:
        board.start()
    met: list[tuple[int, int]] = []
    while len(met) < crossings + others:
        writing = any(board.is_alive() for board in boards)
        answer = centre.call(OFFICE, "GET", "/v1/feed", params={"after": len(met)})
        rows = answer.json()["crossings"] if answer.status_code == 200 else []
        found = [row["position"] for row in rows]
        # Without a permit nothing is judged again: each crossing has one position, and none is left out.
        assert found == list(range(len(met) + 1, len(met) + 1 + len(found))), "a gap, or one position twice"
        met += [(row["board"], row["seq"]) for row in rows]
        meanwhile(len(met))
        if not rows and not writing and not others and answer.status_code == 200:
            break
    for board in boards:
        board.join()
    assert len(set(met)) == len(met), "one crossing twice"
    return len(met)


def main(arguments: list[str]) -> int:
    """Rush as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.central.rush", description=__doc__)
    parser.add_argument("--crossings", type=int, default=100_000)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--processes", type=int, default=4)
    asked = parser.parse_args(arguments)
    server = Server({"fsync": "on", "full_page_writes": "on"})
    with tempfile.TemporaryDirectory() as folder:
        try:
            centre = Served(Path(folder) / "central", server.fresh("rush"), asked.processes)
            begun = time.monotonic()
            met = rush(centre, asked.crossings, asked.writers)
            took_s = time.monotonic() - begun
            centre.stop()
        finally:
            server.close()
    sys.stdout.write(f"{met} crossings of {asked.writers} writers, each met once and in order, {took_s:.0f} s\n")
    return 0 if met == asked.crossings else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
