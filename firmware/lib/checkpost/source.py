"""How a crossing came to be written: tapped at a board, or entered by hand at a gateway. SPEC.md, "Record".

No board imports this: what a board writes is a tap, whose two bits are zero.
"""

SOURCES = ("tap", "hand", "paper")
TAP, HAND, PAPER = range(3)

_SHIFT = 6  # of the first byte of a crossing's body
_KEPT = 0x3F


def source_of(body: bytes) -> int:
    """Return the source that a crossing's body names, 3 for one that is not yet known."""
    return body[0] >> _SHIFT


def marked(body: bytes, source: int) -> bytes:
    """Return a crossing's body that names its source; ValueError for one that is none."""
    if not 0 <= source < len(SOURCES):
        raise ValueError("no such source of a crossing: %d" % source)
    return bytes([body[0] & _KEPT | source << _SHIFT]) + body[1:]
