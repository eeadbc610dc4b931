"""All processes of a replay: one centre, the gateways, and a virtual board for each crossing point."""

import asyncio
import json
import os
import random
import socket
import sys
from pathlib import Path

from replay.air import QUIET_STEP_MS, Air, link, on_air
from replay.cards import issue_cards
from replay.clock import ReplayClock
from replay.faults import Plan
from replay.guard import Guard
from replay.panel import Panel
from replay.processes import Child, ReplayError
from replay.provision import Registered, board_settings, gateway_config, register
from replay.scenario import Scenario
from virtualboard.chips.deck import Deck

BIN = Path(sys.executable).parent
CHECKPOST = str(BIN / "checkpost")
WAIT_STEP_MS = 300


class Stage:
    """Brings everything up, and takes it down; parts that die in between are started again by their `Child`."""

    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        plan: Plan,
        port: int,
        patience_s: float,
        links: str = "serial",
        seed: int = 1,
        firmware: Path | None = None,
    ):
        self.scenario = scenario
        self.folder = folder
        self.plan = plan
        self.patience_s = patience_s
        self.cards = folder / "cards"
        self.firmware = firmware or folder / "firmware"
        self.url = f"http://127.0.0.1:{port or free_port()}"
        self.clock = ReplayClock(folder / "clock", scenario.taps[0].utc_s)
        self.on_air = on_air(links, list(scenario.points))
        self.air = Air(folder, self.clock, seed) if self.on_air else None
        self.children: list[Child] = []
        self.boards: dict[str, Child] = {}
        self.gateways: dict[str, Child] = {}
        self.central: Child | None = None
        self.guards: dict[str, Guard] = {}
        self.registered: Registered | None = None
        self.env = os.environ | {"CHECKPOST_CLOCK": str(self.clock.path), "PYTHONUNBUFFERED": "1"}

    async def start(self) -> None:
        """Bring the centre, the boards and the gateways up, in this order."""
        await asyncio.gather(self._start_central(), self._lay_firmware_out())
        self.registered = await asyncio.to_thread(
            register, self.scenario, self.url, self.folder / "central" / "tokens.json"
        )
        if self.air:
            await self.air.start()
            await asyncio.gather(*(self._start_modem(name) for name in self.scenario.gateways))
        await asyncio.gather(*(self._start_board(code) for code in self.scenario.points))
        await asyncio.gather(*(self._start_gateway(name) for name in self.scenario.gateways))

    async def _lay_firmware_out(self) -> None:
        if not self.firmware.exists():
            await self.run_command(sys.executable, "-m", "replay.flashed", str(self.firmware))

    async def _start_central(self) -> None:
        data = self.folder / "central"
        await self.run_command(CHECKPOST, "central", "init", "--data", str(data))
        port = self.url.rsplit(":", 1)[1]
        command = [CHECKPOST, "central", "run", "--data", str(data), "--port", port, "--follow-stdin", "--development"]
        self.central = self._child("central", [*command, "--clock", str(self.clock.path)])
        await self.central.start()

    async def _start_board(self, code: str) -> None:
        assert self.registered is not None
        folder = self.folder / "boards" / code
        folder.mkdir(parents=True)
        settings = folder / "settings.json"
        registered = self.registered
        board, seal_key = registered.boards[code], registered.seal_keys[code]
        values = board_settings(self.scenario, board, seal_key)
        settings.write_text(json.dumps(values | ({"link": link()} if code in self.on_air else {})))
        number = list(self.scenario.points).index(code)  # a board and its chips share a processor; boards spread out
        command = await self._make_board(folder, settings, number, code if code in self.on_air else "")
        env = dict(self.env)
        if self.plan.broken == "micropython":
            env["CHECKPOST_MICROPYTHON"] = "/bin/false"
        self.boards[code] = self._child(f"board {code}", command, env)
        await self.boards[code].start()
        panel = Panel(folder / "control.sock")
        await panel.connect()
        if self.plan.broken == "spi":
            await panel.do("break", what="spi0")
        if self.plan.broken == "uart":
            await panel.do("link", up=False)
        await panel.close()
        self.guards[code] = Guard(
            panel, folder / "journal.bin", self.clock, self.patience_s, self.air if code in self.on_air else None
        )

    async def _make_board(self, folder: Path, settings: Path, number: int, radio: str) -> list[str]:
        """Make a board's files; return the command that runs it, `radio` being its name on the air if it has one."""
        virtualboard = [sys.executable, "-m", "virtualboard"]
        await self.run_command(
            *virtualboard, "make", "--dir", str(folder), "--firmware", str(self.firmware), "--settings", str(settings)
        )
        command = [*virtualboard, "run", "--dir", str(folder), "--follow-stdin", "--cpu", str(number)]
        command += ["--cards", str(self.cards)]
        assert not radio or self.air
        return command + (["--ether", str(self.air.path), "--radio", radio] if radio and self.air else [])

    async def _start_modem(self, gateway: str) -> None:
        """Start the board that is a gateway's radio."""
        folder = self._modem(gateway)
        folder.mkdir(parents=True)
        settings = folder / "settings.json"
        settings.write_text(json.dumps({"role": "modem", "link": link()}))
        number = list(self.scenario.gateways).index(gateway)
        command = await self._make_board(folder, settings, number, f"modem {gateway}")
        await self._child(f"modem {gateway}", command).start()

    def _modem(self, gateway: str) -> Path:
        return self.folder / "boards" / f"modem-{gateway}"

    async def _start_gateway(self, name: str) -> None:
        assert self.registered is not None
        folder = self.folder / "gateways" / name
        folder.mkdir(parents=True)
        url = "http://127.0.0.1:9" if self.plan.broken == "http" else self.url  # port 9: discard, nobody listens
        codes = self.scenario.gateways[name]
        ports = [self.folder / "boards" / code / "uart0" for code in codes if code not in self.on_air]
        radios = [self._modem(name) / "repl"] if self.air else []
        token = self.registered.gateway_tokens[name]
        config = gateway_config(folder, name, url, token, ports, radios, self.clock.path)
        command = [CHECKPOST, "gateway", "run", "--config", str(config), "--follow-stdin"]
        self.gateways[name] = self._child(f"gateway {name}", command)
        await self.gateways[name].start()

    def _child(self, name: str, command: list[str], env: dict[str, str] | None = None) -> Child:
        log = self.folder / "logs" / f"{name.replace(' ', '-')}.log"
        log.parent.mkdir(exist_ok=True)
        child = Child(name, command, log, env or self.env)
        self.children.append(child)
        return child

    def issue_cards(self) -> int:
        """Issue the scenario's cards with the centre's keys; return how many. For a thread: it takes some seconds."""
        return issue_cards(self.scenario.folder, self.folder / "central", Deck(self.cards), os.urandom)

    def config_of(self, gateway: str) -> Path:
        """Return the configuration file of a gateway."""
        return self.folder / "gateways" / gateway / "gateway.toml"

    def kill(self, part: str, dice: random.Random) -> str:
        """Kill one part without warning and return its name; its watcher starts it again."""
        among = {"board": list(self.boards.values()), "gateway": list(self.gateways.values())}
        child = dice.choice(among[part]) if part in among else self.central
        assert child is not None
        child.kill()
        return child.name

    async def links(self, up: bool) -> None:
        """Plug or unplug the serial line of every board."""
        for guard in self.guards.values():
            await guard.ready()
            await guard.panel.do("link", up=up)

    def pass_quietly(self) -> None:
        """Let ticks pass while everybody waits: quiet boards poll by them. On the air nothing is cut short."""
        if self.air is None:
            self.clock.skip(WAIT_STEP_MS)
        elif self.air.rested():
            self.clock.skip(QUIET_STEP_MS)

    async def run_command(self, *command: str) -> str:
        """Run a command to its end and return what it printed; ReplayError with its last line when it fails."""
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=self.env
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            lines = (err or out).decode(errors="replace").strip().splitlines()
            raise ReplayError(f"{' '.join(command[:3])}: {lines[-1] if lines else 'failed without a word'}")
        return out.decode()

    async def stop(self) -> None:
        """Take everything down, boards first."""
        for guard in self.guards.values():
            await guard.panel.close()
        await asyncio.gather(*(child.stop() for child in reversed(self.children)))
        if self.air:
            await self.air.stop()
        self.clock.close()


def free_port() -> int:
    """Return a TCP port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_in_use(port: int) -> bool:
    """Return True if something listens on a port of the loopback."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
