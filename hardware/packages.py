"""The two packages that only hardware/ needs, from its own lock, in a folder of their own beside the environment."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from hardware.model import HERE

LOCK = HERE / "requirements.lock"
FOLDER = HERE.parent / ".venv" / "hardware"


class PackagesMissing(Exception):
    """They could not be installed; the message says what to do."""


def ready(folder: Path = FOLDER) -> bool:
    """Return True if the folder holds what the lock names."""
    stamp = folder / "hardware.stamp"
    return stamp.exists() and stamp.read_text() == _sum()


def install(folder: Path = FOLDER) -> None:
    """Install them once; raises PackagesMissing."""
    if ready(folder):
        return
    shutil.rmtree(folder, ignore_errors=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "2",
    ]
    ended = subprocess.run(
        [*pip, "--require-hashes", "--target", str(folder), "-r", str(LOCK)], capture_output=True, text=True
    )
    if ended.returncode:
        last = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")][:1]
        raise PackagesMissing(
            f"wireviz and manifold3d cannot be installed ({' '.join(last)}): connect to the package index"
        )
    (folder / "hardware.stamp").write_text(_sum())


def use(folder: Path = FOLDER) -> None:
    """Let this process import them."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _sum() -> str:
    return hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest() + "\n"
