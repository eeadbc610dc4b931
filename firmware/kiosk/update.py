"""Takes a signed firmware bundle into the slot that does not run. Loaded for an update, and not before.

Layout of a bundle: SPEC.md, "Firmware bundle". Nothing of it is used before the signature over its list of files holds;
the slot counts as whole only when every file has been read back by its hash. A refusal is an UpdateRefused. What takes
long is a generator, so that a kiosk can do it between two taps; the functions of the same steps do it at once.
"""

import binascii
import hashlib
import json
import os
import struct

from checkpost import ed25519
from checkpost.ed25519 import KEY_SIZE
from checkpost.ed25519 import SIZE as SIGNATURE
from kiosk.version import VERSION

MARK = b"CKFW"
LAYOUT = 1
MPY = 6  # the version of the .mpy files that this firmware's MicroPython loads
DOMAIN = b"checkpost firmware 1"
HEAD = "<4sBBBBBBHII"  # mark, layout, version (3), .mpy version, 0, files, bytes of the list, bytes of all files
HEAD_SIZE = 20
MAX_LIST = 16_384  # bytes: some 250 files
_ENTRY = 36  # size and SHA-256 behind a path
_PIECE = 512


class UpdateRefused(Exception):
    """A bundle is not taken: the text says why, its first word is the kind of trouble."""


class Bundle:
    """The bundle at `path`, or its head alone; not to be used before `proving` against the 32-byte public `key`."""

    def __init__(self, path, key):
        try:
            size = os.stat(path)[6]
        except OSError:
            raise UpdateRefused("missing: there is no bundle on the board")
        self.path = path
        with open(path, "rb") as file:
            head = file.read(HEAD_SIZE)
            listed, content = sizes(head)
            fields = struct.unpack(HEAD, head)
            self.version = tuple(fields[2:5])
            self.count = fields[7]
            self.first = HEAD_SIZE + listed + SIGNATURE
            self.whole = size == self.first + content  # else the files come by themselves, and only those lacking
            if not self.whole and size != self.first:
                raise UpdateRefused("half: %d of %d bytes are here" % (size, self.first + content))
            total = hashlib.sha256(head)
            total.update(file.read(listed))
            self._signed = key, DOMAIN + total.digest(), file.read(SIGNATURE)

    def proving(self, running=VERSION):
        """Yield between slices of the work; UpdateRefused where the bundle is altered, or older than what runs."""
        good = False
        for said in ed25519.checking(*self._signed):
            good = said
            yield
        if not good:
            raise UpdateRefused("altered: the signature does not fit, or another key made it")
        if self.version < tuple(running):
            raise UpdateRefused("old: %d.%d.%d is older than what runs" % self.version)

    def files(self):
        """Yield (path, size, SHA-256, place in the bundle) of each file."""
        place = self.first
        with open(self.path, "rb") as file:
            file.read(HEAD_SIZE)
            for _ in range(self.count):
                name = file.read(file.read(1)[0]).decode()
                entry = file.read(_ENTRY)
                size = struct.unpack("<I", entry[:4])[0]
                yield name, size, entry[4:], place
                place += size

    def mark(self):
        """Return what makes a slot with these files whole: version, and a digest over the list."""
        total = hashlib.sha256()
        for name, _, digest, _ in self.files():
            total.update(binascii.hexlify(digest) + b" " + name.encode() + b"\n")
        return "%d.%d.%d " % self.version + binascii.hexlify(total.digest()).decode()[:16]


def sizes(head):
    """Return bytes of the list and of all files, from a bundle's first 20 bytes; UpdateRefused where it is none."""
    if len(head) < HEAD_SIZE or head[:4] != MARK:
        raise UpdateRefused("wrong: this is no firmware bundle")
    fields = struct.unpack(HEAD, head[:HEAD_SIZE])
    if fields[1] != LAYOUT or fields[5] != MPY or fields[8] > MAX_LIST:
        raise UpdateRefused("wrong: the bundle is made for another MicroPython or another board")
    return fields[8], fields[9]


def begin(path, slots):
    """Check a bundle, or its head alone, and make the slot that does not run ready for it; return (slot, lacking).

    `lacking`: paths of the files that neither slot has. They may be written into the slot as they are, in any order;
    `install` proves them. `slots` is the module of that name. Cut off at any point, it is called again.
    """
    bundle, running, slot = _open(path, slots)
    _at_once(bundle.proving())
    lacking = []
    _at_once(sorting(bundle, running, slot, slots, lambda number, name, size: lacking.append(name)))
    return slot, lacking


def install(path, slots):
    """Prove and complete what `begin` made ready, and let it run on trial from the next start; return its version."""
    bundle, running, slot = _open(path, slots)
    _at_once(bundle.proving())
    _at_once(completing(bundle, running, slot, slots))
    return "%d.%d.%d" % bundle.version


def sorting(bundle, running, slot, slots, lacks):
    """Yield after each file of a proven bundle; tell `lacks(number from 1, path, size)` what neither slot has."""
    remove("/" + slot + slots.MARK)
    names = set()
    for number, (name, size, digest, _) in enumerate(bundle.files(), 1):
        names.add(name)
        if digest_of("/" + slot + "/" + name) != digest and digest_of("/" + running + "/" + name) != digest:
            lacks(number, name, size)
        yield
    _sweep("/" + slot, "", names)


def completing(bundle, running, slot, slots):
    """Yield after each file; copy what the running slot has, prove all, and let the slot run from the next start."""
    remove("/" + slot + slots.MARK)
    for name, size, digest, place in bundle.files():
        target = "/" + slot + "/" + name
        if digest_of(target) != digest:
            kept = "/" + running + "/" + name
            if digest_of(kept) == digest:
                _copy(kept, 0, size, target)
            elif bundle.whole:
                _copy(bundle.path, place, size, target)
            if digest_of(target) != digest:
                raise UpdateRefused("altered: %s is not what was signed" % name)
        yield
    _replace("/" + slot + slots.MARK, bundle.mark())
    slots.try_out(slot)


def slot_for(slots):
    """Return (slot that runs, slot that does not); UpdateRefused where no update can begin."""
    word = slots.read()
    if word.back:
        raise UpdateRefused("wait: the firmware that runs is on trial itself; confirm it or go back first")
    if not word.run:
        raise UpdateRefused("wrong: the board has no slots; flash it once over USB")
    return word.run, slots.other(word.run)


def _open(path, slots):
    """Return (bundle, slot that runs, slot that does not); UpdateRefused where no update can begin."""
    return (Bundle(path, update_key()),) + slot_for(slots)


def _at_once(work):
    for _ in work:
        pass


def update_key(path="/settings.json"):
    """Return the public key that the board was given at provisioning; UpdateRefused without one."""
    try:
        with open(path) as file:
            key = binascii.unhexlify(json.loads(file.read())["update_key"])
    except (OSError, ValueError, KeyError, TypeError):
        key = b""
    if len(key) != KEY_SIZE:
        raise UpdateRefused("wrong: the board has no key for updates; provision it with one")
    return key


def make_folders(target):
    """Make the folders above a file."""
    at = target.find("/", 1)
    while at > 0:
        try:
            os.mkdir(target[:at])
        except OSError:
            pass  # it is there
        at = target.find("/", at + 1)


def digest_of(path):
    """Return the SHA-256 of a file, b"" where there is none."""
    total = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            piece = file.read(_PIECE)
            while piece:
                total.update(piece)
                piece = file.read(_PIECE)
    except OSError:
        return b""
    return total.digest()


def remove(path):
    """Remove a file, where there is one."""
    try:
        os.remove(path)
    except OSError:
        pass  # it is not there


def _copy(path, place, size, target):
    make_folders(target)
    with open(path, "rb") as source, open(target, "wb") as out:
        source.seek(place)
        while size:
            piece = source.read(min(size, _PIECE))
            out.write(piece)
            size -= len(piece)


def _sweep(folder, below, names):
    """Remove what the bundle does not have."""
    try:
        entries = list(os.ilistdir(folder))
    except OSError:
        return  # a slot that was never filled
    for entry in entries:
        name = below + entry[0]
        if entry[1] & 0x4000:
            _sweep(folder + "/" + entry[0], name + "/", names)
        elif name not in names:
            remove(folder + "/" + entry[0])


def _replace(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)
