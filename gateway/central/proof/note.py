"""Signed notes (C2SP signed-note) with Ed25519 keys, and cosignatures (C2SP tlog-cosignature, cosignature/v1)."""

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 1  # signature types of C2SP signed-note
COSIGNATURE = 4
DASH = "— "
KEY_SIZE = 32


class NoteError(Exception):
    """A note, a key or a signature is none, or does not fit; the message says which."""


@dataclass(frozen=True)
class Signature:
    """A line below a note: who signed, the key's id (4 bytes), and the signature's bytes."""

    name: str
    key_id: bytes
    raw: bytes

    def line(self) -> str:
        """Return the line with its end."""
        return f"{DASH}{self.name} {base64.b64encode(self.key_id + self.raw).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text that ends with a newline, and the signatures below it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)


def parse(raw: str) -> Note:
    """Return a signed note; NoteError when it is none."""
    text, found, below = raw.rpartition("\n\n")
    if not found or not below.endswith("\n"):
        raise NoteError("this is no signed note: an empty line and signatures are missing")
    return Note(text + "\n", tuple(_signature(line) for line in below.splitlines()))


class Verifier:
    """A public key with its name, as `name+id+key` (a vkey) says it."""

    def __init__(self, name: str, kind: int, key: bytes):
        if not name or any(c.isspace() or c == "+" for c in name) or len(key) != KEY_SIZE:
            raise NoteError(f"{name!r} is no name of a key, or the key has not {KEY_SIZE} bytes")
        self.name = name
        self.kind = kind
        self.key_id = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]
        self._key = key

    @staticmethod
    def parse(vkey: str) -> "Verifier":
        """Return the key of a vkey; NoteError when it is none."""
        try:
            name, key_id, encoded = vkey.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
            found = Verifier(name, raw[0], raw[1:])
        except (ValueError, IndexError) as error:
            raise NoteError(f"{vkey.strip()!r} is no verifier key (name+id+key)") from error
        if found.kind not in (ED25519, COSIGNATURE) or found.key_id.hex() != key_id:
            raise NoteError(f"the verifier key of {name} contradicts itself")
        return found

    @property
    def key(self) -> bytes:
        """Return the public key itself."""
        return self._key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self._key).decode()}"

    def check(self, note: Note) -> Signature:
        """Return this key's signature on a note; NoteError when there is none or it does not fit."""
        for found in note.signatures:
            if (found.name, found.key_id) == (self.name, self.key_id):
                self._check(note.text, found)
                return found
        raise NoteError(f"the note has no signature of {self.name}")

    def _check(self, text: str, found: Signature) -> None:
        signed, raw = text.encode(), found.raw
        if self.kind == COSIGNATURE:
            signed, raw = cosigned(text, cosigned_at(found)), raw[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self._key).verify(raw, signed)
        except InvalidSignature as error:
            raise NoteError(f"the signature of {self.name} does not fit the note") from error


class Signer:
    """A private key with its name. `kind`: `ED25519` for a log's own notes, `COSIGNATURE` for who cosigns them."""

    def __init__(self, name: str, kind: int, key: Ed25519PrivateKey):
        self._key = key
        self.verifier = Verifier(name, kind, key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """Return the signature of a log on its own note."""
        return self._signed(self._key.sign(text.encode()))

    def cosign(self, text: str, now_s: int) -> Signature:
        """Return the cosignature on a checkpoint at an instant (Unix seconds)."""
        return self._signed(struct.pack(">Q", now_s) + self._key.sign(cosigned(text, now_s)))

    def _signed(self, raw: bytes) -> Signature:
        return Signature(self.verifier.name, self.verifier.key_id, raw)


def cosigned(text: str, time_s: int) -> bytes:
    """Return what a cosignature signs."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def cosigned_at(signature: Signature) -> int:
    """Return when a cosignature was made, Unix seconds; NoteError when it is none."""
    if len(signature.raw) != 72:
        raise NoteError(f"the signature of {signature.name} is no cosignature")
    return int(struct.unpack_from(">Q", signature.raw)[0])


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not line.startswith(DASH) or not name or len(raw) < 5:
        raise NoteError(f"this is no signature line: {line[:80]!r}")
    return Signature(name, raw[:4], raw[4:])
