"""Runs in MicroPython: updates on a real littlefs whose flash loses its power, at each operation in turn.

A firmware of a few files stands for the whole; what is cut is slots.py, kiosk/update.py and kiosk/updating.py.
Arguments: a bundle, its public key in hex, and of how many operations of an update over the link one is cut.
"""

import hashlib
import os
import sys

import vfs

sys.path[:] = ["", "firmware", "firmware/lib", ".frozen"]

import slots  # noqa: E402

from checkpost.piece import HEAD_FILE, KEPT, LEFT, MORE, Piece, parse_wanted  # noqa: E402
from kiosk import update, updating  # noqa: E402

BLOCK = 4096
BLOCKS = 32
PARTS = (0, 1, 2, 4)  # quarters of the operation that are done when the power goes
OLD = {"main.mpy": b"old main", "kiosk/version.mpy": b"old version", "lib/checkpost/record.mpy": b"same" * 200}


class Flash:
    """A block device in memory; the operation `cut` from now is done in part, then nothing answers any more."""

    def __init__(self, content, part=0):
        self.content = bytearray(content)
        self.part = part  # of the operation that is cut: in quarters
        self.cut = 0
        self.operations = 0
        self.dead = False

    def readblocks(self, block, into, offset=0):
        at = block * BLOCK + offset
        into[:] = self.content[at : at + len(into)]
        return -5 if self.dead else 0

    def writeblocks(self, block, data, offset=0):
        return self._change(block * BLOCK + offset, data)

    def ioctl(self, op, arg):
        if op == 6:
            return self._change(arg * BLOCK, b"\xff" * BLOCK)
        return {4: BLOCKS, 5: BLOCK}.get(op, 0)

    def _change(self, at, data):
        if self.dead:
            return -5
        self.operations += 1
        self.dead = self.operations == self.cut
        size = len(data) * self.part // 4 if self.dead else len(data)
        self.content[at : at + size] = data[:size]
        return -5 if self.dead else 0


def mount(flash):
    """Put a flash at the root, as a start of the board does."""
    vfs.umount("/")
    vfs.mount(vfs.VfsLfs2(flash, progsize=32, readsize=32), "/")


def put(path, data):
    at = path.find("/", 1)
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass
        at = path.find("/", at + 1)
    with open(path, "wb") as file:
        file.write(data)


def prepared(bundle, key):
    """Return the content of a flash that runs the old firmware from slot a and holds the bundle."""
    flash = Flash(bytes(BLOCK * BLOCKS))
    vfs.VfsLfs2.mkfs(flash)
    mount(flash)
    for name in OLD:
        put("/a/" + name, OLD[name])
    put("/a/slot.txt", b"0.1.0 old")
    put("/slots.txt", b"a - 0\n")
    put("/settings.json", b'{"update_key": "' + key + b'"}')
    put("/update.ckb", bundle)
    return bytes(flash.content)


def whole(slot, new):
    """Return True if a slot holds exactly the old or the new firmware, as its mark says."""
    mark = slots.mark(slot)
    wanted = OLD if mark == "0.1.0 old" else new if mark.startswith("0.2.0") else None
    assert wanted is not None, (slot, mark)
    for name in wanted:
        with open("/" + slot + "/" + name, "rb") as file:
            assert hashlib.sha256(file.read()).digest() == hashlib.sha256(wanted[name]).digest(), (slot, name)
    return mark.split(" ")[0]


def taken():
    """Take the bundle in, as the tool has it done."""
    update.begin("/update.ckb", slots)
    update.install("/update.ckb", slots)


def kept():
    """An update that proves itself: taken in, started, kept."""
    taken()
    slots.count()
    slots.confirm()


def left():
    """An update that does not: started as often as it may, then left."""
    taken()
    for _ in range(slots.STARTS + 1):
        slots.count()


class Restart(Exception):
    """The board starts anew."""


class Gateway:
    """Uplink, link and its other end in one: it has the bundle, and keeps what it heard over a power cut."""

    spare = None

    def __init__(self, bundle, files):
        self.link = self.telling = self
        self.head = bundle[: files[0][3]]
        self.files = [bundle[place : place + size] for _, size, _, place in files]
        self.id = hashlib.sha256(self.head).digest()[:4]
        self.sent = 0
        self.state = MORE
        self.more = b""
        self.updating = None

    def offer(self):
        """Return the first piece, as it is sent to a board that has not asked yet."""
        return self.piece(HEAD_FILE, 0)

    def piece(self, file, place):
        self.sent += 1
        return Piece(self.id, file, place, (self.files[file - 1] if file else self.head)[place : place + 512])

    def answer(self):
        """Return the piece that the board asked for, or None."""
        packed, self.more = self.more, b""
        if not packed:
            return None
        wanted = parse_wanted(packed[2:])
        self.state = wanted.state
        return self.piece(wanted.file, wanted.place) if wanted.state == MORE else None


def restarting():
    raise Restart()


def link_life(flash, gateway, ends):
    """Switch the board on, again and again, until its gateway heard that the firmware is kept, or that it was left."""
    for _ in range(2 * slots.STARTS + 4):
        slots.count()
        if slots.read().back:
            if ends == LEFT:
                continue
            slots.confirm()
        if gateway.state in (KEPT, LEFT) and not update.digest_of("/update.ckb"):
            return
        try:
            bring(gateway)
        except Restart:
            pass
        if flash.dead:
            raise OSError("the power went, whatever the board made of it")
    raise AssertionError("the gateway never heard the end")


def bring(gateway):
    """Let the board be at rest for as long as an update takes."""
    resumed = update.digest_of("/update.ckb") != b""
    work = gateway.updating = updating.Updating(slots, gateway, restarting, resumed)
    if not resumed:
        work.take(gateway.offer())
    for step in range(2000):
        work.step(100 * step)
        if gateway.updating is None:
            return
        piece = gateway.answer()
        if piece is not None:
            work.take(piece)
    raise AssertionError("the update never ended")


def link_tried(bundle, base, new, ends, part, every):
    """Cut a link's update at each of its operations in turn, or each `every`th; return how many."""
    mount(Flash(base))
    files = list(update.Bundle("/update.ckb", b"").files())
    version = "0.2.0" if ends == KEPT else "0.1.0"
    cuts, at = 0, 1 + part % every
    while True:
        flash = Flash(base, part)
        mount(flash)
        os.remove("/update.ckb")
        flash.operations = 0
        flash.cut = at
        gateway = Gateway(bundle, files)
        try:
            link_life(flash, gateway, ends)
        except OSError:
            assert flash.dead
        if not flash.dead:
            assert starts(flash, new) == version and gateway.state == ends
            return cuts
        cuts += 1
        again = Flash(flash.content)
        assert starts(again, new) in ("0.1.0", "0.2.0")
        link_life(again, gateway, ends)
        assert starts(again, new) == version and gateway.state == ends, (at, part, slots.read().note)
        assert update.digest_of("/update.ckb") == update.digest_of("/update.part") == b""
        at += every


def starts(flash, new):
    """Switch the power on and return the version that starts."""
    mount(flash)
    return whole(slots.choose(), new)


def tried(life, base, new, ends, part):
    """Cut a life at each of its operations in turn; return how many cuts there were."""
    cuts = 0
    while True:
        flash = Flash(base, part)
        mount(flash)
        flash.cut = cuts + 1
        try:
            life()
        except OSError:
            assert flash.dead
        if not flash.dead:
            assert starts(flash, new) == ends
            return cuts
        cuts += 1
        again = Flash(flash.content)
        assert starts(again, new) in ("0.1.0", "0.2.0")
        finish(life)
        assert starts(again, new) == ends, (cuts, part, slots.read().note)


def finish(life):
    """Go on after a cut: the same again, from where the board stands now."""
    word = slots.read()
    if word.back:
        for _ in range(slots.STARTS + 1 if life is left else 1):
            slots.count()
        if life is kept:
            slots.confirm()
    elif slots.mark("b") and word.run == "b":
        return
    elif not word.note:
        life()


def main():
    with open(sys.argv[1], "rb") as file:
        bundle = file.read()
    host = os.getcwd()
    base = prepared(bundle, sys.argv[2].encode())
    new = {}
    found = update.Bundle("/update.ckb", update.update_key())
    for name, size, _, place in found.files():
        new[name] = bundle[place : place + size]
    update.ed25519.checking = lambda key, message, signature: iter((True,))  # checked elsewhere: the flash matters here
    lives = ((kept, "0.2.0"), (left, "0.1.0"))
    cuts = [sum([tried(life, base, new, ends, part) for part in PARTS]) for life, ends in lives]
    updating.forget = lambda name: None  # it goes on in the same process
    every = int(sys.argv[3])
    by_link = []
    for ends in (KEPT, LEFT):
        by_link.append(sum([link_tried(bundle, base, new, ends, part, every) for part in PARTS]))
    vfs.umount("/")
    vfs.mount(vfs.VfsPosix(), "/")
    os.chdir(host)
    print("%d power cuts in an update that is kept, %d in one that is left;" % tuple(cuts), end=" ")
    print("over the link %d in one that is kept, %d in one that is left" % tuple(by_link))


main()
