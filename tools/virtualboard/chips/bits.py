"""Bit order and decimal coding shared by the chip models."""

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def reverse_bits(data: bytes) -> bytes:
    """Return data with the bits of every byte in the opposite order."""
    return bytes(data).translate(_REVERSED)


def to_bcd(value: int) -> int:
    """Return 0-99 as binary-coded decimal."""
    return (value // 10) << 4 | value % 10


def from_bcd(code: int) -> int:
    """Return the number that a binary-coded decimal byte stands for."""
    return (code >> 4) * 10 + (code & 0x0F)
