"""A primary that dies under load and its standby that takes over: `python -m tests.central.failover`."""

import argparse
import asyncio
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from benches.postgres import Server
from gateway.forwarder.backoff import Backoff
from gateway.forwarder.client import Centre as CentreOfForwarder
from gateway.forwarder.push import Push
from gateway.intake.records import Intake
from gateway.worker import Worker
from tests.central.conftest import ONS
from tests.central.rush import rush
from tests.central.support import GATEWAY, Centre, Served
from tests.gateway.support import NOW_S, Journal, fresh_store, teach_small

POWER_CUTS_COUNT = {"fsync": "on", "full_page_writes": "on"}
STANDBY = "two"


@dataclass
class Pair:
    """A primary, and a standby without which nothing is acknowledged."""

    primary: Server
    standby: Server
    url: str

    def fail_over(self) -> None:
        """Kill the primary and promote the standby."""
        self.primary.kill()
        self.standby.promote()

    def close(self) -> None:
        """End both."""
        for server in (self.primary, self.standby):
            server.close()


def pair() -> Pair:
    """Start a pair as gateway/README.md says."""
    primary = Server(POWER_CUTS_COUNT)
    try:
        primary.fresh("centre")
        standby = Server(POWER_CUTS_COUNT, primary, STANDBY)
    except BaseException:
        primary.close()
        raise
    primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
    primary.execute("SELECT pg_reload_conf()")
    return Pair(primary, standby, primary.url("centre", standby))


class Gateway(threading.Thread):
    """A gateway's own store and forwarder, with the backlog of a board that was away."""

    def __init__(self, folder: Path, centre: Served, crossings: int):
        super().__init__()
        self._folder, self._url, self._token = folder, centre.url, centre.tokens[GATEWAY]
        key = {"crossing_point": "ONS", "lane": "backlog", "gateway": "gw", "link_key": "ff" * 16}
        self.journal = Journal(centre.good("admin", "POST", "/v1/boards", json=key)["board"])
        for number in range(crossings):
            self.journal.crossing(NOW_S - 100_000 + number)
        self.failures = 0
        self.may_begin, self.has_begun = threading.Event(), threading.Event()

    def run(self) -> None:
        """Forward until the centre holds everything, however often it is away."""
        asyncio.run(self._forward())

    async def _forward(self) -> None:
        def store():
            made = fresh_store(self._folder)
            teach_small(made)
            Intake(made).take([self.journal.run()], NOW_S)
            return made

        worker, held, done = Worker("store", store), 0, asyncio.Event()

        def on_held(_board: int, _epoch: int, seq: int) -> None:
            nonlocal held
            held = max(held, seq)
            self.has_begun.set()
            if held == len(self.journal.records):
                done.set()

        await worker.start()
        await asyncio.to_thread(self.may_begin.wait)
        access = {"Authorization": f"Bearer {self._token}"}
        async with httpx.AsyncClient(base_url=self._url, headers=access, timeout=60) as http:
            backoff = _Counted(random.random)
            pushing = asyncio.create_task(Push(worker, CentreOfForwarder(http), backoff, on_held).run())
            await done.wait()
            pushing.cancel()
        self.failures = backoff.ever
        await worker.stop()


class _Counted(Backoff):
    """Also says how often the centre was away at all."""

    ever = 0

    def failed(self) -> float:
        self.ever += 1
        return super().failed()


def play(folder: Path, crossings: int, writers: int, backlog: int, processes: int, tell: Callable[[str], None]) -> int:
    """Kill the primary after a third of `crossings`; return how many of all crossings the reader met, each once."""
    two = pair()
    try:
        centre = Served(folder / "central", two.url, processes)
        centre.good("admin", "PUT", "/v1/crossing-points/ONS", json=ONS)
        gateway = Gateway(folder / "gateway", centre, backlog)
        gateway.start()
        cut_s: list[float] = []

        def meanwhile(met: int) -> None:
            if not cut_s and met > crossings // 3:
                gateway.may_begin.set()
                gateway.has_begun.wait()
                begun = time.monotonic()
                two.fail_over()
                cut_s.append(time.monotonic() - begun)
                tell(f"primary killed after {met} crossings, standby promoted in {cut_s[0]:.1f} s")

        met = rush(centre, crossings, writers, meanwhile, backlog)
        gateway.join()
        tell(f"the forwarder met {gateway.failures} failures and went on")
        _check(centre, crossings + backlog)
        centre.stop()
        assert cut_s and gateway.failures, "nobody noticed the death of the primary"
        return met
    finally:
        two.close()


def _check(centre: Centre, wanted: int) -> None:
    """AssertionError unless the centre counts every crossing once, and every chain reaches its end."""
    assert centre.good("office", "GET", "/v1/table")["taps"] == wanted
    held = centre.good("admin", "GET", "/v1/held")["held"]
    assert sum(one["seq"] for one in held) == wanted


def main(arguments: list[str]) -> int:
    """Fail over as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.central.failover", description=__doc__)
    parser.add_argument("--crossings", type=int, default=20_000)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--backlog", type=int, default=5_000, help="crossings that a gateway's own forwarder brings")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    begun = time.monotonic()

    def tell(words: str) -> None:
        sys.stdout.write(words + "\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as folder:
        met = play(Path(folder), asked.crossings, asked.writers, asked.backlog, asked.processes, tell)
    tell(f"{met} crossings, none lost, none twice, {time.monotonic() - begun:.0f} s")
    return 0 if met == asked.crossings + asked.backlog else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
