"""A provisioning that breaks off at any step, and is given again, ends as one that nothing disturbed."""

import json
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.contract import Board as Registered
from gateway.contract import CrossingPoint, sealing, statements
from gateway.contract.enrolment import Voucher
from tests.support.paper_board import PaperBoard
from workbench.board import commissioning, report
from workbench.board.bundle import make_signer
from workbench.board.commissioning import commission
from workbench.board.pending import Pending
from workbench.board.provision import Wanted
from workbench.board.settings import read
from workbench.board.voucher import VoucherFile, VoucherRegistry, write

POINT = CrossingPoint(code="ONS", name="Onsong", kind="border", zone="north", time_zone="Asia/Pyongyang")
LINK = {"carrier": "serial", "baud": 921_600}
NOW_S = 1_790_000_000
CHIP = f"{1:016x}"


class Broken(BaseException):
    """The power went, or somebody pulled the plug."""


class Fuse:
    """Breaks at step `at`: each step is an effect, and breaks before it or behind it."""

    def __init__(self, at):
        self._left = at

    def _step(self):
        self._left -= 1
        if self._left == 0:
            raise Broken

    def around(self, work):
        """Return `work` as two steps."""

        def fused(*given, **named):
            self._step()
            made = work(*given, **named)
            self._step()
            return made

        return fused

    def over(self, thing, *names):
        """Return a thing whose methods of these names are steps."""
        for name in names:
            setattr(thing, name, self.around(getattr(thing, name)))
        return thing


class Centre:
    """A centre in memory: as the real one, it gives a link key the same answer again, and knows each key once."""

    def __init__(self):
        self.epochs = {7: [("old", "old")], 9: [("other", "other")]}  # by board: link and seal key of each epoch

    def knowledge(self):
        return {"ONS": POINT}, "live"

    def register(self, point, lane, gateway, link_key, seal_key):
        known = [number for number in self.epochs if self.epochs[number][-1][0] == link_key]
        number = known[0] if known else max(self.epochs) + 1
        if not known:
            self.epochs[number] = [(link_key, seal_key)]
        return self._board(number, point, lane, gateway)

    def open_epoch(self, number, link_key, seal_key):
        if self.epochs[number][-1][0] != link_key:
            self.epochs[number].append((link_key, seal_key))
        return self._board(number, "ONS", "1", "north")

    def _board(self, number, point, lane, gateway):
        link_key = self.epochs[number][-1][0].hex()
        epoch = len(self.epochs[number])
        return Registered(
            board=number, epoch=epoch, crossing_point=point, lane=lane, gateway=gateway, link_key=link_key
        )


class World:
    """A board, a centre, the technician's folder; `before`: number of the board that the paper board was, if any."""

    def __init__(self, folder, before):
        folder.mkdir()
        self.out = folder / "out"
        self.signer = make_signer(folder / "technician.key")
        self.centre, self.board = Centre(), PaperBoard(1)
        self.voucher = folder / "voucher.json"
        if before is not None:
            place = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north"}
            self.board.files["/settings.json"] = json.dumps(
                {"board": before, "epoch": 1, "crossing_point": place, "lane": "1"}
            ).encode()

    def write_voucher(self):
        signed_for = {"technician": self.signer.public.hex(), "gateway": "north"}
        ends = {name: sealing.public_half(X25519PrivateKey.generate()) for name in ("gateway_key", "centre_key")}
        times = {"made_s": NOW_S, "until_s": NOW_S + 1000}
        said = {"layout": 1, "numbers": [21, 22, 23], "points": [POINT], "assurance": "live"}
        voucher = Voucher(**said, **signed_for, **ends, **times)
        write(self.voucher, statements.signed(voucher, self.signer.private.sign), {})

    def registry(self):
        if not self.voucher.exists():
            return self.centre
        return VoucherRegistry(VoucherFile(self.voucher), self.signer, CHIP, ("ONS", "1"), self.out, NOW_S)

    def give(self, wanted, monkeypatch, at=0):
        """Give the line once, with a fuse; return True if it went through."""
        fuse = Fuse(at)
        board, registry = self.board, self.registry()
        with monkeypatch.context() as patch:
            for name in ("replace", "ask", "run"):
                patch.setattr(board, name, fuse.around(getattr(board, name)))
            for name in ("register", "open_epoch"):
                patch.setattr(registry, name, fuse.around(getattr(registry, name)))
            for name in ("replace", "unlink", "write_text", "mkdir"):
                patch.setattr(Path, name, fuse.around(getattr(Path, name)))
            try:
                commission(board, registry, wanted, self.signer, self.out)
            except Broken:
                return False
        return True

    def finish(self, wanted, monkeypatch):
        """Do as a technician: give the line again, unless the board is provisioned and nothing waits."""
        held = read(self.board)
        waits = Pending(self.out, CHIP).begun(wanted.place, held)
        papers = list(self.out.glob("*-report.html")) if self.out.exists() else []
        if waits or not papers:
            assert self.give(wanted, monkeypatch)

    def ended(self):
        """Return all that stands in the end; of keys, which are new each time, whether all parts have the same.

        A file of zeros says that a provisioning has ended.
        """
        values = json.loads(self.board.files["/settings.json"])
        link_key = values.pop("link_key")
        files = sorted(
            path.name for path in self.out.iterdir() if path.read_bytes().strip(b"\0")
        )  # zeros: it has ended
        [page] = self.out.glob("*-report.html")
        facts, _ = report.verify(page.read_text())
        del facts["done_at"]
        if self.voucher.exists():
            keys, epochs = {link_key}, json.loads(self.voucher.read_text())["used"].keys()
            seal_keys = set(self.board.seal_keys)
        else:
            keys = {link_key, self.centre.epochs[values["board"]][-1][0].hex()}
            seal_keys = {*self.board.seal_keys, self.centre.epochs[values["board"]][-1][1].hex()}
            epochs = {number: len(held) for number, held in self.centre.epochs.items()}
        return values, files, facts, list(epochs), epochs, len(keys), len(seal_keys)


@pytest.mark.parametrize(
    ("before", "number", "by_voucher"),
    [(None, None, False), (9, None, False), (None, 7, False), (7, 7, False), (None, None, True), (9, None, True)],
    ids=["new", "once-more", "a-spare", "rekeyed", "by-voucher", "once-more-by-voucher"],
)
def test_broken_off_at_any_step_it_ends_as_if_it_was_not(tmp_path, monkeypatch, before, number, by_voucher):
    monkeypatch.setattr(commissioning, "check", lambda board, settings: [])
    wanted = Wanted("ONS", "1", "north", LINK, number=number)

    def world(step):
        made = World(tmp_path / str(step), before)
        if by_voucher:
            made.write_voucher()
        return made

    undisturbed = world(0)
    assert undisturbed.give(wanted, monkeypatch)
    expected = undisturbed.ended()
    for step in count(1):
        disturbed = world(step)
        if disturbed.give(wanted, monkeypatch, step):
            break
        disturbed.finish(wanted, monkeypatch)
        assert disturbed.ended() == expected, f"broken off at step {step}"
    assert step > 20
