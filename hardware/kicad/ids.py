"""Identities that never change: UUIDv5 of what a thing is, so that generated files can be compared byte by byte."""

import uuid

_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "checkpost:hardware")


def of(*what: object) -> str:
    """Return the UUID of the thing with this name."""
    return str(uuid.uuid5(_SPACE, "/".join(str(word) for word in what)))


ROOT_SHEET = of("sheet", "root")
PROJECT = "checkpoint-kiosk"
