"""The seal key in two raw sectors: the next key in one, then the used one is wiped. SPEC.md, "Seal key"."""

import binascii
import struct

from checkpost.const import const
from checkpost.seal import key_at, next_key, seal
from kiosk.flashmap import SECTOR

_MAGIC = b"CK\x01\x00"
_LAYOUT = "<4sHHI32s16x"  # 60 bytes, then CRC-32
_SIZE = const(64)
_ERASE_LIMIT_MS = const(500)  # W25Q64JV: tSE at most 400 ms
_BLANK = b"\xff" * _SIZE
_MAX_ERASES = const(3)  # of a sector that does not get blank

# A key is computed forward from the provisioned one at most this far: the generations of about 30 years at 100 a day.
_MAX_GENERATION = const(1 << 20)


class SealKey:
    """The key of one board's epoch; `generation` counts steps from provisioning. Without a key, `seal` gives None."""

    def __init__(self, flash, first_sector, board, epoch):
        self.generation = 0
        self.broken = False  # the sectors do not keep a key: it goes on in memory, from the last one written
        self._flash = flash
        self._first = first_sector
        self._board = board
        self._epoch = epoch
        self._key = None
        self._at = 0  # which of the two sectors holds the key
        self._blank = False  # the other sector is erased
        self._wiped = True  # the other sector holds no key: it was overwritten with zeros
        self._erases = 0  # of the other sector since it was last seen blank
        self._buf = bytearray(_SIZE)

    def open(self, provisioned, generation):
        """Read the key for a journal that stands at `generation`; return True if there is one. Raises ChipError."""
        held = [item for item in (self._read(0), self._read(1)) if item is not None]
        if not held:
            return self._provision(provisioned, generation)
        self.generation, self._key, self._at = max(held)
        self._wiped = len(held) == 1
        self._blank = self._is_blank(1 - self._at)
        if generation > self.generation:
            self.broken = True
            self._key = key_at(self._key, generation - self.generation)
            self.generation = generation
        elif generation == self.generation:
            self.wipe()
        return True

    def seal(self, seq, head):
        """Return the 8-byte seal over the chain up to `seq`, None without a key."""
        return None if self._key is None else seal(self._key, self._board, self._epoch, seq, head)

    def advance(self):
        """Go to the next generation; the used key stands until `wipe`. Waits for an erase only if none was quiet."""
        self.generation += 1
        if self._key is None:
            return
        self._key = next_key(self._key)
        if self.broken:
            return
        if not self._blank:
            self._erase(1 - self._at)
        if not self._write(1 - self._at, self.generation, self._key):
            self.broken = True
            return
        self._at = 1 - self._at
        self._blank = False
        self._wiped = False
        self._erases = 0

    def wipe(self):
        """Overwrite the used key with zeros at once; the erase follows in a quiet moment."""
        if not self._wiped:
            self._flash.program(self._address(1 - self._at), bytes(_SIZE))
            self._wiped = True

    def pending(self):
        """Return True while the used key's sector waits to be erased."""
        return self._key is not None and self._wiped and not self._blank and not self.broken

    def step(self):
        """Start the erase of the used key's sector, or see that it ended; the flash is not busy."""
        self._blank = self._is_blank(1 - self._at)
        if self._blank:
            return
        if self._erases == _MAX_ERASES:
            self.broken = True
            return
        self._erases += 1
        self._flash.erase_start(self._address(1 - self._at))

    def _provision(self, provisioned, generation):
        self.generation = generation
        if provisioned is None or generation > _MAX_GENERATION:
            return False
        self._key = key_at(provisioned, generation)
        self._erase(0)
        self._at = 0
        self.broken = not self._write(0, generation, self._key)
        self._blank = self._is_blank(1)
        self._wiped = self._blank
        self.wipe()  # an earlier epoch's key
        return True

    def _read(self, which):
        """Return (generation, key, which) of a whole entry of this board and epoch, else None."""
        self._flash.read_into(self._address(which), self._buf)
        raw = bytes(self._buf)
        if raw[:4] != _MAGIC or struct.unpack("<I", raw[60:])[0] != binascii.crc32(raw[:60]) & 0xFFFFFFFF:
            return None
        _, board, epoch, generation, key = struct.unpack(_LAYOUT, raw[:60])
        return (generation, key, which) if (board, epoch) == (self._board, self._epoch) else None

    def _write(self, which, generation, key):
        """Program an entry into an erased sector; return True if it reads back right."""
        packed = struct.pack(_LAYOUT, _MAGIC, self._board, self._epoch, generation, key)
        packed += struct.pack("<I", binascii.crc32(packed) & 0xFFFFFFFF)
        self._flash.program(self._address(which), packed)
        self._flash.read_into(self._address(which), self._buf)
        return self._buf == packed

    def _erase(self, which):
        self._flash.erase_start(self._address(which))
        self._flash.wait(_ERASE_LIMIT_MS)

    def _is_blank(self, which):
        self._flash.read_into(self._address(which), self._buf)
        return self._buf == _BLANK

    def _address(self, which):
        return (self._first + which) * SECTOR
