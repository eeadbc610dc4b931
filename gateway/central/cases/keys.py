"""Keys of numbers after which a list goes on, as they stand in an address: `1793000000.17`."""

FIRST = (0, 0)  # before every row of a list that rises
LAST = (2**53, 2**53)  # behind every row of a list that falls
MAX_DIGITS = 16


def numbers(key: str, start: tuple[int, int]) -> tuple[int, int]:
    """Return the two numbers of a key; `start` where it is none."""
    parts = key.split(".")
    good = len(parts) == 2 and all(part.isascii() and part.isdigit() and len(part) <= MAX_DIGITS for part in parts)
    return (int(parts[0]), int(parts[1])) if good else start


def joined(first: int, second: int) -> str:
    """Return the key of two numbers."""
    return f"{first}.{second}"
