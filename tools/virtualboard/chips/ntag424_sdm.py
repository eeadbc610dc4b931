"""NTAG 424 DNA: secure dynamic messaging. "DS" is NXP NT4H2421Gx rev. 3.0, sections 9.3 and 10.7.1."""

from itertools import pairwise

from . import ntag424_answers as rc
from .ntag424_answers import Refused
from .ntag424_keys import KEYS, aes_cbc, aes_cmac, mac_t

NO_ACCESS = 0xF
_PLAIN_META = 0xE
_UID_LENGTH, _COUNTER_LENGTH, _META_LENGTH, _MAC_LENGTH = 14, 6, 32, 16  # in ASCII
_NOT_MIRRORED = 0xFFFFFF


class Mirror:
    """What ChangeFileSettings set for a file, and its read counter."""

    def __init__(self, raw: bytes, options: int, meta_key: int, file_key: int, counter_right: int) -> None:
        self.raw = raw
        self.uid_given, self.counts = bool(options & 0x80), bool(options & 0x40)
        self.encrypts = bool(options & 0x10)
        self.meta_key, self.file_key, self.counter_right = meta_key, file_key, counter_right
        self.at: dict[str, int] = {}
        self.limit: int | None = None
        self.counter = 0

    def applied(self, static: bytes, uid: bytes, keys: list[bytes], padding: bytes) -> bytes:
        """Return the file with all mirrors in place (DS 9.3.3 to 9.3.9)."""
        shown = bytearray(static)
        counter = self.counter.to_bytes(3, "little")
        known = (uid if self.uid_given else b"") + (counter if self.counts else b"")
        if self.meta_key < KEYS:
            tag = (0x80 | len(uid) if self.uid_given else 0) | (0x40 if self.counts else 0)
            plain = (bytes([tag]) + known + padding)[:16]
            _put(shown, self.at["meta"], aes_cbc(keys[self.meta_key], bytes(16), plain))
        elif self.meta_key == _PLAIN_META:
            if self.uid_given:
                _put(shown, self.at["uid"], uid)
            if self.counts and self.at["counter"] != _NOT_MIRRORED:
                _put(shown, self.at["counter"], counter[::-1])
        if self.file_key == NO_ACCESS:
            return bytes(shown)
        key = keys[self.file_key]
        if self.encrypts:
            session = aes_cmac(key, b"\xc3\x3c\x00\x01\x00\x80" + uid + counter)
            start, size = self.at["encrypted"], self.at["encrypted size"]
            iv = aes_cbc(session, bytes(16), counter + bytes(13))
            _put(shown, start, aes_cbc(session, iv, static[start : start + size // 2]))
        vector = b"\x3c\xc3\x00\x01\x00\x80" + known
        session = aes_cmac(key, vector + bytes(-len(vector) % 16))
        _put(shown, self.at["mac"], mac_t(session, bytes(shown[self.at["mac input"] : self.at["mac"]])))
        return bytes(shown)


def _put(shown: bytearray, at: int, value: bytes) -> None:
    text = value.hex().upper().encode()
    shown[at : at + len(text)] = text


def parse_mirror(raw: bytes, file_size: int, counter: int) -> Mirror:
    """Return the mirror of ChangeFileSettings' optional part; refuse what Table 71 refuses."""
    if len(raw) < 3:
        raise Refused(rc.LENGTH_ERROR)
    options, rights = raw[0], raw[1] | raw[2] << 8
    mirror = Mirror(raw, options, rights >> 12, rights >> 8 & 0xF, rights & 0xF)
    mirror.counter = counter
    if options & 0x0E or not options & 0x01 or rights >> 4 & 0xF != 0xF:
        raise Refused(rc.PARAMETER_ERROR)
    if KEYS <= mirror.meta_key < _PLAIN_META or KEYS <= mirror.file_key < NO_ACCESS:
        raise Refused(rc.PARAMETER_ERROR)
    if KEYS <= mirror.counter_right < _PLAIN_META:
        raise Refused(rc.PARAMETER_ERROR)
    rest = raw[3:]
    for name in _present(mirror, options):
        if len(rest) < 3:
            raise Refused(rc.LENGTH_ERROR)
        mirror.at[name], rest = int.from_bytes(rest[:3], "little"), rest[3:]
    if rest:
        raise Refused(rc.LENGTH_ERROR)
    mirror.limit = mirror.at.pop("limit", None)
    _check(mirror, file_size)
    return mirror


def _present(mirror: Mirror, options: int) -> list[str]:
    """Return the optional fields in their order (DS Table 69)."""
    signs = mirror.file_key != NO_ACCESS
    plain = mirror.meta_key == _PLAIN_META
    fields = [
        ("uid", mirror.uid_given and plain), ("counter", mirror.counts and plain), ("meta", mirror.meta_key < KEYS),
        ("mac input", signs), ("encrypted", signs and mirror.encrypts), ("encrypted size", signs and mirror.encrypts),
        ("mac", signs), ("limit", bool(options & 0x20)),
    ]  # fmt: skip
    return [name for name, present in fields if present]


def _check(mirror: Mirror, file_size: int) -> None:
    """Refuse the settings that Table 71 lists."""
    at = mirror.at
    wrong = [
        mirror.meta_key != NO_ACCESS and not (mirror.uid_given or mirror.counts),
        mirror.meta_key == NO_ACCESS and mirror.uid_given,
        mirror.counter_right != NO_ACCESS and not mirror.counts,
        mirror.encrypts and (mirror.file_key == NO_ACCESS or not (mirror.uid_given and mirror.counts)),
        mirror.limit is not None and (not mirror.counts or mirror.limit <= mirror.counter),
    ]
    spans = {"uid": _UID_LENGTH, "counter": _COUNTER_LENGTH, "meta": _META_LENGTH, "mac": _MAC_LENGTH}
    placed = {name: (at[name], at[name] + size) for name, size in spans.items() if name in at}
    if at.get("counter") == _NOT_MIRRORED:
        del placed["counter"]
    if mirror.encrypts and "encrypted" in at:
        size = at["encrypted size"]
        placed["encrypted"] = (at["encrypted"], at["encrypted"] + size)
        wrong.append(size < 32 or size % 32 != 0 or placed["encrypted"][1] > at["mac"])
        wrong.append(at["encrypted"] < at["mac input"])
    if "mac" in at:
        wrong.append(at["mac input"] > at["mac"])
    edges = sorted(placed.values())
    wrong.append(any(end > file_size for _, end in edges))
    wrong.append(any(one[1] > other[0] for one, other in pairwise(edges)))
    if any(wrong):
        raise Refused(rc.PARAMETER_ERROR)
