"""A binary range coder with adaptive bits, in numbers below 2**25. SPEC.md, "Compact batches".

After G. N. N. Martin, "Range encoding" (1979), with carries as in Subbotin's and Pavlov's coders. Encoder and Decoder
have the same methods, and a model that calls them serves both: an Encoder takes the value, a Decoder finds it.
"""

from array import array

_TOP = 1 << 24
_BOTTOM = 1 << 16
_RATE = 5  # how fast a bit learns: by a 32nd of what it lacks
_ONE = 1 << 12
_MIN = 32  # a probability stays in 32 to 4064 of 4096
_MAX_DIRECT = 8  # bits at a time


def contexts(priors: bytes) -> array:  # type: ignore[type-arg]
    """Return the bits' probabilities (of a zero, of 4096) from one byte each, of 256."""
    return array("H", [min(max(prior << 4, _MIN), _ONE - _MIN) for prior in priors])


class Encoder:
    """Writes bits; `finish` returns the bytes."""

    decoding = False

    def __init__(self, priors: bytes):
        self._p = contexts(priors)
        self._low = 0
        self._range = _TOP - 1
        self._out = bytearray()

    def save(self) -> tuple[object, ...]:
        """Return the state, to come back to."""
        return self._p[:], self._low, self._range, bytes(self._out)

    def restore(self, saved: tuple[object, ...]) -> None:
        """Come back to a state of `save`."""
        self._p, self._low, self._range, out = saved  # type: ignore[assignment]
        self._out = bytearray(out)  # type: ignore[call-overload]

    def bit(self, context: int, value: int) -> int:
        """Write a bit under a context; return it."""
        p = self._p[context]
        bound = (self._range >> 12) * p
        if value:
            self._low += bound
            self._range -= bound
            self._p[context] = max(p - (p >> _RATE), _MIN)
        else:
            self._range = bound
            self._p[context] = min(p + (_ONE - p >> _RATE), _ONE - _MIN)
        self._shift()
        return value

    def direct(self, bits: int, value: int) -> int:
        """Write a number of `bits` bits of which nothing is known; return it."""
        while bits:
            step = min(bits, _MAX_DIRECT)
            bits -= step
            self._range >>= step
            self._low += self._range * (value >> bits & (1 << step) - 1)
            self._shift()
        return value

    def finish(self) -> bytes:
        """Return all bytes, without those that a reader takes for granted: zeros at the end."""
        out = bytearray(self._out)
        for size in (0, 1, 2, 3):
            mask = (1 << 24 - 8 * size) - 1
            code = self._low + mask & ~mask
            if code < self._low + self._range:
                break
        if code >> 24:
            _carry(out)
        out.extend((code & _TOP - 1).to_bytes(3, "big")[:size])
        end = len(out)
        while end and not out[end - 1]:
            end -= 1
        return bytes(out[:end])

    def _shift(self) -> None:
        if self._low >> 24:
            self._low &= _TOP - 1
            _carry(self._out)
        while self._range < _BOTTOM:
            self._out.append(self._low >> 16)
            self._low = self._low << 8 & _TOP - 1
            self._range <<= 8


class Decoder:
    """Reads what an Encoder wrote. Any bytes can be read, without end: behind the last there are zeros."""

    decoding = True

    def __init__(self, priors: bytes, data: bytes):
        self._p = contexts(priors)
        self._data = data
        self._at = 3
        self._range = _TOP - 1
        self._code = int.from_bytes((data + bytes(3))[:3], "big")

    def bit(self, context: int, value: int = 0) -> int:
        """Return the next bit under a context."""
        p = self._p[context]
        bound = (self._range >> 12) * p
        if self._code >= bound:
            self._code -= bound
            self._range -= bound
            self._p[context] = max(p - (p >> _RATE), _MIN)
            value = 1
        else:
            self._range = bound
            self._p[context] = min(p + (_ONE - p >> _RATE), _ONE - _MIN)
            value = 0
        self._shift()
        return value

    def direct(self, bits: int, value: int = 0) -> int:
        """Return the next number of `bits` bits."""
        value = 0
        while bits:
            step = min(bits, _MAX_DIRECT)
            bits -= step
            self._range >>= step
            found = min(self._code // self._range, (1 << step) - 1)
            self._code -= found * self._range
            value = value << step | found
            self._shift()
        return value

    def _shift(self) -> None:
        while self._range < _BOTTOM:
            byte = self._data[self._at] if self._at < len(self._data) else 0
            self._at += 1
            self._code = (self._code << 8 | byte) & _TOP - 1
            self._range <<= 8


def _carry(out: bytearray) -> None:
    at = len(out) - 1
    while out[at] == 0xFF:
        out[at] = 0
        at -= 1
    out[at] += 1
