"""Seals a board's keys to whoever may read them: HPKE (RFC 9180), base mode, one message. SPEC.md, "Enrolment"."""

import hashlib
import json
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gateway.contract.enrolment import Enrolment
from gateway.contract.secrets import lay_secret
from gateway.errors import OperatorError

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
FILE_NAME = "sealing.key"  # in the data folder of a gateway or a centre: 64 hex digits, mode 0600
TO_GATEWAY = "checkpost enrolment 1 link key"
TO_CENTRE = "checkpost enrolment 1 link key and seal key"
PRINT_DIGITS = 24  # of a fingerprint: nobody makes another key with the same 96 bits
GROUP = 4


class SealingTrouble(Exception):
    """What is sealed does not open: it is for another key, of another board, or altered."""


class SealingKeyUnreadable(OperatorError):
    """The key file is open to others, or none: the text says which, and what to do."""


def context(purpose: str, enrolment: Enrolment, technician: str) -> bytes:
    """Return what a sealed part is bound to: it opens in no other enrolment. `technician`: the voucher's."""
    place = [enrolment.board, enrolment.epoch, enrolment.crossing_point, enrolment.lane]
    more = [enrolment.gateway, enrolment.chip, technician]
    return f"{purpose}\n{json.dumps([*place, *more], separators=(',', ':'))}".encode()


def seal(plain: bytes, key: str, info: bytes) -> str:
    """Return bytes sealed to a public key (hex), as hex: HPKE's key (32), then the ciphertext with its tag."""
    return SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(bytes.fromhex(key)), info).hex()


def unseal(sealed: str, key: X25519PrivateKey, info: bytes) -> bytes:
    """Return what was sealed; SealingTrouble."""
    try:
        return SUITE.decrypt(bytes.fromhex(sealed), key, info)
    except (InvalidTag, ValueError) as error:
        raise SealingTrouble("it is sealed to another key, or was altered") from error


def fingerprint(key: str) -> str:
    """Return what two people compare of a public key (hex), over a telephone or on paper."""
    digits = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:PRINT_DIGITS]
    return "-".join(digits[at : at + GROUP] for at in range(0, PRINT_DIGITS, GROUP))


def public_half(key: X25519PrivateKey) -> str:
    """Return a key's public half as hex."""
    return key.public_key().public_bytes_raw().hex()


def open_key(folder: Path) -> X25519PrivateKey:
    """Return the sealing key of a data folder, made if it is new; SealingKeyUnreadable. Processes may share it."""
    path = folder / FILE_NAME
    try:
        if not path.exists():
            lay_secret(path, X25519PrivateKey.generate().private_bytes_raw().hex().encode() + b"\n")
    except OSError as error:
        raise SealingKeyUnreadable(f"{path} cannot be made ({error.strerror}): check the folder") from error
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise SealingKeyUnreadable(f"{path} can be read by others (mode {mode:o}): chmod 600 it")
        return X25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    except OSError as error:
        raise SealingKeyUnreadable(f"{path} cannot be read ({error.strerror}): check its owner") from error
    except ValueError:  # without the cause: a parser's message may quote the file
        raise SealingKeyUnreadable(f"{path} holds no key: bring it back from a backup") from None
