"""NTAG 424 DNA: the three files, their access rights and their commands. "DS" is NXP NT4H2421Gx rev. 3.0.

Sections 8.2.3 (files and rights), 10.7 (settings), 10.8 (data) and 10.9 (ISO commands).
"""

from collections.abc import Callable

from . import ntag424_answers as rc
from .ntag424_answers import Refused
from .ntag424_keys import KEYS, KeyCommands
from .ntag424_sdm import NO_ACCESS, Mirror, parse_mirror

FREE = 0xE
MAX_ANSWER = 256  # one length byte, secure messaging included (DS Table 78)
_SDM_ENABLED = 0x40
_SHORT_IDS = {3: 1, 4: 2, 5: 3}
# As delivered (DS Tables 7 to 9): size, mode, read, write, read and write, change.
_DELIVERED = {1: (32, rc.PLAIN, 0xE, 0, 0, 0), 2: (256, rc.PLAIN, 0xE, 0xE, 0xE, 0), 3: (128, rc.FULL, 2, 3, 3, 0)}
_CAPABILITY_CONTAINER = bytes.fromhex("001720010000FF0406E104010000000506E10500808283")


class File:
    """A standard data file with its settings."""

    def __init__(self, size: int, mode: int, read: int, write: int, both: int, change: int) -> None:
        self.data = bytearray(size)
        self.mode = mode
        self.read, self.write, self.both, self.change = read, write, both, change
        self.mirror: Mirror | None = None

    def settings(self) -> bytes:
        """Return what GetFileSettings gives."""
        option = self.mode | (_SDM_ENABLED if self.mirror else 0)
        rights = bytes([self.both << 4 | self.change, self.read << 4 | self.write])
        return (
            bytes([0, option])
            + rights
            + len(self.data).to_bytes(3, "little")
            + (self.mirror.raw if self.mirror else b"")
        )


class FileCommands:
    """The commands on files; `keys` knows who is authenticated and protects what is sent."""

    def __init__(self, uid: bytes, keys: KeyCommands, random: Callable[[int], bytes]) -> None:
        self._uid, self._keys, self._random = uid, keys, random
        self.files = {number: File(*given) for number, given in _DELIVERED.items()}
        self.files[1].data[: len(_CAPABILITY_CONTAINER)] = _CAPABILITY_CONTAINER
        self.power_up()

    def power_up(self) -> None:
        """Begin with no file selected."""
        self.selected = 0
        self.other_command()

    def other_command(self) -> None:
        """A command that does not go on reading: the next read counts anew (DS 9.3.1)."""
        self._reading: tuple[str, int] | None = None
        self._padding = b""

    def _file(self, number: int) -> File:
        if number & 0xE0:
            raise Refused(rc.PARAMETER_ERROR)
        if number not in self.files:
            raise Refused(rc.FILE_NOT_FOUND)
        return self.files[number]

    def _mode(self, file: File, rights: tuple[int, ...]) -> int:
        """Return the communication mode that holds, or refuse (DS 8.2.3.3 and 8.2.3.5)."""
        number = self._keys.authenticated_with
        if number is not None and number in rights:
            return file.mode
        if FREE in rights:
            return rc.PLAIN
        if all(right == NO_ACCESS for right in rights):
            raise Refused(rc.PERMISSION_DENIED)
        raise Refused(rc.AUTHENTICATION_ERROR)

    # Settings

    def get_settings(self, field: bytes) -> bytes:
        """Run GetFileSettings."""
        head, _ = self._keys.take(0xF5, field, 1, rc.MAC, 0)
        return self._keys.give(self._file(head[0]).settings(), rc.MAC)

    def get_counters(self, field: bytes) -> bytes:
        """Run GetFileCounters."""
        head, _ = self._keys.take(0xF6, field, 1, rc.FULL, 0)
        mirror = self._file(head[0]).mirror
        if mirror is None or mirror.counter_right == NO_ACCESS:
            raise Refused(rc.PERMISSION_DENIED)
        if mirror.counter_right not in (FREE, self._keys.authenticated_with):
            raise Refused(rc.AUTHENTICATION_ERROR)
        return self._keys.give(mirror.counter.to_bytes(3, "little") + b"\x00\x00", rc.FULL)

    def change_settings(self, field: bytes) -> bytes:
        """Run ChangeFileSettings."""
        if not field:
            raise Refused(rc.LENGTH_ERROR)
        number = field[0]
        file = self._file(number)
        if file.change == NO_ACCESS:
            raise Refused(rc.PERMISSION_DENIED)
        if file.change not in (FREE, self._keys.authenticated_with):
            raise Refused(rc.AUTHENTICATION_ERROR)
        mode = rc.PLAIN if file.change == FREE else rc.FULL
        data = self._keys.take(0x5F, field, 1, mode, None)[1]
        self._set(number, file, data)
        return self._keys.give(b"", mode)

    def _set(self, number: int, file: File, data: bytes) -> None:
        if len(data) < 3:
            raise Refused(rc.LENGTH_ERROR)
        option = data[0]
        rights = (data[2] >> 4, data[2] & 0xF, data[1] >> 4, data[1] & 0xF)
        if option & 0xBC or any(KEYS <= right < FREE for right in rights):
            raise Refused(rc.PARAMETER_ERROR)
        mirror = None
        if option & _SDM_ENABLED:
            if number != 2:
                raise Refused(rc.PERMISSION_DENIED)
            mirror = parse_mirror(data[3:], len(file.data), file.mirror.counter if file.mirror else 0)
        elif len(data) != 3:
            raise Refused(rc.LENGTH_ERROR)
        if mirror and file.mirror is None:
            mirror.counter = 0  # reset when it is enabled (DS 9.3.1)
        file.mode = rc.PLAIN if not option & 1 else option & 3
        file.read, file.write, file.both, file.change = rights
        file.mirror = mirror

    # Data

    def read(self, field: bytes) -> bytes:
        """Run ReadData."""
        number, offset, length = _target(field)
        file = self._file(number)
        signed = file.mirror is not None and file.mirror.file_key != NO_ACCESS and self._keys.authenticated_with is None
        mode = rc.PLAIN if signed else self._mode(file, (file.read, file.both))
        self._keys.take(0xAD, field, 7, mode, 0)
        size = length or len(file.data) - offset
        if offset >= len(file.data) or offset + size > len(file.data):
            raise Refused(rc.BOUNDARY_ERROR)
        answer = self._keys.give(
            self._shown("ReadData", number, rc.PERMISSION_DENIED, rc.INTEGRITY_ERROR)[offset : offset + size], mode
        )
        if len(answer) > MAX_ANSWER:
            raise Refused(rc.LENGTH_ERROR)
        return answer

    def write(self, field: bytes) -> bytes:
        """Run WriteData."""
        number, offset, length = _target(field)
        file = self._file(number)
        mode = self._mode(file, (file.write, file.both))
        data = self._keys.take(0x8D, field, 7, mode, None)[1]
        if not length or len(data) != length:
            raise Refused(rc.LENGTH_ERROR)
        if offset + length > len(file.data):
            raise Refused(rc.BOUNDARY_ERROR)
        file.data[offset : offset + length] = data
        return self._keys.give(b"", mode)

    def read_binary(self, p1: int, p2: int, expected: int, in_application: bool) -> bytes:
        """Run ISOReadBinary; `expected` 0 is all that is left."""
        number, offset = self._iso_target(p1, p2, in_application)
        file = self.files[number]
        open_to_all = FREE in (file.read, file.both) or (file.mirror is not None and file.mirror.file_key != NO_ACCESS)
        if not open_to_all or self._keys.authenticated_with is not None:
            raise Refused(rc.SECURITY_NOT_SATISFIED)
        if offset >= len(file.data):
            raise Refused(rc.WRONG_P1_P2)
        shown = self._shown("ISOReadBinary", number, rc.SECURITY_NOT_SATISFIED, rc.SECURITY_NOT_SATISFIED)
        return shown[offset : offset + (expected or MAX_ANSWER)]

    def update_binary(self, p1: int, p2: int, data: bytes, in_application: bool) -> None:
        """Run ISOUpdateBinary, which takes free access (DS 10.9.3)."""
        number, offset = self._iso_target(p1, p2, in_application)
        file = self.files[number]
        if FREE not in (file.write, file.both) or self._keys.authenticated_with is not None:
            raise Refused(rc.SECURITY_NOT_SATISFIED)
        if not data or offset + len(data) > len(file.data):
            raise Refused(rc.WRONG_LENGTH)
        file.data[offset : offset + len(data)] = data

    def _iso_target(self, p1: int, p2: int, in_application: bool) -> tuple[int, int]:
        if not in_application:
            raise Refused(rc.CONDITIONS_NOT_SATISFIED)
        if not p1 & 0x80:
            if not self.selected:
                raise Refused(rc.CONDITIONS_NOT_SATISFIED)
            return self.selected, p1 << 8 | p2
        if p1 & 0x60:
            raise Refused(rc.WRONG_P1_P2)
        if p1 & 0x1F:
            if p1 & 0x1F not in _SHORT_IDS:
                raise Refused(rc.FILE_NOT_FOUND_ISO)
            self.selected = _SHORT_IDS[p1 & 0x1F]
        elif not self.selected:
            raise Refused(rc.CONDITIONS_NOT_SATISFIED)
        return self.selected, p2

    def _shown(self, command: str, number: int, limit_status: int, overflow_status: int) -> bytes:
        """Return a file as a reader sees it: mirrors in place, its counter raised by the first read of a row."""
        file = self.files[number]
        mirror = file.mirror
        if mirror is None or self._keys.authenticated_with is not None:
            return bytes(file.data)
        if self._reading != (command, number):
            if mirror.counts:
                if mirror.limit is not None and mirror.counter >= mirror.limit:
                    raise Refused(limit_status)
                if mirror.counter == 0xFFFFFF:
                    raise Refused(overflow_status)
                mirror.counter += 1
            self._reading, self._padding = (command, number), self._random(16)
        values = [slot.value for slot in self._keys.slots]
        return mirror.applied(bytes(file.data), self._uid, values, self._padding)


def _target(field: bytes) -> tuple[int, int, int]:
    """Return file number, offset and length of a data command's header."""
    if len(field) < 7:
        raise Refused(rc.LENGTH_ERROR)
    return field[0], int.from_bytes(field[1:4], "little"), int.from_bytes(field[4:7], "little")
