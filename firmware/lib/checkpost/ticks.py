"""Milliseconds that wrap: the board's tick counter has 30 bits on an RP2040 (12.4 days), more elsewhere."""

from checkpost.const import const

_MASK = const((1 << 30) - 1)
_LATE = const(1000)  # a caller's `now` may be this much older than a stamp that was taken meanwhile


def elapsed_ms(now_ms: int, since_ms: int) -> int:
    """Return the milliseconds since a stamp, below 2**30; a jump ahead stays positive, a stamp ahead of now is 0."""
    passed = (now_ms - since_ms) & _MASK
    return 0 if passed > _MASK - _LATE else passed
