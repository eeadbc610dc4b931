"""The key with which the centre signs checkpoints: made by `central init`, in a file that only its owner reads."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.central.proof.checkpoint import ORIGIN
from gateway.central.proof.note import ED25519, Signer
from gateway.contract.secrets import lay_secret

KEY_NAME = "log.key"  # in the centre's data folder, PKCS #8


class SigningError(Exception):
    """The key cannot be used; the message says what to do."""


def lay_key(data: Path) -> None:
    """Make the key of a data folder; one that is there stays."""
    path = data / KEY_NAME
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        lay_secret(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def open_key(data: Path, log_id: str) -> Signer:
    """Return who signs the checkpoints of a log; SigningError when the key is not there or is none."""
    path = data / KEY_NAME
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError as error:
        raise SigningError(f"There is no key at {path}; `checkpost central init` makes one.") from error
    except (OSError, ValueError) as error:
        raise SigningError(f"The key at {path} cannot be read ({error}); bring it back from a backup.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"The key at {path} is not of Ed25519; bring the right one back from a backup.")
    return Signer(ORIGIN + log_id, ED25519, key)
