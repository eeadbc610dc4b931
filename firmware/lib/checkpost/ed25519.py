"""Ed25519 signatures (RFC 8032), checking only. Loaded for a firmware update, and not before."""

from checkpost.sha512 import sha512

KEY_SIZE = 32
SIZE = 64

_P = (1 << 255) - 19
_L = (1 << 252) + 27742317777372353535851937790883648493  # the order of the base point
_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
_ROOT = 19681161376707505956807079304988542015446066515923890162744021073123829784752  # of -1
_SLICE = 8  # bits between two slices: some 15 additions of 10 products each
_BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return True if `signature` (64 bytes) of `message` was made with the key whose public half is `key` (32 bytes).

    Section 5.1.7, without the cofactor: what it takes, the other check takes too. Bad points and numbers are False.
    """
    good = False
    for said in checking(key, message, signature):  # type: ignore[attr-defined]
        good = said
    return good


def checking(key: bytes, message: bytes, signature: bytes) -> object:
    """Yield False between two slices of the work of `verify`, some 50 ms each on an RP2040; last what it returns."""
    if len(key) != KEY_SIZE or len(signature) != SIZE:
        return
    public = _decode(key)
    yield False
    commitment = _decode(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= _L:
        return
    yield False
    challenge = int.from_bytes(sha512(signature[:32] + key + message), "little") % _L
    base = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)
    x, y, z, t = public
    # s B - k A = R: both products in one pass over the bits (Shamir's trick)
    back = (_P - x, y, z, _P - t)
    both = _add(base, back)
    total: tuple[int, ...] = (0, 1, 1, 0)
    for bit in range(252, -1, -1):
        if bit % _SLICE == 0:
            yield False
        total = _add(total, total)
        which = (scalar >> bit & 1) + 2 * (challenge >> bit & 1)
        if which:
            total = _add(total, (base, back, both)[which - 1])
    yield _same(total, commitment)


def _add(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, ...]:
    """Section 5.1.4: extended coordinates x/z, y/z, with t = x y / z."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _same(p: tuple[int, ...], q: tuple[int, ...]) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % _P == 0 and (p[1] * q[2] - q[1] * p[2]) % _P == 0


def _decode(raw: bytes) -> tuple[int, ...] | None:
    """Return the point in 32 bytes, None if there is none (section 5.1.3)."""
    y = int.from_bytes(raw, "little")
    odd = y >> 255
    y &= (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * _power(_D * y * y + 1, _P - 2) % _P
    x = _power(square, (_P + 3) // 8)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = _P - x
    return x, y, 1, x * y % _P


def _power(base: int, exponent: int) -> int:
    """Return base to the exponent modulo p; MicroPython's own pow with a modulus is not built everywhere."""
    total = 1
    base %= _P
    while exponent:
        if exponent & 1:
            total = total * base % _P
        base = base * base % _P
        exponent >>= 1
    return total
