"""What every page of ours has, a gateway's console and the office's: colours and controls, the keys, the sign.

It imports nothing of ours, so that both may serve its files; what only one of them has stays in its own `static`.
"""

from pathlib import Path

COMMON = Path(__file__).resolve().parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def served(own: Path) -> dict[str, tuple[Path, str]]:
    """Return what is served, by name: (path, media type) of each file of a folder, and of the common ones."""
    return {path.name: (path, TYPES[path.suffix]) for folder in (COMMON, own) for path in sorted(folder.iterdir())}
