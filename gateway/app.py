"""A running gateway: the only place where its parts are put together."""

import asyncio
import json
import os
import random
import secrets
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import structlog

from gateway import live
from gateway.boards.admission import keep_centre_keys
from gateway.boards.channel import AirPort
from gateway.boards.port import BoardPort, BoardState
from gateway.boards.rostering import keep_rosters
from gateway.clock import Clock, open_clock
from gateway.console.service import Service, listen
from gateway.contract import sealing
from gateway.contract.enrolment import CentreKeys
from gateway.describing import describe
from gateway.forwarder.backoff import Backoff
from gateway.forwarder.client import Centre, timeouts
from gateway.forwarder.introduction import Introduction
from gateway.forwarder.keys import KeyPull
from gateway.forwarder.pull import Pull
from gateway.forwarder.push import Push
from gateway.intake.desk import IntakeDesk
from gateway.intake.freshness import Freshness
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Taken
from gateway.intake.vouching import Listened, Vouching
from gateway.keys import KeyStore, has_credential, open_keys, save
from gateway.links.serial import SerialPort
from gateway.lock import Lock
from gateway.parts import Parts
from gateway.settings import Settings, SettingsError
from gateway.store.database import StoreFailure
from gateway.store.store import Store, make_folder, open_reader, open_store
from gateway.view import View, look
from gateway.worker import SOON, URGENT, Worker

LISTEN_S = 15.0  # between two looks at which boards are silent
SHOWN_S = 0.25  # between two looks at what the guard's page shows of the links
LIVE_S = 1.0  # between two writings of what `status` reads: a card in a Raspberry Pi wears out
AFTER_FAILURE_S = 1.0  # a full disk is tried again this often
SWITCH_S = 0.0005  # threads change this often, so that a question of a board does not wait behind a roster


def run(settings: Settings, follow_stdin: bool) -> None:
    """Run a gateway until a signal, or until standard input ends when `follow_stdin` is set."""
    if settings.central_url is None:
        raise SettingsError("central_url is missing: a gateway needs the address of its centre.")
    if not settings.bearer(_credentials()):
        raise SettingsError("token is missing: a gateway needs the token that the centre gave it.")
    make_folder(settings.data)
    sys.setswitchinterval(SWITCH_S)
    with Lock(settings.data):
        asyncio.run(_main(settings, follow_stdin))


async def _main(settings: Settings, follow_stdin: bool) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    if follow_stdin:
        threading.Thread(target=_follow_stdin, args=(asyncio.get_running_loop(), stop), daemon=True).start()
    async with _gateway(settings) as gateway:
        gateway.check_ports()
        serving = asyncio.create_task(gateway.serve())
        stopping = asyncio.create_task(stop.wait())
        print(
            json.dumps(
                {"ready": True, "name": settings.name, "ports": len(settings.serial) + len(settings.radio)}
                | gateway.where()
            ),
            flush=True,
        )
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=not serving.done())


@asynccontextmanager
async def _gateway(settings: Settings) -> AsyncIterator["Gateway"]:
    clock = open_clock(settings.clock_file, settings.clock_error_ms)
    keys = open_keys(settings.data, _credentials())
    own_key = sealing.public_half(sealing.open_key(settings.data))
    writer = Worker("store-writer", lambda: open_store(settings.data, secrets.randbits(32)))
    reader = Worker("store-reader", lambda: open_reader(settings.data))
    await writer.start()
    await reader.start()
    headers = {
        "authorization": f"Bearer {settings.bearer(_credentials())}",
        "user-agent": f"checkpost-gateway/{settings.name}",
    }
    http = httpx.AsyncClient(base_url=settings.central_url or "", headers=headers, timeout=timeouts())
    try:
        view = await reader.run(URGENT, look)
        as_of_s = await reader.run(URGENT, lambda store: store.knowledge.get(AS_OF))
        freshness = Freshness(None if as_of_s is None else int(as_of_s))
        console = _console(settings, clock, writer)
        try:
            parts = (settings, clock, writer, reader, Centre(http), freshness, view)
            yield Gateway(*parts, keys=keys, console=console, sealing_key=own_key)
        finally:
            if console is not None:
                await console.stop()
    finally:
        await http.aclose()
        await writer.stop()
        await reader.stop()


def _console(settings: Settings, clock: Clock, writer: Worker[Store]) -> Service | None:
    """Return the guard's page, already listening, None when no port is set for it."""
    if settings.http_port is None:
        return None
    bound = listen(settings.http_host, settings.http_port)
    return Service(settings.name, settings.data, writer, lambda: clock.utc_ms() // 1000, bound)


class Gateway:
    """All tasks of one gateway over its parts."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        writer: Worker[Store],
        reader: Worker[Store],
        centre: Centre,
        freshness: Freshness,
        view: View,
        dice: random.Random | None = None,
        port_of: type[SerialPort] = SerialPort,
        keys: KeyStore | None = None,
        console: Service | None = None,
        sealing_key: str | None = None,
    ):
        """`dice`: the system's randomness unless a simulation brings its own; `port_of` as in BoardPort.

        `sealing_key`: the public half that the centre is told; None: it hears of none.
        """
        dice = dice or random.SystemRandom()
        self._settings = settings
        self._console = console
        self._log = structlog.get_logger("checkpost.gateway")
        desk = IntakeDesk(writer, clock, self._taken)
        self._parts = Parts(clock, writer, reader, freshness, view, desk, dice.getrandbits, keys)
        self._vouching = Vouching(self._parts)
        if console is not None:
            console.start(self._taken)
        self._push = Push(writer, centre, Backoff(dice.random), self._parts.note_centre)
        self._keys = KeyPull(centre, Backoff(dice.random), self._take_keys)
        self._introduction = self._introduced(centre, sealing_key, Backoff(dice.random)) if sealing_key else None
        news = self._parts.wake, self._vouch, self._keys.wake
        self._pull = Pull(writer, centre, Backoff(dice.random), clock, freshness, *news)
        self._ports = [BoardPort(path, settings.baud, self._parts, port_of) for path in settings.serial]
        self._ports += [AirPort(path, self._parts, port_of) for path in settings.radio]

    def check_ports(self) -> None:
        """PortInUse when another process has one of the ports."""
        for port in self._ports:
            port.port.check()

    def where(self) -> dict[str, str]:
        """Return the address of the console, if there is one."""
        return {"console": self._console.url} if self._console else {}

    async def serve(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for port in self._ports:
                tasks.create_task(port.run())
            tasks.create_task(self._push.run())
            tasks.create_task(self._pull.run())
            tasks.create_task(self._keys.run())
            if self._introduction is not None:
                tasks.create_task(self._introduction.run())
            tasks.create_task(self._watch())
            tasks.create_task(keep_rosters(self._parts))
            tasks.create_task(self._tell())
            tasks.create_task(self._listen())

    def _introduced(self, centre: Centre, sealing_key: str, backoff: Backoff) -> Introduction:
        async def take(keys: CentreKeys) -> bool:
            return await self._parts.writer.run(SOON, partial(keep_centre_keys, keys=keys))

        return Introduction(centre, backoff, sealing_key, take)

    def _boards(self) -> list[BoardState]:
        return [board for port in self._ports for board in port.boards.values()]

    def _vouch(self) -> int | None:
        return self._vouching.until(self._boards())

    async def _listen(self) -> None:
        """Write down which boards are silent, when that changes: verdicts wait for what they may hold."""
        loop = asyncio.get_running_loop()
        started = self._parts.clock.steady_ms(), loop.time()
        noted: Listened | None = None
        while True:
            await asyncio.sleep(LISTEN_S)
            listened = self._vouching.listened(self._boards(), started, loop.time())
            if listened == noted:
                continue
            try:
                await self._parts.writer.run(SOON, partial(_note_silent, listened=listened))
                noted = listened
            except StoreFailure as error:
                self._log.error("which boards are silent cannot be noted", why=str(error))

    def _taken(self, taken: Taken) -> None:
        self._parts.note_taken(taken)
        self._push.wake()
        if self._console is not None:
            self._console.wake()

    def _take_keys(self, keys: KeyStore) -> None:
        """Serve with new keys at once; they are kept, but where systemd keeps them."""
        if keys == self._parts.keys:
            return
        self._parts.keys = keys
        if not has_credential(_credentials()):
            try:
                save(keys, self._settings.data)
            except OSError as error:  # they serve, and are fetched again after a restart
                self._log.error("card keys not kept", why=str(error))
        self._parts.wake()

    async def _watch(self) -> None:
        while True:
            try:
                if await self._parts.changed():
                    self._push.wake()
            except StoreFailure as error:
                self._log.error("the store cannot be read", why=str(error))
                await asyncio.sleep(AFTER_FAILURE_S)

    async def _tell(self) -> None:
        """Show how the links are on the guard's page, and write it for `status`, when it changed."""
        shown: dict[str, Any] = {}
        written: dict[str, Any] = {}
        written_s = -LIVE_S
        while True:
            now, now_s = describe(self._parts, self._ports, self._push, self._pull, self._keys), _real_s()
            if self._console is not None and now != shown:
                self._console.tell(now)
                shown = now
            if now != written and now_s - written_s >= LIVE_S:
                try:
                    await asyncio.to_thread(live.write, self._settings.data, now)
                    written = now
                except OSError as error:
                    self._log.error("the state for `status` cannot be written", why=str(error))
                written_s = now_s
            await asyncio.sleep(LIVE_S if self._console is None else SHOWN_S)


def _note_silent(store: Store, listened: Listened) -> None:
    Learning(store).own_silent(listened.silent, listened.heard)


def _real_s() -> float:
    return asyncio.get_running_loop().time()


def _credentials() -> str | None:
    """Return the folder in which systemd gives this service its credentials."""
    return os.environ.get("CREDENTIALS_DIRECTORY")


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


def _follow_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop when standard input ends: whoever started this is gone."""
    sys.stdin.buffer.read()
    ending: Callable[[], object] = stop.set
    if not loop.is_closed():
        loop.call_soon_threadsafe(ending)
