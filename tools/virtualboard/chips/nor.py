"""An array of NOR flash cells: programming clears bits, erasing sets them, and power can fail anywhere."""

import mmap
import os
from collections.abc import Callable
from random import Random

SECTOR = 4096
PAGE = 256
ERASED = 0xFF


class NorArray:
    """Cells of a NOR flash. `path` keeps them in a file (shared mapping: a killed process loses nothing)."""

    def __init__(self, size: int, path: str | None = None, rng: Random | None = None) -> None:
        if size % SECTOR:
            raise ValueError(f"a NOR array of {size} bytes is not a whole number of {SECTOR}-byte sectors")
        self.size = size
        self.cells = _open_cells(size, path)
        self.dead = False
        self.operations = 0
        self.on_cut: Callable[[], None] | None = None
        self._rng = rng or Random(0)
        self._stuck: dict[int, int] = {}
        self._cut: tuple[int, int] | None = None

    def read(self, address: int, length: int) -> bytes:
        """Return `length` bytes from `address`, going on at zero after the last cell (W25Q64JV 8.2.6)."""
        address %= self.size
        data = bytes(self.cells[address : address + length])
        return data if len(data) == length else data + self.read(0, length - len(data))

    def begin(self) -> bool:
        """Count one program or erase operation; True if the planned power cut falls into it."""
        self.operations += 1
        return self._cut is not None and self._cut[0] == self.operations

    def program(self, address: int, data: bytes, done: int | None = None) -> None:
        """Clear the bits of `data` from `address`; only the first `done` bytes if power fails there."""
        whole = len(data) if done is None else done
        old, new = self.cells[address : address + whole], data[:whole]
        kept = int.from_bytes(old, "big") & int.from_bytes(new, "big")
        self.cells[address : address + whole] = kept.to_bytes(whole, "big")
        if done is not None and done < len(data):
            # The byte under way loses some of its bits and keeps others.
            self.cells[address + done] &= data[done] | self._rng.randrange(256)
        self._apply_stuck(address, len(data))

    def erase(self, address: int, length: int, done: int | None = None) -> None:
        """Set every bit of `length` bytes from `address`; the first `done` bytes only if power fails there."""
        whole = length if done is None else done
        self.cells[address : address + whole] = bytes([ERASED]) * whole
        if done is not None and done < length:
            self.cells[address + done] |= self._rng.randrange(256)
        self._apply_stuck(address, length)

    def plan_cut(self, operation: int, byte: int) -> None:
        """Cut power in the `operation`-th program or erase from now (1 is the next), after `byte` bytes of it."""
        self._cut = (self.operations + operation, byte)

    def planned_byte(self) -> int:
        """Return the byte at which the planned power cut falls."""
        if self._cut is None:
            raise LookupError("no power cut is planned")
        return self._cut[1]

    def cut(self) -> None:
        """Take the power away: the chip is dead until `restore`."""
        self.dead = True
        self._cut = None
        if self.on_cut is not None:
            self.on_cut()

    def restore(self) -> None:
        """Give the power back; the cells are as the cut left them."""
        self.dead = False

    def wear_out(self, sector: int, mask: int = 0x01, offset: int = 0) -> None:
        """Make a sector bad: the bits of `mask` in its byte `offset` no longer erase (they stay 0)."""
        self._stuck[sector * SECTOR + offset] = mask
        self._apply_stuck(sector * SECTOR, SECTOR)

    def rot(self, address: int, mask: int) -> None:
        """Flip the bits of `mask` at `address`, as lost charge or a disturbed neighbour does."""
        self.cells[address] ^= mask

    def flush(self) -> None:
        """Write the cells to the disk itself (the file is already right for every process)."""
        if isinstance(self.cells, mmap.mmap):
            self.cells.flush()

    def close(self) -> None:
        """Let go of the file."""
        if isinstance(self.cells, mmap.mmap):
            self.cells.close()

    def _apply_stuck(self, address: int, length: int) -> None:
        for where, mask in self._stuck.items():
            if address <= where < address + length:
                self.cells[where] &= ~mask & 0xFF


def _open_cells(size: int, path: str | None) -> "bytearray | mmap.mmap":
    if path is None:
        return bytearray([ERASED]) * size
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        present = os.fstat(handle).st_size
        if present == 0:
            # A new chip comes erased; a hole in the file would read as zeros, which is programmed.
            os.pwrite(handle, bytes([ERASED]) * size, 0)
        elif present != size:
            raise ValueError(f"{path} holds {present} bytes, the flash {size}: it is not this chip's file")
        return mmap.mmap(handle, size)
    finally:
        os.close(handle)
