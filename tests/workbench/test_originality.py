"""The maker's signature: NXP's example, and what is not it."""

import pytest

from tests.core import vectors
from workbench.originality import is_original

ENTRY = vectors.load("ntag424_originality")
UID, SIGNATURE = bytes.fromhex(ENTRY["uid"]), bytes.fromhex(ENTRY["signature"])


def test_the_published_signature():
    assert is_original(UID, SIGNATURE)
    assert is_original(UID, SIGNATURE, bytes.fromhex(ENTRY["public_key"]))


@pytest.mark.parametrize("at", range(7))
def test_another_uid(at):
    assert not is_original(UID[:at] + bytes([UID[at] ^ 1]) + UID[at + 1 :], SIGNATURE)


@pytest.mark.parametrize(
    "signature", [bytes(56), b"", SIGNATURE[:-1], SIGNATURE + b"\x00", SIGNATURE[28:] + SIGNATURE[:28]]
)
def test_another_signature(signature):
    assert not is_original(UID, signature)
