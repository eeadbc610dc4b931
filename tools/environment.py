"""Makes the project's environment in .venv, once, and runs one of the tools in it.

The lock file decides what is installed. A stamp, written last, says what the environment was made from: a broken or
outdated one is made again, a fitting one is used without asking the network.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "checkpost.stamp"
LOG = VENV / "install.log"
LOCK = ROOT / "requirements.lock"
EXIT_NO_ENVIRONMENT = 3
PIP = ["-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2"]  # two: a dead network is said soon
_UNREACHABLE = re.compile(
    r"Failed to establish|NewConnectionError|ConnectTimeout|ReadTimeout|Name or service not known|name resolution"
    r"|Network is unreachable|Could not find a version|No matching distribution|ProxyError"
    r"|Connection (refused|reset|broken)"
)
TOOLS = {
    "demo": ["-P", "-m", "replay"],
    "test": [str(ROOT / "tools" / "checks.py")],
    "bench": [str(ROOT / "tools" / "benches")],
    "hardware": [str(ROOT / "hardware")],
}


class EnvironmentFailed(Exception):
    """The environment could not be made; the message says why and what to do."""


def stamp(root: Path = ROOT) -> str:
    """Return three lines that name what the environment is made from: place and Python, lock, project file."""
    base = f"{root} {sys.version.split()[0]} {sys.base_prefix}"
    sums = [hashlib.sha256((root / name).read_bytes()).hexdigest() for name in ("requirements.lock", "pyproject.toml")]
    return "\n".join([base, *sums]) + "\n"


def stamped() -> list[str]:
    """Return the lines of the stamp, or nothing where there is none."""
    return STAMP.read_text().splitlines() if STAMP.exists() else []


def tell(text: str, end: str = "\n") -> None:
    """Say where we are; standard output belongs to the tool that runs afterwards."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the environment's lock file: a second run waits for the first."""
    with open(ROOT / ".venv.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("Another run is making the environment; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def refresh() -> None:
    """Make what is missing: everything, or the packages, or only the project's own entry points."""
    wanted, present = stamp().splitlines(), stamped()
    if present == wanted:
        return
    STAMP.unlink(missing_ok=True)
    if present[:1] != wanted[:1]:
        tell("Making the environment in .venv: once, about a minute.")
        create()
    if present[:2] != wanted[:2]:
        pip(["install", "--require-hashes", "-r", str(LOCK)], "packages", total=pinned(LOCK.read_text()))
    pip(["install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT)], "the project itself")
    STAMP.write_text("\n".join(wanted) + "\n")


def create() -> None:
    """Lay an empty environment with pip in it."""
    if VENV.exists():
        shutil.rmtree(VENV)
    try:
        venv.EnvBuilder(symlinks=True, with_pip=True).create(VENV)
    except subprocess.CalledProcessError as error:
        raise EnvironmentFailed(
            f"{sys.executable} cannot make an environment ({error}): install its venv module "
            "(on Debian and Ubuntu the package python3-venv) and run the command again."
        ) from error


def pinned(lock: str) -> int:
    """Return how many packages the lock names for any platform."""
    return len(re.findall(r"^[A-Za-z0-9][\w.-]*==", lock, re.MULTILINE))


def pip(arguments: list[str], what: str, total: int = 0) -> None:
    """Run pip in the environment with its words in the log, and count on a terminal what it has collected."""
    quiet = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "PIP_USER")}
    seen = 0
    with open(LOG, "a") as log:
        command = [str(PYTHON), *PIP, *arguments]
        with subprocess.Popen(command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
            assert run.stdout is not None
            said = []
            for line in run.stdout:
                log.write(line)
                said.append(line)
                seen += line.startswith("Collecting ")
                if sys.stderr.isatty() and total:
                    tell(f"\r  {what}: {seen} of {total}", end="")
        if sys.stderr.isatty() and total:
            tell("\r\033[K", end="")
    if run.returncode:
        raise EnvironmentFailed(explain("".join(said)))


def explain(output: str) -> str:
    """Return one sentence for what pip said when it failed."""
    if _UNREACHABLE.search(output):
        return (
            "The package index cannot be reached, so the environment is not complete: "
            "connect this machine to the network (or set PIP_INDEX_URL to a mirror) and run the command again."
        )
    errors = [line.strip() for line in output.splitlines() if line.startswith("ERROR:")]
    reason = errors[0].removeprefix("ERROR:").strip() if errors else "pip ended without saying why"
    return f"Installing failed ({reason}): all that pip said is in {LOG.relative_to(ROOT)}; run the command again."


def main(arguments: list[str]) -> int:
    """Make the environment and become the tool that is named first, if any, with the rest as its arguments."""
    if stamped() != stamp().splitlines():
        if sys.prefix != sys.base_prefix:  # an environment cannot lay itself anew
            base = sys._base_executable  # type: ignore[attr-defined]
            os.execv(base, [base, str(Path(__file__).resolve()), *arguments])
        try:
            with alone():
                refresh()
        except EnvironmentFailed as error:
            tell(str(error))
            return EXIT_NO_ENVIRONMENT
        except OSError as error:
            tell(f"The environment in .venv cannot be made ({error}): mend that and run the command again.")
            return EXIT_NO_ENVIRONMENT
    if arguments:
        os.execv(PYTHON, [str(PYTHON), *TOOLS[arguments[0]], *arguments[1:]])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        tell("Stopped; the next run goes on with the environment.")
        sys.exit(130)
