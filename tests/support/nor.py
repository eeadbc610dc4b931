"""A NOR flash in memory, for both interpreters: programming only clears bits, power can go at any operation.

It has the methods of the W25Q driver. `before` is called ahead of each program and erase, with the chip as it still is.
"""

SECTOR = 4096
PAGE = 256
TEARS = ("first", "last", "random", "nothing", "whole")


class PowerCut(Exception):
    """The supply went; the chip is dead until `remount`."""


class ChipError(Exception):
    """What the driver raises when the chip does not do its part."""


class Nor:
    """`sectors` of 4096 bytes; only those that were written to take memory."""

    def __init__(self, sectors, seed=1):
        self.size = sectors * SECTOR
        self._sectors = {}  # number: bytearray; what is missing is blank
        self._owned = set()  # those that no fork shares
        self.before = None
        self.reads = 0
        self.programs = 0
        self.erases = 0
        self.waits = 0  # operations that had to wait for an erase
        self.erased = {}  # sector: times
        self.bad = {}  # sector: "erase" (bits stay 0), "program" (bits stay 1) or "dead" (the chip gives up)
        self.looks = 0  # how many times busy() is True after an erase
        self._cut_in = 0
        self._tear = "whole"
        self._dead = False
        self._busy = 0
        self._random = seed * 2654435761 % 0x7FFFFFFF or 1

    def fork(self):
        """Return a chip with the same content, switched on."""
        other = Nor(self.size // SECTOR, self.pick(1 << 30) + 1)
        other._sectors = dict(self._sectors)
        other.bad = dict(self.bad)
        self._owned = set()
        return other

    def peek(self, addr, size):
        """Return `size` bytes within one sector, whatever the power does."""
        held = self._sectors.get(addr // SECTOR)
        at = addr % SECTOR
        return b"\xff" * size if held is None else bytes(held[at : at + size])

    def poke(self, addr, data):
        """Set bytes within one sector, as no chip could."""
        at = addr % SECTOR
        self._own(addr)[at : at + len(data)] = data

    def contains(self, content):
        """Return True if `content` lies in any sector."""
        return any(held.find(content) >= 0 for held in self._sectors.values())

    def pick(self, below):
        """Return a repeatable pseudo-random number from 0 to below - 1 (Park and Miller)."""
        self._random = self._random * 16807 % 0x7FFFFFFF
        return self._random % below

    def cut(self, operation, tear):
        """Let power fail in the `operation`-th program or erase from now."""
        self._cut_in = operation
        self._tear = tear

    def remount(self):
        """Switch the supply on again."""
        self._dead = False
        self._cut_in = 0
        self._busy = 0

    def read_into(self, addr, buf):
        self._alive(addr, len(buf))
        self.reads += 1
        done = 0
        while done < len(buf):
            size = min(len(buf) - done, SECTOR - (addr + done) % SECTOR)
            buf[done : done + size] = self.peek(addr + done, size)
            done += size

    def program(self, addr, data):
        self._alive(addr, len(data))
        if not 0 < len(data) <= PAGE or addr % PAGE + len(data) > PAGE:
            raise ValueError("a program operation stays within one page")
        if self.before:
            self.before("program", addr, data)
        self.programs += 1
        state = self.bad.get(addr // SECTOR)
        if state == "dead":
            raise ChipError("busy for ever")
        if self._fails():
            self.tear_program(addr, data, self._tear)
            raise PowerCut()
        if state != "program":
            self._clear(addr, data, len(data))

    def erase_start(self, addr):
        self._alive(addr, SECTOR)
        if addr % SECTOR:
            raise ValueError("a sector begins at a multiple of 4096")
        if self.before:
            self.before("erase", addr, b"")
        self.erases += 1
        state = self.bad.get(addr // SECTOR)
        if state == "dead":
            raise ChipError("an erase does not end")
        if self._fails():
            self.tear_erase(addr, self._tear)
            raise PowerCut()
        if state != "erase":
            self._blank(addr)
        self.erased[addr // SECTOR] = self.erased.get(addr // SECTOR, 0) + 1
        self._busy = self.looks

    def busy(self):
        if self._dead:
            raise PowerCut()
        self._busy = max(0, self._busy - 1)
        return self._busy > 0

    def wait(self, limit_ms):
        if self._dead:
            raise PowerCut()
        self._busy = 0

    def tear_program(self, addr, data, tear):
        """Leave what a cut leaves: some bytes done, one done in part."""
        size = len(data)
        if tear == "nothing":
            return
        done = {"first": 0, "last": size - 1, "random": self.pick(size), "whole": size}[tear]
        self._clear(addr, data, done)
        if done < size:
            self._own(addr)[addr % SECTOR + done] &= data[done] | self.pick(256)

    def tear_erase(self, addr, tear):
        """Leave what a cut leaves: one byte erased, all but the first page, or bits all over the sector."""
        if tear == "nothing":
            return
        if tear == "whole":
            self._blank(addr)
        elif tear == "random":
            held = self._own(addr)
            for at in range(SECTOR):
                held[at] |= self.pick(256)
        else:
            start, end = (0, 1) if tear == "first" else (PAGE, SECTOR)
            self._own(addr)[start:end] = b"\xff" * (end - start)

    def _blank(self, addr):
        self._sectors.pop(addr // SECTOR, None)
        self._owned.discard(addr // SECTOR)

    def _own(self, addr):
        """Return the sector's bytes, to be changed."""
        number = addr // SECTOR
        if number not in self._owned:
            held = self._sectors.get(number)
            self._sectors[number] = bytearray(b"\xff" * SECTOR if held is None else held)
            self._owned.add(number)
        return self._sectors[number]

    def _clear(self, addr, data, size):
        held = self._own(addr)
        at = addr % SECTOR
        for index in range(size):
            held[at + index] &= data[index]

    def _fails(self):
        self._cut_in -= 1
        self._dead = self._cut_in == 0
        return self._dead

    def _alive(self, addr, size):
        if self._dead:
            raise PowerCut()
        if addr < 0 or addr + size > self.size:
            raise ValueError("outside the flash chip")
        if self._busy:
            self.waits += 1
            self._busy = 0
