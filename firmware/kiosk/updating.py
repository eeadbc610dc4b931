"""A firmware that comes down the link, piece by piece, between taps. Loaded when its first piece comes, then let go.

What is on flash says how far it is, so that it goes on after any break: the head of the bundle, the file under way, and
the files in the slot that does not run. SPEC.md, "Firmware over the link".
"""

import os

from checkpost.messages import pack
from checkpost.once import forget
from checkpost.piece import HEAD_FILE, ID_SIZE, KEPT, LEFT, MORE, REFUSED, TAKEN, Wanted
from checkpost.ticks import elapsed_ms
from kiosk import update
from kiosk.update import HEAD_SIZE, SIGNATURE, UpdateRefused

HEAD = "/update.ckb"
PART = "/update.part"  # the file under way: the first of those that the board lacks
UNKNOWN = bytes(ID_SIZE)  # whatever the gateway has
AGAIN_MS = 3000  # a piece that did not come is asked for again after this, by radio when the air can spare it
QUIET_MS = 5000  # of a board at rest before it starts the new firmware
GAP_MS = 1000  # between two steps: longer, and the board was not at rest
MAX_SPOILT = 3  # times that a file may come with a wrong hash: what its gateway has is not what was signed


class Another(Exception):
    """The gateway sends another bundle than the one under way."""


class Updating:
    """`slots` is the module of that name, `uplink` the kiosk's, `restart()` starts the board anew; `resumed`: the board
    was switched on with a bundle that it had begun.

    Hand pieces to `take` and call `step` while the board is at rest; at its end it leaves the uplink's `updating`."""

    def __init__(self, slots, uplink, restart, resumed):
        self._resumed = resumed
        self._slots = slots
        self._uplink = uplink
        self._telling = uplink.link.telling
        self._restart = restart
        self._bundle = UNKNOWN
        self._piece = None
        self._percent = 0
        self._now_ms = 0
        self._rest_ms = 0
        self._work = self._all()

    def take(self, piece):
        """Keep a piece until the next step: flash is written when the line is quiet."""
        self._piece = piece

    def step(self, now_ms):
        """Do a slice of the work, at most one file's reading or one piece's writing."""
        passed_ms = elapsed_ms(now_ms, self._now_ms)
        self._rest_ms = self._rest_ms + passed_ms if passed_ms < GAP_MS else 0
        self._now_ms = now_ms
        try:
            next(self._work)
        except StopIteration:
            self._uplink.updating = None
            for name in ("kiosk.updating", "kiosk.update", "checkpost.ed25519", "checkpost.sha512", "checkpost.piece"):
                forget(name)
        except Another:
            update.remove(PART)
            update.remove(HEAD)
            self._percent = 0
            self._work = self._all()
        except UpdateRefused as error:
            self._work = self._end(REFUSED, str(error))
        except OSError as error:
            self._work = self._end(REFUSED, "full: the board's flash takes nothing (%s)" % error)

    def _all(self):
        """Bring the bundle in, from wherever it stands; or tell what became of the one that was brought in."""
        slots = self._slots
        running, slot = update.slot_for(slots)
        key = update.update_key()
        yield from self._fetch_head()
        bundle = update.Bundle(HEAD, key)
        yield from bundle.proving()
        note = slots.read().note
        if slots.mark(running) == bundle.mark():
            self._percent = 100
            yield from self._end(KEPT, "")
            return
        if self._resumed and note and slots.mark(slot) == bundle.mark():
            yield from self._end(LEFT, note)
            return
        if note:
            slots.write(slots.Word(running))  # it was about an earlier one
        lacking = []
        total = [0]

        def lacks(number, name, size):
            lacking.append(number)
            total[0] += size

        yield from update.sorting(bundle, running, slot, slots, lacks)
        yield from self._fetch_files(bundle, slot, lacking, total[0])
        yield from update.completing(bundle, running, slot, slots)
        yield from self._tell(TAKEN, "")
        while self._rest_ms < QUIET_MS:
            yield
        self._restart()

    def _end(self, state, note):
        """Tell what became of the bundle, and clear up."""
        yield from self._tell(state, note)
        update.remove(PART)
        update.remove(HEAD)

    def _tell(self, state, note):
        self._telling.more = pack(Wanted(self._bundle, 0, 0, state, self._percent, note))
        while self._telling.more:
            yield

    def _fetch_head(self):
        """Have the whole head on flash, of the bundle that the gateway sends now."""
        wanted = HEAD_SIZE
        spoilt = 0
        while True:
            size = _size(HEAD)
            if not size:
                update.remove(PART)  # of another one
                wanted = HEAD_SIZE
            if size >= HEAD_SIZE:
                with open(HEAD, "rb") as file:
                    wanted = HEAD_SIZE + update.sizes(file.read(HEAD_SIZE))[0] + SIGNATURE
            if size >= wanted:
                found = update.digest_of(HEAD)[:ID_SIZE]
                if size == wanted and self._bundle in (UNKNOWN, found):
                    self._bundle = found
                    return
                spoilt += 1  # it began as another bundle's
                if spoilt > MAX_SPOILT:
                    raise UpdateRefused("altered: the head of the bundle is not what its gateway says")
                update.remove(HEAD)
                continue
            data = yield from self._fetch(HEAD_FILE, size)
            _append(HEAD, data)

    def _fetch_files(self, bundle, slot, lacking, total):
        done = 0
        for number, (name, size, digest, _) in enumerate(bundle.files(), 1):
            if number not in lacking:
                continue
            yield from self._fetch_file(number, name, size, digest, done, total)
            done += size
            update.make_folders("/" + slot + "/" + name)
            os.rename(PART, "/" + slot + "/" + name)
        self._percent = 100

    def _fetch_file(self, number, name, size, digest, done, total):
        """Have a file whole in PART; what comes wrong comes again."""
        spoilt = 0
        while update.digest_of(PART) != digest:
            place = _size(PART)
            while place < size:
                self._percent = (done + place) * 100 // total
                data = yield from self._fetch(number, place)
                _append(PART, data)
                place += len(data)
            if size and update.digest_of(PART) == digest:
                return
            update.remove(PART)
            if not size:
                _append(PART, b"")
            spoilt += 1
            if spoilt > MAX_SPOILT:
                raise UpdateRefused("altered: %s is not what was signed" % name)

    def _fetch(self, file, place):
        """Return the bytes of a file from a place on; asks until they come."""
        asked_ms = None
        while True:
            piece, self._piece = self._piece, None
            if piece is not None and self._belongs(piece) and (piece.file, piece.place) == (file, place):
                return piece.data
            if asked_ms is None or elapsed_ms(self._now_ms, asked_ms) >= AGAIN_MS:
                spare = self._uplink.spare
                if spare is None or spare(self._now_ms, self._rest_ms):
                    self._telling.more = pack(Wanted(self._bundle, file, place, MORE, self._percent))
                    asked_ms = self._now_ms
            yield

    def _belongs(self, piece):
        """Note which bundle the gateway sends; Another where it is not the one that this board has begun."""
        begun = self._bundle
        self._bundle = piece.bundle
        if begun not in (UNKNOWN, piece.bundle) or (begun == UNKNOWN and not _begins(piece)):
            self._piece = piece
            raise Another()
        return True


def _begins(piece):
    """Return False if a piece of a bundle's beginning is not what the head on flash begins with."""
    if (piece.file, piece.place) != (HEAD_FILE, 0):
        return True
    try:
        with open(HEAD, "rb") as file:
            held = file.read(len(piece.data))
    except OSError:
        return True
    return held == piece.data[: len(held)]


def _size(path):
    try:
        return os.stat(path)[6]
    except OSError:
        return 0


def _append(path, data):
    with open(path, "ab") as file:
        file.write(data)
