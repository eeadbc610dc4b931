"""SHA-512 (FIPS 180-4) for MicroPython, which has only SHA-256. Loaded where a signature is checked, and not before."""

import hashlib

_MASK = (1 << 64) - 1
_BLOCK = 128
_ROUNDS = 80


def sha512(data: bytes) -> bytes:
    """Return the 64-byte digest."""
    if hasattr(hashlib, "sha512"):
        return hashlib.sha512(data).digest()
    return portable(data)


def portable(data: bytes) -> bytes:
    """Return the digest by integers alone: some 10 ms a block of 128 bytes on an RP2040."""
    primes = _primes(_ROUNDS)
    constants = [_root(prime, 3) for prime in primes]
    state = [_root(prime, 2) for prime in primes[:8]]
    padded = data + b"\x80" + bytes((_BLOCK - 17 - len(data)) % _BLOCK) + (8 * len(data)).to_bytes(16, "big")
    for at in range(0, len(padded), _BLOCK):
        _mix(state, constants, padded[at : at + _BLOCK])
    return b"".join([word.to_bytes(8, "big") for word in state])


def _mix(state: list[int], constants: list[int], block: bytes) -> None:
    """Section 6.4.2."""
    words = [int.from_bytes(block[at : at + 8], "big") for at in range(0, _BLOCK, 8)]
    a, b, c, d, e, f, g, h = state
    for number in range(_ROUNDS):
        if number >= 16:
            w15, w2 = words[(number - 15) % 16], words[(number - 2) % 16]
            s0 = _turn(w15, 1) ^ _turn(w15, 8) ^ w15 >> 7
            s1 = _turn(w2, 19) ^ _turn(w2, 61) ^ w2 >> 6
            words[number % 16] = (words[number % 16] + s0 + words[(number - 7) % 16] + s1) & _MASK
        sigma1 = _turn(e, 14) ^ _turn(e, 18) ^ _turn(e, 41)
        t1 = h + sigma1 + (e & f ^ ~e & g) + constants[number] + words[number % 16]
        t2 = (_turn(a, 28) ^ _turn(a, 34) ^ _turn(a, 39)) + (a & b ^ a & c ^ b & c)
        h, g, f, e, d, c, b, a = g, f, e, (d + t1) & _MASK, c, b, a, (t1 + t2) & _MASK
    for place, word in enumerate((a, b, c, d, e, f, g, h)):
        state[place] = (state[place] + word) & _MASK


def _turn(word: int, bits: int) -> int:
    return (word >> bits | word << 64 - bits) & _MASK


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def _root(number: int, degree: int) -> int:
    """Return the first 64 bits behind the point of a square or cube root (sections 4.2.3 and 5.3.5)."""
    scaled = number << 64 * degree
    root = 0
    for bit in range(69, -1, -1):  # the largest root, of 409, is below 2**5
        higher = root | 1 << bit
        if higher**degree <= scaled:
            root = higher
    return root & _MASK
