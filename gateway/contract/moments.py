"""How a moment is written in files and on command lines: ISO 8601 with its offset."""

from datetime import datetime


def utc_of_text(text: str) -> int:
    """Return Unix UTC seconds of a moment; ValueError says what is wrong with it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"not a moment such as 2026-11-04T12:00:00+09:00: {text!r}") from None
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its offset, such as +09:00: {text!r}")
    return int(moment.timestamp())
