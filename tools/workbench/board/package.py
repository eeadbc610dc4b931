"""Makes firmware/package.json anew, by which `mpremote mip` installs: python -m workbench.board.package."""

import json
from pathlib import Path

from workbench.board.tree import FROZEN, NOT_CARRIED, SKIPPED, find_firmware, version_of


def package(folder: Path) -> str:
    """Return the text of package.json for a firmware folder."""
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in NOT_CARRIED and not SKIPPED.intersection(path.parts)
        if path.name not in FROZEN
    )
    version = ".".join(map(str, version_of(folder)))
    return json.dumps({"urls": [[name, name] for name in names], "version": version}, indent=1) + "\n"


if __name__ == "__main__":
    (find_firmware() / "package.json").write_text(package(find_firmware()))
