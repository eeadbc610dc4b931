"""X25519 (RFC 7748) in slices, so that a board's panel never waits for it.

Its time depends on the scalar, which serves one handshake on a board without other tenants: SPEC.md, "Handshake".
"""

try:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
except ImportError:  # MicroPython
    X25519PrivateKey = None  # type: ignore[assignment,misc]

_P = (1 << 255) - 19
_A24 = 121665
_LADDER_ROUNDS = 255
ROUNDS = _LADDER_ROUNDS + 255  # the second half inverts by Fermat, bit by bit

KEY_SIZE = 32
BASE_POINT = b"\x09" + bytes(31)


class Ladder:
    """One multiplication: `step` until it returns True, then `result`."""

    def __init__(self, scalar: bytes, point: bytes = BASE_POINT):
        """`scalar`: 32 random bytes (clamped here); `point`: a 32-byte public key."""
        clamped = bytearray(scalar)
        clamped[0] &= 248
        clamped[31] = clamped[31] & 127 | 64
        self._scalar = int.from_bytes(bytes(clamped), "little")
        self._x1 = (int.from_bytes(point, "little") & ((1 << 255) - 1)) % _P
        self._x2, self._z2, self._x3, self._z3 = 1, 0, self._x1, 1
        self._swapped = 0
        self._inverse = 1
        self._round = 0

    def step(self, rounds: int) -> bool:
        """Do a bounded number of rounds (of 510); return True when the result is ready."""
        while rounds and self._round < ROUNDS:
            if self._round < _LADDER_ROUNDS:
                self._climb(254 - self._round)
            else:
                self._invert(ROUNDS - 1 - self._round)
            self._round += 1
            rounds -= 1
        return self._round == ROUNDS

    def result(self) -> bytes:
        """Return the 32-byte product; all zero for a point of small order."""
        return (self._x2 * self._inverse % _P).to_bytes(32, "little")

    def _climb(self, bit: int) -> None:
        """One round of the ladder, RFC 7748 section 5."""
        k = self._scalar >> bit & 1
        if k != self._swapped:
            self._x2, self._x3 = self._x3, self._x2
            self._z2, self._z3 = self._z3, self._z2
            self._swapped = k
        a = self._x2 + self._z2
        b = self._x2 - self._z2
        aa = a * a % _P
        bb = b * b % _P
        e = aa - bb
        da = (self._x3 - self._z3) * a
        cb = (self._x3 + self._z3) * b
        self._x3 = (da + cb) * (da + cb) % _P
        self._z3 = self._x1 * ((da - cb) * (da - cb) % _P) % _P
        self._x2 = aa * bb % _P
        self._z2 = e * (aa + _A24 * e) % _P

    def _invert(self, bit: int) -> None:
        """One bit of z2 ** (p - 2); the scalar ends in a zero bit, so that nothing is left to swap back."""
        self._inverse = self._inverse * self._inverse % _P
        if (_P - 2) >> bit & 1:
            self._inverse = self._inverse * self._z2 % _P


def multiply(scalar: bytes, point: bytes = BASE_POINT) -> bytes:
    """Return the 32-byte product at once, for machines where a few milliseconds do not matter; zeros: small order."""
    if X25519PrivateKey is not None:
        try:
            return X25519PrivateKey.from_private_bytes(scalar).exchange(X25519PublicKey.from_public_bytes(point))
        except ValueError:  # what the library says of a point of small order
            return bytes(KEY_SIZE)
    ladder = Ladder(scalar, point)
    ladder.step(ROUNDS)
    return ladder.result()
