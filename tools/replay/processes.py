"""Child processes of a replay: started, watched, and started again when something killed them."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

READY_S = 60.0  # a board compiles its firmware at its first start, six of them on two cores
STOP_S = 5.0
RESTARTS_MAX = 50  # a child that dies this often is broken, not unlucky


class ReplayError(Exception):
    """The replay cannot go on; the message is for people."""


class Child:
    """One process that prints a JSON line when it is ready and ends when its standard input closes."""

    def __init__(self, name: str, command: list[str], log: Path, env: dict[str, str], restart_s: float = 0.1):
        self.name = name
        self.command = command
        self.log = log
        self.env = env
        self.restart_s = restart_s
        self.restarts = 0
        self.ready: dict[str, object] = {}
        self.on_restart: Callable[[], None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int | None:
        """Return the process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    async def start(self) -> None:
        """Start it, wait until it is ready, and watch it from then on."""
        await self._launch()
        self._watcher = asyncio.create_task(self._watch())

    async def _launch(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=self.env,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), READY_S)
            self.ready = json.loads(line)
        except (TimeoutError, ValueError) as error:
            raise ReplayError(f"{self.name} did not start; it said: {self.last_words()}") from error
        self._drain = asyncio.create_task(self._copy_output(self._process.stdout))

    async def _copy_output(self, stream: asyncio.StreamReader) -> None:
        with self.log.open("ab", buffering=0) as log:
            while chunk := await stream.read(4096):
                log.write(chunk)

    async def _watch(self) -> None:
        while True:
            assert self._process is not None
            code = await self._process.wait()
            self.restarts += 1
            if self.restarts > RESTARTS_MAX:
                self._fail(
                    f"{self.name} ended {self.restarts} times, last with code {code}; it said: {self.last_words()}"
                )
                return
            await asyncio.sleep(self.restart_s)
            try:
                await self._launch()
            except ReplayError:
                continue  # it ended while it started: counted above, and tried again
            if self.on_restart:
                self.on_restart()

    def _fail(self, words: str) -> None:
        if not self.failed.done():
            self.failed.set_exception(ReplayError(words))

    def kill(self) -> None:
        """Take the power away (SIGKILL, the process and what it started); the watcher starts it again."""
        if self.pid:
            os.killpg(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """End it for good: close its input, then ask, then insist."""
        if self._watcher:
            self._watcher.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def last_words(self) -> str:
        """Return the last line of its log."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1] if lines else "nothing"
