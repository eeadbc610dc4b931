"""A small file beside the store in which a running gateway says how its links are: `gateway status` reads it."""

import json
import os
from pathlib import Path
from typing import Any

FILE_NAME = "live.json"


def write(folder: Path, live: dict[str, Any]) -> None:
    """Replace the file; a reader sees the old one or the new one."""
    new = folder / f"{FILE_NAME}.new"
    new.write_text(json.dumps(live))
    os.replace(new, folder / FILE_NAME)


def read(folder: Path) -> dict[str, Any]:
    """Return what the gateway said last, empty when it never ran."""
    try:
        found = json.loads((folder / FILE_NAME).read_text())
    except FileNotFoundError:
        return {}
    assert isinstance(found, dict)
    return found
