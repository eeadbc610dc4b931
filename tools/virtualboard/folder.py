"""A board's folder: how it is to be run, who runs it, and the names of its terminals."""

import fcntl
import os
from dataclasses import dataclass, field
from pathlib import Path


class FolderInUse(OSError):
    """Two hosts were started over one folder."""


@dataclass
class Options:
    """How to run a board."""

    directory: Path
    baud: int = 921600
    heap: str = "192wk"
    pace: float = 1.0
    oled: str = "sh1106"
    clock: str | None = None
    board_id: str = "e66058388300e001"
    restart: bool = True
    cpu: int | None = None
    cards: Path | None = None
    ether: Path | None = None
    radio: str = ""
    follow_stdin: bool = False
    log: bool = False
    extra: dict[str, str] = field(default_factory=dict)


def hold_folder(folder: Path) -> int:
    """Take the folder for this process: two boards on one flash file would tear each other's records."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise FolderInUse(f"another virtual board runs in {folder}: stop it, or use another folder") from error
    return handle


def point_at(link: Path, target: str) -> None:
    """Make `link` lead to `target`, replacing what an earlier run left."""
    draft = link.with_name(link.name + ".new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)
