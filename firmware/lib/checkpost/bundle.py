"""A board's log in a file: sealed frames without a session, and a signed manifest behind them. SPEC.md, "Bundle"."""

import hashlib
import struct

from checkpost.aes import hmac_sha256, same
from checkpost.session import Session

SALT_SIZE = 32
_MAGIC = b"CKB1"
_MANIFEST = "<4sHHIIH32s32s"  # magic, board, epoch, first and last sequence, frames, salt, SHA-256 of the frames
_MANIFEST_SIZE = 82
_TAG_SIZE = 32
_LABEL = b"checkpost bundle 1 "
MAX_BUNDLE_BYTES = 16 << 20  # twice what a full journal takes


class BundleError(ValueError):
    """A file that is no bundle of this board: the text says what is wrong with it."""


class Manifest:
    """What a bundle holds: records `first_seq` to `last_seq` of a board's epoch, in `frames` frames."""

    def __init__(self, board: int, epoch: int, first_seq: int, last_seq: int, frames: int, salt: bytes, digest: bytes):
        self.board = board
        self.epoch = epoch
        self.first_seq = first_seq
        self.last_seq = last_seq
        self.frames = frames
        self.salt = salt
        self.digest = digest

    def pack(self) -> bytes:
        """Return the bytes that are signed."""
        place = (self.board, self.epoch, self.first_seq, self.last_seq, self.frames)
        return struct.pack(_MANIFEST, _MAGIC, *place, self.salt, self.digest)


class Writer:
    """Makes a bundle entry by entry: each is its length (2) and its bytes; the manifest is the last."""

    def __init__(self, board: int, epoch: int, link_key: bytes, salt: bytes):
        """`salt`: 32 fresh bytes from the system's randomness: no two bundles have a key in common."""
        if len(salt) != SALT_SIZE:
            raise ValueError("a salt has 32 bytes")
        self._key = _key(link_key, b"sign", salt)
        self._session = Session(_key(link_key, b"seal", salt)[:16], board, False, 0)
        self._salt = salt
        self._board = board
        self._epoch = epoch
        self._digest = hashlib.sha256()

    def frame(self, payload: bytes) -> bytes:
        """Return the entry of a frame; ValueError after 65,536 of them."""
        entry = _entry(self._session.seal(payload, False))
        self._digest.update(entry)
        return entry

    def manifest(self, first_seq: int, last_seq: int) -> bytes:
        """Return the last entry."""
        frames = self._session.next_counter
        found = Manifest(
            self._board, self._epoch, first_seq, last_seq, frames, self._salt, self._digest.digest()
        ).pack()
        return _entry(found + hmac_sha256(self._key, found))


def read(data: bytes, link_key_of: object) -> tuple[Manifest, list[bytes]]:
    """Return a bundle's manifest and payloads; `link_key_of(board)` -> 16 bytes or None. Raises BundleError only."""
    entries = _entries(data)
    last = entries[-1] if entries else b""
    if len(last) != _MANIFEST_SIZE + _TAG_SIZE or last[:4] != _MAGIC:
        raise BundleError("this is no bundle, or its end is missing: fetch it from the board again")
    manifest = Manifest(*struct.unpack(_MANIFEST, last[:_MANIFEST_SIZE])[1:])
    link_key = link_key_of(manifest.board)  # type: ignore[operator]
    if link_key is None:
        raise BundleError("board %d is not one of this gateway: bring the bundle to its own" % manifest.board)
    key = _key(link_key, b"sign", manifest.salt)
    if not same(hmac_sha256(key, last[:_MANIFEST_SIZE]), last[_MANIFEST_SIZE:]):
        raise BundleError("the manifest is not signed with the key of board %d" % manifest.board)
    frames = entries[:-1]
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(_entry(frame))
    if len(frames) != manifest.frames or digest.digest() != manifest.digest:
        raise BundleError("the frames are not those that the manifest names: fetch the bundle again")
    session = Session(_key(link_key, b"seal", manifest.salt)[:16], manifest.board, True, 0)
    payloads = [session.open(frame) for frame in frames]
    if None in payloads:
        raise BundleError("a frame is not sealed with the key of board %d" % manifest.board)
    return manifest, payloads  # type: ignore[return-value]


def _key(link_key: bytes, use: bytes, salt: bytes) -> bytes:
    return hmac_sha256(link_key, _LABEL + use + salt)


def _entry(content: bytes) -> bytes:
    return struct.pack("<H", len(content)) + content


def _entries(data: bytes) -> list[bytes]:
    """Return the entries of a file; BundleError when it is cut short or too long."""
    if len(data) > MAX_BUNDLE_BYTES:
        raise BundleError("the file is too long for a bundle")
    found = []
    at = 0
    while at < len(data):
        size = data[at] | (data[at + 1] << 8 if at + 1 < len(data) else 0)
        end = at + 2 + size
        if end > len(data):
            raise BundleError("the file is cut short: fetch the bundle again")
        found.append(bytes(data[at + 2 : end]))
        at = end
    return found
