"""Settings of an NTAG 424 DNA's files, packed and read. "DS" is NXP NT4H2421Gx rev. 3.0, section 10.7."""

from checkpost.const import const

# Access rights besides key numbers (DS 8.2.3.3)
FREE = 0xE
NEVER = 0xF

_MIRRORS = const(0x40)  # FileOption (DS Table 69)
_UID_AND_COUNTER = const(0xC1)  # SDMOptions: UID, read counter, ASCII
_LIMIT = const(0x20)
_FIXED_SIZE = const(7)


def settings(mode: int, read: int, write: int, both: int, change: int, mirrors: bytes = b"") -> bytes:
    """Return the data of ChangeFileSettings: mode, rights (key number, FREE or NEVER), what `mirror` made."""
    option = mode | (_MIRRORS if mirrors else 0)
    return bytes([option, both << 4 | change, read << 4 | write]) + mirrors


def mirror(
    meta_key: int,
    mac_key: int,
    counter_right: int,
    meta_offset: int,
    mac_input_offset: int,
    mac_offset: int,
    limit: int | None = None,
) -> bytes:
    """Return the settings of a signed message: UID and counter encrypted with `meta_key`, MAC from `mac_key`.

    `counter_right` may read the counter; offsets are places in the file; `limit` ends the message's use after so many
    readings.
    """
    options = _UID_AND_COUNTER | (_LIMIT if limit is not None else 0)
    packed = bytes([options, 0xF0 | counter_right, meta_key << 4 | mac_key])
    numbers = [meta_offset, mac_input_offset, mac_offset]
    if limit is not None:
        numbers.append(limit)
    for number in numbers:
        packed += bytes([number & 0xFF, number >> 8 & 0xFF, number >> 16 & 0xFF])
    return packed


def as_read(changed: bytes, size: int) -> bytes:
    """Return what GetFileSettings gives for a file of `size` bytes after ChangeFileSettings with `changed`."""
    return b"\x00" + changed[:3] + bytes([size & 0xFF, size >> 8, 0]) + changed[3:]


class FileSettings:
    """The answer of GetFileSettings (DS Table 73); ValueError if it is none."""

    def __init__(self, given: bytes) -> None:
        if len(given) < _FIXED_SIZE or given[0]:
            raise ValueError("not the settings of a standard file")
        self.mode = given[1] & 3 if given[1] & 1 else 0
        self.both = given[2] >> 4
        self.change = given[2] & 0xF
        self.read = given[3] >> 4
        self.write = given[3] & 0xF
        self.size = given[4] | given[5] << 8 | given[6] << 16
        self.mirrors = bool(given[1] & _MIRRORS)
