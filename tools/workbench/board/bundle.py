"""Makes and reads signed firmware bundles. Layout: firmware/lib/checkpost/SPEC.md, "Firmware bundle"."""

import hashlib
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.boards.firmware import HEAD, LAYOUT, MARK, SIGNATURE, Bundle
from gateway.errors import OperatorError
from workbench.board.tree import Tree

MPY = 6
DOMAIN = b"checkpost firmware 1"


class BundleTrouble(OperatorError):
    """A bundle or a key cannot be used: the text says why and what to do."""


@dataclass(frozen=True)
class Signer:
    """A key pair for updates or reports."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """Return the 32-byte public key."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def pack(tree: Tree, signer: Signer) -> bytes:
    """Return the signed bundle of a firmware."""
    paths = sorted(tree.files)
    listed = b"".join(_entry(path, tree.files[path]) for path in paths)
    content = b"".join(tree.files[path] for path in paths)
    head = struct.pack(HEAD, MARK, LAYOUT, *tree.version, MPY, 0, len(paths), len(listed), len(content))
    signature = signer.private.sign(DOMAIN + hashlib.sha256(head + listed).digest())
    return head + listed + signature + content


def check(data: bytes, key: bytes) -> tuple[int, int, int]:
    """Return the version of a whole bundle that this public key signed. Raises OperatorError."""
    found = Bundle(data)
    digest = hashlib.sha256(found.head[:-SIGNATURE]).digest()
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(found.head[-SIGNATURE:], DOMAIN + digest)
    except (InvalidSignature, ValueError) as error:
        raise BundleTrouble("altered: the signature does not fit, or another key made it") from error
    return found.version


def split(data: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Return the head of a bundle, up to its signature, and its files by path. Raises FirmwareTrouble."""
    found = Bundle(data, proven=False)
    return found.head, found.files


def read_signer(path: Path) -> Signer:
    """Return the private key in a file of mode 600. Raises BundleTrouble."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BundleTrouble(f"{path} can be read by others: chmod 600 it, and make a new key if they did")
        return Signer(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip())))
    except OSError as error:
        raise BundleTrouble(f"{path} cannot be read ({error.strerror}): make a key with checkpost board key") from error
    except ValueError:
        raise BundleTrouble(f"{path} holds no key: 64 hex digits, made with checkpost board key") from None


def make_signer(path: Path) -> Signer:
    """Make a key from the system's random source and keep it in a new file of mode 600. Raises BundleTrouble."""
    signer = Signer(Ed25519PrivateKey.generate())
    raw = signer.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    try:
        path.touch(0o600, exist_ok=False)
    except FileExistsError:
        raise BundleTrouble(f"{path} is there already: name another file, a key is never overwritten") from None
    path.write_text(raw.hex() + "\n")
    return signer


def _entry(path: str, data: bytes) -> bytes:
    name = path.encode()
    return bytes([len(name)]) + name + struct.pack("<I", len(data)) + hashlib.sha256(data).digest()
