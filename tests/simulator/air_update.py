"""A firmware on its way by radio, in the simulator's time: the real gateway, modem and board, breaks of all sorts.

Run as a program it prints what it saw as JSON: it takes threads away from whatever runs beside it.
"""

import asyncio
import builtins
import json
import os
import sys
from pathlib import Path

import slots
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import simulator.run
from gateway import live
from gateway.boards.firmware import Bundle
from gateway.commands.showing import update_words
from gateway.status import boards_now
from gateway.store.store import open_reader, open_store
from gateway.view import look
from kiosk import update, updating
from simulator.board import Board
from simulator.centre import Centre
from simulator.command import _quieten
from simulator.faults import NONE
from simulator.links import LORA
from simulator.loop import VirtualLoop, without_threads
from simulator.run import World, _folder
from simulator.site import register
from virtualboard.ether import most_in_a_window
from workbench.board.bundle import Signer, pack
from workbench.board.tree import Tree

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
SAME = {"kiosk/same.mpy": b"same" * 200}
OLD = SAME | {"main.mpy": b"old main"}
NEW = SAME | {
    "main.mpy": b"new main" * 40,
    "kiosk/version.mpy": bytes(range(256)) * 6,
    "lib/large.mpy": b"\x07\x09" * 1000,
}
HOUR_S = 3600
LOOK_S = 20
SILENCE_S = 1200
TURN_S = 0.9  # less than kiosk.updating's GAP_MS


class Rooted:
    """`os` and `open` as a board has them: its root is a folder."""

    def __init__(self, root):
        self._root = root

    def _at(self, path):
        return self._root / str(path).lstrip("/")

    def open(self, path, mode="r"):
        return builtins.open(self._at(path), mode)

    def stat(self, path):
        return os.stat(self._at(path))

    def remove(self, path):
        os.remove(self._at(path))

    def rename(self, old, new):
        os.replace(self._at(old), self._at(new))

    def mkdir(self, path):
        os.mkdir(self._at(path))

    def ilistdir(self, path):
        return [(one.name, 0x4000 if one.is_dir() else 0x8000) for one in self._at(path).iterdir()]


class UpdatingBoard(Board):
    """A board with slots, whose main.py brings a firmware in."""

    def _step(self, app):
        """Turn often enough for a board that is at rest, not switched off in between."""
        wait_s = super()._step(app)
        return wait_s if app.uplink.updating is None else min(wait_s, TURN_S)

    def _start(self):
        super()._start()
        uplink = self.app.uplink

        def bring(piece):  # as firmware/main.py has it
            begun = piece is not None or bool(updating._size(updating.HEAD))
            if uplink.updating is None and not slots.on_trial() and begun:
                uplink.updating = updating.Updating(slots, uplink, self.power_off, piece is None)
            if uplink.updating is not None and piece is not None:
                uplink.updating.take(piece)

        uplink.bring = bring
        bring(None)


class AirUpdate(World):
    """One board by radio, its gateway and its modem; `factor`: the site's spreading factor."""

    def __init__(self, folder, factor):
        super().__init__(folder, 1961, NONE, LORA)
        self.links.radio["spreading_factor"] = factor
        self.root = folder / "board"
        self.samples = []
        self.written = 0  # bytes of pieces that the board put on its flash

    def lay(self):
        """Lay a flashed board's files, and let the firmware's modules see them as their root."""
        files = Rooted(self.root)
        for module in (update, updating, slots):
            module.os, module.open = files, files.open
        updating.forget = lambda name: None  # it goes on in the same process
        append = updating._append

        def counted(path, data):
            self.written += len(data)
            append(path, data)

        updating._append = counted
        old = Tree((0, 1, 0), 6, OLD)
        laid = {f"a/{path}": data for path, data in old.files.items()} | {"a/slot.txt": old.mark.encode()}
        laid |= {"slots.txt": b"a - 0\n", "settings.json": json.dumps({"update_key": SIGNER.public.hex()}).encode()}
        for path, data in laid.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(data)

    async def carry(self, breaks):
        """Bring the bundle to the board; return what was seen."""
        self.lay()
        (self._folder / "centre").mkdir()
        self.centre = Centre(self._folder / "centre", self._clock.utc_ms, self.faults, self._dice("centre"))
        async with asyncio.TaskGroup() as tasks:
            lives = [tasks.create_task(self.centre.run())]
            site = await register(self.centre, 1, self._dice("site"), self.links.of)
            self._build(site)
            lives += [tasks.create_task(one.run()) for one in (*self.gateways, *self.modems, *self.boards)]
            (self.board,) = self.boards
            await self._until(lambda: self.board.app is not None and self.board.app.uplink.up())
            self.asked_s = self._now()
            self._ask()
            if breaks:
                await self._break()
            await self._until(lambda: self.state() == "on trial")
            found = await self._kept()
            for life in lives:
                life.cancel()
        return found

    def state(self):
        return (self.told()["update"] or {"state": ""})["state"]

    def told(self):
        """Return what `gateway status` says of the board."""
        folder = self._folder / "g1" / "disk-0"
        store = open_reader(folder)
        try:
            return boards_now(store, look(store), live.read(folder))[0]
        finally:
            store.close()

    def _ask(self):
        bundle = self.bundle = Bundle(pack(Tree((0, 2, 0), 6, NEW), SIGNER))
        store = open_store(self._folder / "g1" / "disk-0", 0)
        with store.transaction():
            store.firmware.ask(bundle.id, bundle.dotted, bundle.data, [1], 0)
        store.close()

    def _now(self):
        return asyncio.get_running_loop().time()

    async def _until(self, done, limit_s=48 * HOUR_S):
        end = self._now() + limit_s
        while not done():
            assert self._now() < end, self.samples[-5:]
            await asyncio.sleep(LOOK_S)
            if self.board.app is not None and hasattr(self, "asked_s"):
                told = self.told()
                if told["update"]:
                    self.samples.append(
                        [
                            self._now() - self.asked_s,
                            told["update"]["percent"],
                            told["update"]["left_s"],
                            told["update"]["left_by"],
                        ]
                    )

    async def _reach(self, percent):
        await self._until(lambda: self.told()["update"]["percent"] >= percent)

    async def _break(self):
        """Take away the gateway, the air and the board's power, in the middle of a file each time."""
        await self._reach(15)
        self.gateways[0].kill()
        await self._reach(30)
        before = self.told()["update"]["percent"]
        self.air.weather(1.0, 0.0)
        await asyncio.sleep(SILENCE_S)
        self.silent = self.told()["update"]["percent"] - before
        self.air.weather(0.1, 0.01)
        await self._reach(60)
        self.board.power_off()
        await self._until(lambda: self.board.app is not None and self.board.app.uplink.up())
        self.words = update_words(self.told())

    async def _kept(self):
        """Let the new slot prove itself, as a technician's yes does, and hear of it at the gateway."""
        took_s = self._now() - self.asked_s
        await self._until(lambda: self.board.starts > (2 if hasattr(self, "words") else 1))
        run = slots.read().run
        files = {name: (self.root / run / name).read_bytes() == data for name, data in NEW.items()}
        slots.confirm()
        self.board.power_off()
        await self._until(lambda: self.state() == "kept")
        hour_us = HOUR_S * 1_000_000
        used = {
            name: most_in_a_window([one for one in self.air.ether.log if one.radio == name], hour_us) / 1e6
            for name in ("board 1", "modem g1")
        }
        left = [path.name for path in self.root.iterdir() if path.name.startswith("update")]
        lacking = sum(len(data) for name, data in NEW.items() if OLD.get(name) != data)
        return {
            "took_s": took_s, "run": run, "files": files, "law": self.air.broken_law(), "used_s": used, "left": left,
            "samples": self.samples, "words": getattr(self, "words", ""), "silent": getattr(self, "silent", 0),
            "written": self.written, "needed": lacking + len(self.bundle.head),
        }  # fmt: skip


def main(factor, breaks):
    """Carry one bundle, and print what was seen."""
    _quieten()
    without_threads()
    simulator.run.Board = UpdatingBoard
    with _folder() as folder, asyncio.Runner(loop_factory=VirtualLoop) as runner:
        print(json.dumps(runner.run(AirUpdate(Path(folder), factor).carry(breaks))))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:] == ["breaks"])
