"""A board's control channel: what a hand and an ear at the panel do and hear."""

import asyncio
import json
from pathlib import Path

from replay.processes import ReplayError

CLICK, GO, ASK, CANNOT_VERIFY, RECORDED, FAULT = 1200, 2000, 800, 500, 1600, 300
ANSWERS = (GO, ASK, CANNOT_VERIFY)
ANSWER_LIGHTS = ([0, 1, 2], [3, 4], [5, 6, 7])
REPLY_S = 30.0
LINE_MAX = 1 << 16


class BoardRestarted(Exception):
    """The board or its process went away, or started again, in the middle of something."""


class Panel:
    """One virtual board as a guard uses it; sounds are told apart by their first frequency in Hz."""

    def __init__(self, path: Path):
        self.path = path
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._replies: asyncio.Queue[dict[str, object] | None] = asyncio.Queue()
        self._heard: asyncio.Queue[int | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Open the control channel; OSError while the board's process is not there."""
        await self.close()
        self._replies, self._heard = asyncio.Queue(), asyncio.Queue()
        self._reader, self._writer = await asyncio.open_unix_connection(str(self.path), limit=LINE_MAX)
        self._task = asyncio.create_task(self._listen(self._reader))

    async def close(self) -> None:
        """Close the control channel."""
        if self._task:
            self._task.cancel()
        if self._writer:
            self._writer.close()
        self._reader = self._writer = self._task = None

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._sort(json.loads(line))
        except ConnectionError:
            self._heard.put_nowait(None)
        else:
            self._heard.put_nowait(None)
        self._replies.put_nowait(None)

    def _sort(self, message: dict[str, object]) -> None:
        if "event" not in message:
            self._replies.put_nowait(message)
        elif message["event"] == "sound":
            self._heard.put_nowait(int(str(message["hz"])))
        elif message["event"] in ("boot", "crash", "power"):
            self._heard.put_nowait(None)

    async def do(self, action: str, **given: object) -> dict[str, object]:
        """Do one thing at the board and return its reply; BoardRestarted when nobody answers."""
        if self._writer is None:
            raise BoardRestarted
        self._writer.write(json.dumps({"do": action, **given}).encode() + b"\n")
        try:
            await self._writer.drain()
            reply = await asyncio.wait_for(self._replies.get(), REPLY_S)
        except (ConnectionError, TimeoutError) as error:
            raise BoardRestarted from error
        if reply is None:
            raise BoardRestarted
        if not reply["ok"]:
            raise ReplayError(f"the board refused {action}: {reply['error']}")
        return reply

    async def up(self) -> bool:
        """Return True if the firmware's loop turns: the picture alone may be that of before a restart."""
        return bool((await self.do("state"))["turning"])

    async def noticed(self) -> bool:
        """Return True if the firmware has looked at every button since it last moved."""
        state = await self.do("state")
        if not state["turning"]:
            raise BoardRestarted
        return not state["unseen"]

    async def answers(self) -> bool:
        """Return True while the light bar shows an answer: the left, the middle or the right of it."""
        lights = (await self.do("panel"))["leds"]
        assert isinstance(lights, list)
        return [number for number, colour in enumerate(lights) if any(colour)] in ANSWER_LIGHTS

    def forget(self) -> None:
        """Forget every sound heard so far; BoardRestarted if the board started again among them."""
        while not self._heard.empty():
            if self._heard.get_nowait() is None:
                raise BoardRestarted

    def begin(self) -> None:
        """Forget what was heard while the board was not up."""
        self._heard = asyncio.Queue()

    async def hear(self, wanted: tuple[int, ...], timeout_s: float) -> int | None:
        """Return the first of the `wanted` sounds, None when none comes in time; BoardRestarted when it restarts."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            try:
                frequency = await asyncio.wait_for(self._heard.get(), max(0.0, deadline - loop.time()))
            except TimeoutError:
                return None
            if frequency is None:
                raise BoardRestarted
            if frequency in wanted:
                return frequency
