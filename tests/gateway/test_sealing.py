"""The sealing of enrolments against RFC 9180, by a second implementation that the RFC's own vector checks."""

import hmac
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from gateway.contract import sealing, statements
from gateway.contract.enrolment import Enrolment, Signed, Voucher

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
RFC = json.loads((VECTORS / "hpke.json").read_text())
OURS = json.loads((VECTORS / "enrolment.json").read_text())
GIVEN = Signed(**OURS["enrolment"])
KEM_SUITE = b"KEM\x00\x20"
HPKE_SUITE = b"HPKE\x00\x20\x00\x01\x00\x03"


def extract(suite, salt, label, key):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")


def expand(suite, key, label, info, size):
    return hmac.digest(key, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01", "sha256")[:size]


def opened(sealed, private, info, associated=b""):
    """RFC 9180, 4.1 (Decap), 5.1 (KeySchedule), 5.2 (Open), written out for one suite."""
    key = X25519PrivateKey.from_private_bytes(private)
    enc, public = sealed[:32], key.public_key().public_bytes_raw()
    shared = key.exchange(X25519PublicKey.from_public_bytes(enc))
    secret = extract(KEM_SUITE, b"", b"eae_prk", shared)
    secret = expand(KEM_SUITE, secret, b"shared_secret", enc + public, 32)
    context = b"\0" + extract(HPKE_SUITE, b"", b"psk_id_hash", b"") + extract(HPKE_SUITE, b"", b"info_hash", info)
    secret = extract(HPKE_SUITE, secret, b"secret", b"")
    nonce = expand(HPKE_SUITE, secret, b"base_nonce", context, 12)
    return ChaCha20Poly1305(expand(HPKE_SUITE, secret, b"key", context, 32)).decrypt(nonce, sealed[32:], associated)


def test_the_second_implementation_opens_what_the_rfc_sealed():
    raw = {name: bytes.fromhex(text) for name, text in RFC.items() if name != "source"}
    assert opened(raw["enc"] + raw["cipher"], raw["private"], raw["info"], raw["aad"]) == raw["plain"]


def test_the_vector_opens_by_both_implementations():
    enrolment = statements.read(Enrolment, GIVEN)
    voucher = statements.read(Voucher, enrolment.voucher)
    link, seal = bytes.fromhex(OURS["link_key"]), bytes.fromhex(OURS["seal_key"])
    for part, whose, purpose, plain in (
        (enrolment.for_gateway, "gateway", sealing.TO_GATEWAY, link),
        (enrolment.for_centre, "centre", sealing.TO_CENTRE, link + seal),
    ):
        info = sealing.context(purpose, enrolment, voucher.technician)
        private = bytes.fromhex(OURS[f"{whose}_private"])
        assert info.decode() == OURS[f"info_{whose}"]
        assert opened(bytes.fromhex(part), private, info) == plain
        assert sealing.unseal(part, X25519PrivateKey.from_private_bytes(private), info) == plain
    assert sealing.fingerprint(voucher.centre_key) == OURS["fingerprint"]
    log = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(OURS["log_private"]))
    statements.check(Voucher, enrolment.voucher, log.public_key().public_bytes_raw().hex())
    statements.check(Enrolment, GIVEN, voucher.technician)


def test_what_is_sealed_opens_in_its_own_enrolment_only():
    key = X25519PrivateKey.generate()
    sealed = sealing.seal(b"a key", sealing.public_half(key), b"here")
    assert opened(bytes.fromhex(sealed), key.private_bytes_raw(), b"here") == b"a key"
    with pytest.raises(InvalidTag):
        opened(bytes.fromhex(sealed), key.private_bytes_raw(), b"there")
    for info, other in ((b"there", key), (b"here", X25519PrivateKey.generate())):
        with pytest.raises(sealing.SealingTrouble):
            sealing.unseal(sealed, other, info)
    with pytest.raises(sealing.SealingTrouble):
        sealing.unseal(sealed[:-2] + "00", key, b"here") if sealed[-2:] != "00" else sealing.unseal("00", key, b"here")


def test_a_statement_passes_for_no_other_kind_and_no_checkpoint():
    enrolment = statements.read(Enrolment, GIVEN)
    voucher = statements.read(Voucher, enrolment.voucher)
    with pytest.raises(statements.StatementTrouble, match="does not fit"):
        statements.check(Voucher, GIVEN, voucher.technician)
    with pytest.raises(statements.StatementTrouble, match="not in its form"):
        statements.read(Voucher, GIVEN)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first = sealing.public_half(sealing.open_key(tmp_path))
    assert sealing.public_half(sealing.open_key(tmp_path)) == first
    path = tmp_path / sealing.FILE_NAME
    assert path.stat().st_mode & 0o777 == 0o600 and [one.name for one in tmp_path.iterdir()] == [sealing.FILE_NAME]
    path.write_text("no key\n")
    with pytest.raises(sealing.SealingKeyUnreadable, match="holds no key"):
        sealing.open_key(tmp_path)
    path.chmod(0o640)
    with pytest.raises(sealing.SealingKeyUnreadable, match="chmod 600"):
        sealing.open_key(tmp_path)
