"""A second party: keeps the last checkpoint that it signed, and signs only what continues it (cosignature/v1)."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from gateway.central.proof import checkpoint
from gateway.central.proof.note import COSIGNATURE, Note, NoteError, Signer
from gateway.office.client import Client, OfficeError
from gateway.office.files import write_whole
from gateway.office.folder import LogFolder
from gateway.office.pull_log import check_growth

PRIVATE = "cosign.key"
LAST = "cosigned"


@dataclass(frozen=True)
class Cosigned:
    """What was signed: how many leaves, with which key (vkey), and how many leaves the one before had."""

    size: int
    before: int
    vkey: str


def signer_of(folder: Path, name: str) -> Signer:
    """Return who signs in a folder, with a key that is made the first time; OfficeError when the name is none."""
    path = folder / PRIVATE
    if not path.exists():
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as file:
            file.write(raw)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("it is not of Ed25519")
        return Signer(name, COSIGNATURE, key)
    except (ValueError, NoteError) as error:
        raise OfficeError(f"Nothing can be signed with {path} as {name}: {error}.") from error


def cosign(client: Client, folder: Path, signer: Signer, now_s: int) -> Cosigned:
    """Sign the centre's newest checkpoint if it continues the last one; OfficeError, and no signature, if not."""
    key = LogFolder(folder).keep_key(client.text("/v1/log/key"))
    last = folder / LAST
    try:
        found, note = checkpoint.checked(client.text("/v1/log/checkpoint"), key)
        before = checkpoint.checked(last.read_text(), key)[0] if last.exists() else None
    except (NoteError, OSError) as error:
        raise OfficeError(f"A checkpoint does not fit the key in {folder}: {error}; nothing was signed.") from error
    if before:
        check_growth(client, before, found)
    # Kept before it is given away: a signature that nobody remembers could be contradicted by the next one.
    write_whole(last, [str(note)])
    client.send_cosignature(str(Note(note.text, (*note.signatures, signer.cosign(note.text, now_s)))))
    return Cosigned(found.size, before.size if before else 0, str(signer.verifier))
