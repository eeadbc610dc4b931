"""How both ends keep a secret in a file: only its owner reads it, and it is there whole or not at all."""

import os
import stat
from pathlib import Path

OTHERS = 0o077  # bits of a mode by which others than the owner come to a file
# systemd guards its credentials' folder, and gives the service its right to each by ACL, which shows as a group bit.
OTHERS_OF_A_CREDENTIAL = 0o007


def read_secret(path: Path, others: int = OTHERS) -> bytes | None:
    """Return what a file holds, None for one that others than its owner can read; OSError. A pipe is nobody else's."""
    with path.open("rb") as file:
        held = os.fstat(file.fileno()).st_mode
        return None if stat.S_ISREG(held) and stat.S_IMODE(held) & others else file.read()


def others_of(path: Path, credentials: str | None) -> int:
    """Return which bits of a secret's mode are too many; `credentials`: where systemd gives a service its own."""
    given = credentials is not None and Path(credentials).resolve() in path.resolve().parents
    return OTHERS_OF_A_CREDENTIAL if given else OTHERS


def write_secret(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 in place of the one there; a power cut leaves the old one or the new one. OSError."""
    fresh = path.with_name(path.name + ".new")
    _lay(fresh, data)
    fresh.replace(path)
    _sync(path.parent)


def lay_secret(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 unless one is there: of processes that do so at once, the first wins. OSError."""
    fresh = path.with_name(f"{path.name}.new-{os.getpid()}")
    _lay(fresh, data)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
    _sync(path.parent)


def _lay(fresh: Path, data: bytes) -> None:
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
