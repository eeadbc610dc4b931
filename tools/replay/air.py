"""The air of a replay: one ether for all boards and modems, and the law looked at in the ether's own log."""

import json
import time
from pathlib import Path

from checkpost.regions import region
from replay.clock import ReplayClock
from virtualboard.ether import Ether, Logged
from virtualboard.ether_line import EtherServer
from virtualboard.law import offences

REGION = "EU868"
SPREADING_FACTOR = 7
LOSS = 0.1  # of all packets, at each receiver by itself
QUIET_STEP_MS = 120_000  # that pass at a look while boards have only to be waited for: they poll each 15 minutes
REST_S = 0.4  # of real time without a packet: then no gateway is still computing an answer
NAMES = ("serial", "lora", "mixed")


def link() -> dict[str, object]:
    """Return the `link` of a board's settings: the site's one channel."""
    return {"carrier": "lora", "region": REGION, "spreading_factor": SPREADING_FACTOR}


def on_air(links: str, codes: list[str]) -> set[str]:
    """Return which boards have a radio: all, none, or in `mixed` every other one."""
    return {code for number, code in enumerate(codes) if links == "lora" or (links == "mixed" and number % 2)}


class Air:
    """Serves the ether in `folder`. While a packet is on the air its time passes at once: nobody computes then."""

    def __init__(self, folder: Path, clock: ReplayClock, seed: int):
        self.path = folder / "ether"
        self._begun_s = 0.0
        self._log = (folder / "ether.jsonl").open("w")
        self.ether = Ether(
            lambda: time.monotonic_ns() // 1000 + clock.skip_ms * 1000, loss=LOSS, seed=seed, on_log=self._write
        )
        self._server = EtherServer(self.path, self.ether, clock.skip)

    async def start(self) -> None:
        """Serve."""
        await self._server.start()

    async def stop(self) -> None:
        """Serve no more."""
        await self._server.stop()
        self._log.close()

    def rested(self, seconds: float = REST_S) -> bool:
        """Return True if nothing is on the air, and nothing began for so long in real time."""
        return self._server.quiet() and time.monotonic() - self._begun_s > seconds

    def offences(self) -> list[str]:
        """Return a sentence for each sender that was on the air longer than the law lets it in any hour."""
        return offences(self.ether.log, region(REGION))

    def summary(self) -> str:
        """Return in one sentence what the air carried."""
        counts, log = self.ether.counts, self.ether.log
        heard = ", ".join(f"{count} {how}" for how, count in counts.items())
        return f"{len(log)} packets, {sum(one.us for one in log) // 1_000_000} s on the air; at their receivers {heard}"

    def _write(self, one: Logged) -> None:
        self._begun_s = time.monotonic()
        fields = {"radio": one.radio, "start_us": one.start_us, "us": one.us, "hz": one.hz}
        self._log.write(json.dumps(fields | {"spreading_factor": one.factor, "bytes": one.size}) + "\n")
