"""A small file beside the store in which a running gateway says how its links are: `gateway status` reads it."""

import json
import os
from pathlib import Path
from typing import Any

FILE_NAME = "live.json"


def write(folder: Path, live: dict[str, Any]) -> None:
    """Replace the file; a reader sees the old one or the new one."""
    path = f"{folder}/{FILE_NAME}"
    with open(f"{path}.new", "wb") as file:
        file.write(json.dumps(live).encode())
    os.replace(f"{path}.new", path)


def read(folder: Path) -> dict[str, Any]:
    """Return what the gateway said last, empty when it never ran."""
    try:
        found = json.loads((folder / FILE_NAME).read_text())
    except FileNotFoundError:
        return {}
    assert isinstance(found, dict)
    return found
