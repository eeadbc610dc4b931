"""Overwrites the memory that nobody holds: a card's key that was used and forgotten must not be found in a dump.

MicroPython clears a block when it is given out, not when it comes back, and a key passes through many short-lived
copies on its way from a frame to a card. So all that is free is taken once, as zeros, and given back.
"""

import gc

_LARGEST = 4096  # bytes taken at once, then half of it, and so on; one piece may outlive a collection
_SMALLEST = 16  # a block of the collector on a 32-bit chip, and a key


def scrub():
    """Fill the free heap with zeros. For a quiet moment: some tens of milliseconds, and no memory is left meanwhile."""
    gc.collect()
    # Then nothing that is dropped comes back before the end, so each allocation takes memory not yet filled.
    gc.disable()
    size = _LARGEST
    try:
        while size >= _SMALLEST:
            try:
                bytearray(size)
            except MemoryError:
                size >>= 1
    finally:
        gc.enable()
    gc.collect()
