"""A console over a small store, served as it is in a gateway, but without one around it."""

import asyncio
import re
import secrets
import threading
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from gateway.console import people
from gateway.console.people import Pins
from gateway.console.service import Service, listen
from gateway.contract import CONSOLE_LANE, Board
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from gateway.store.store import open_store
from gateway.worker import URGENT, Worker
from tests.gateway.support import MORNING_S, NOW_S, Journal, teach_small

PIN = "482913"
GUARDS = ("Han Sol", "Kim Nari")
CONSOLE_BOARD = 9
UP = {"link": "up", "epoch": 1, "next_seq": 1, "clock": "synced", "roster_current": True, "fill_percent": 3}


def quick_pins():
    """PINs by the same algorithm at a thousandth of its price."""
    return Pins(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def live(*boards, connected=True, trouble=""):
    """What a running gateway says of its links."""
    said = [{"board": board, "drops": {}, "odd": [], "refused": {}} | UP for board in boards]
    return {
        "centre": {"connected": connected},
        "ports": [{"path": "p", "drops": {}, "trouble": trouble, "boards": said}],
    }


def teach(folder: Path) -> None:
    """Make a store with two boards, one permit, a console at ONS, and two guards with a PIN."""
    store = open_store(folder, 1)
    teach_small(store)
    console = Board(
        board=CONSOLE_BOARD, epoch=1, crossing_point="ONS", lane=CONSOLE_LANE, gateway="g", link_key="0" * 32
    )
    Learning(store).take_imported([console], NOW_S)
    for name in GUARDS:
        people.add(store, quick_pins(), name, PIN, NOW_S)
    store.close()


class Served:
    """A console at work. `taken`: what its hand entries told the gateway."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.now_s = MORNING_S
        self.taken = []
        self.journals = {board: Journal(board) for board in (1, 2)}
        teach(folder)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._writer = Worker("writer", lambda: open_store(folder, secrets.randbits(32)))
        self._wait(self._writer.start())
        self.port = 0
        self.start()

    def start(self) -> None:
        """Serve, at the same address as before."""
        bound = listen("127.0.0.1", self.port)
        self.port = bound.getsockname()[1]
        self.service = Service("north", self.folder, self._writer, lambda: self.now_s, bound)
        self.say(live(1, 2))
        self._wait(self._start())

    async def _start(self) -> None:
        self.service.start(self.taken.append)

    def stop(self) -> None:
        """Stop serving."""
        self._wait(self.service.stop())

    def close(self) -> None:
        """End everything."""
        self.stop()
        self._wait(self._writer.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def say(self, said: dict) -> None:
        """Say how the links are, as the gateway does."""
        self._loop.call_soon_threadsafe(self.service.tell, said)

    def do(self, job):
        """Run a job on the store, as the gateway does, and let the page know."""
        result = self._wait(self._writer.run(URGENT, job))
        self._loop.call_soon_threadsafe(self.service.wake)
        return result

    def tap(self, board: int, *crossing, outcome: int = 0, **values) -> int:
        """Let a crossing of a board come in, and its outcome."""
        journal = self.journals[board]
        seq = journal.crossing(self.now_s, *crossing, **values)
        if outcome:
            journal.outcome(self.now_s + 5, seq, outcome)
        run = journal.run(seq)
        self.do(lambda store: Intake(store).take([run], self.now_s))
        return seq

    def client(self, language: str = "en") -> httpx.Client:
        """Return a browser that nobody has signed in to."""
        headers = {"accept-language": language}
        return httpx.Client(base_url=self.service.url, headers=headers, timeout=30)

    def guard(self, name: str = GUARDS[0], language: str = "en") -> "Guard":
        """Return a signed-in browser."""
        return Guard(self.client(language), name)

    def _wait(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)


class Guard:
    """A browser of somebody who signed in."""

    def __init__(self, http: httpx.Client, name: str):
        self.http = http
        answer = http.post("/sign-in", data={"name": name, "pin": PIN, "back": "/search"})
        assert answer.status_code == 303, answer.text
        self.csrf = re.search(r'name="csrf" value="(\w+)"', self.page("/search"))[1]

    def page(self, path: str) -> str:
        """Return a page that is there."""
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form and return the page that it leads to."""
        return self.http.post(path, data=fields | {"csrf": self.csrf}, follow_redirects=True)
