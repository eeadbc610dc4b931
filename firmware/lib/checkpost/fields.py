"""Fields of messages: appending and reading them so that nothing but MessageError is ever raised."""

from checkpost.limits import MAX_NAME


class MessageError(ValueError):
    """Bytes that are no message, or a field that does not fit: the only thing that packing or parsing raises."""


def put(out: bytearray, value: int, size: int) -> None:
    """Append an unsigned little-endian number of `size` bytes."""
    if not 0 <= value < 1 << 8 * size:
        raise MessageError("field out of range: %d" % value)
    out.extend(int(value).to_bytes(size, "little"))


def put_text(out: bytearray, text: str) -> None:
    """Append a name: its length in bytes, then UTF-8."""
    raw = text.encode()
    if len(raw) > MAX_NAME:
        raise MessageError("name too long")
    out.append(len(raw))
    out.extend(raw)


def text(body: bytes, at: int) -> tuple[str, int]:
    """Return the name at an offset and the offset after it."""
    if at >= len(body) or body[at] > MAX_NAME or at + 1 + body[at] > len(body):
        raise MessageError("name cut short")
    end = at + 1 + body[at]
    try:
        return str(body[at + 1 : end], "utf-8"), end
    except ValueError:
        raise MessageError("name is not UTF-8")


def exact(body: bytes, size: int) -> None:
    """Raise MessageError unless a body has a size in bytes."""
    if len(body) != size:
        raise MessageError("message of %d bytes, not %d" % (len(body), size))
