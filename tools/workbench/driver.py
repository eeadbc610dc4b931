"""The firmware's own driver of a card, for tools: its tree lies beside them in a checkout, among them in a wheel."""

import secrets
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any


def card_driver(exchange: Callable[[bytes], bytes | None]) -> Any:
    """Return drivers.ntag424.NTAG424 over what carries APDUs to a card and brings its answers (None: it gives none)."""
    return _firmware("drivers.ntag424").NTAG424(exchange, secrets.token_bytes)


def card_errors() -> ModuleType:
    """Return the module of what that driver raises."""
    return _firmware("drivers.ntag424_status")


def advice(error: Exception) -> str:
    """Return what a desk does with a card that gave an error while it was issued."""
    errors = card_errors()
    status = getattr(error, "status", None)
    if status == errors.AUTHENTICATION_DELAY:
        return "many wrong keys were tried on it, so it lets the next try wait: leave it there, and issue it again"
    if status in (errors.MEMORY_ERROR, errors.ISO_MEMORY_ERROR):
        return "its memory fails: take another card"
    return "the card is not as the centre knows it, put it aside"


def _firmware(name: str) -> ModuleType:
    here = Path(__file__).resolve()
    for folder in (here.parents[2] / "firmware", here.parent / "firmware"):
        if (folder / "drivers").is_dir() and str(folder) not in sys.path:
            sys.path.append(str(folder))
    return import_module(name)
