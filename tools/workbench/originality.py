"""The maker's signature of an NTAG 424 DNA: ECDSA over the bare UID, on secp224r1 (NXP AN12196, originality signature).

It says that NXP made a chip with this UID. It does not say that this is the chip: a recording of it passes too.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

_NXP_KEY = bytes.fromhex(
    "048A9B380AF2EE1B98DC417FECC263F8449C7625CECE82D9B916C992DA209D68422B81EC20B65A66B5102A61596AF3379200599316A00A1410"
)
_HALF = 28


def is_original(uid: bytes, signature: bytes, public_key: bytes = _NXP_KEY) -> bool:
    """Return True if the 56-byte signature (r and s) over the UID is the maker's."""
    if len(signature) != 2 * _HALF or len(uid) > _HALF:
        return False
    r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP224R1(), public_key)
    # The UID itself is signed, not a hash of it: it stands in the place of a 28-byte digest as the same number.
    digest = uid.rjust(_HALF, b"\x00")
    try:
        key.verify(utils.encode_dss_signature(r, s), digest, ec.ECDSA(utils.Prehashed(hashes.SHA224())))
    except InvalidSignature:
        return False
    return True
