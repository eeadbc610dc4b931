"""Runs every check of the project, the quick ones side by side and then the tests, and says how many passed."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MEMORY = Path("/dev/shm")  # a file system in memory, where Linux has one
ROOM = 4 << 30  # bytes; the tests write a fraction of it at a time
MAX_WORKERS = 8  # more would wait for the longest file; each reads all tests first
# A file at once: its fixtures are made once. In the order of tests/conftest.py: files that take long first.
PYTEST = [sys.executable, "-m", "pytest", "-q", "-rs", "--dist", "loadscope", "--no-loadscope-reorder"]
# Before the workers begin: compiling the tests takes ten seconds, and each of them would do it.
FOUND = "pytest: every test is found"
QUICK_STAGES = {
    "ruff: rules": [str(BIN / "ruff"), "check", "--quiet", "--output-format=concise"],
    "ruff: layout": [str(BIN / "ruff"), "format", "--check", "--quiet", "--output-format=concise"],
    "mypy: types": [sys.executable, "-m", "mypy", "--no-error-summary"],
    "import-linter: who may import whom": [str(BIN / "lint-imports"), "--no-logo"],
    FOUND: [sys.executable, "-m", "pytest", "-q", "--collect-only"],
}


def quick(stages: dict[str, list[str]]) -> dict[str, tuple[int, int, int]]:
    """Run stages that count as one check each, all at once; the words of one that fails are shown. Return (passed,
    failed, skipped) of each."""
    counts = {}
    with ThreadPoolExecutor(len(stages)) as together:
        for name, ended in zip(stages, together.map(_ended, stages.values()), strict=True):
            heading(name)
            if ended.returncode:
                print(ended.stdout.rstrip(), flush=True)
            counts[name] = (0, 1, 0) if ended.returncode else (1, 0, 0)
    return counts


def _ended(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def tests(name: str, arguments: list[str]) -> tuple[int, int, int]:
    """Run pytest and return (passed, failed, skipped); a run that breaks off or finds no test counts as a failure."""
    heading(name)
    # One more than there are cores: tests of whole processes wait for them.
    workers = str(min(MAX_WORKERS, (os.cpu_count() or 1) + 1))
    with scratch() as folder:
        report = folder / "report.xml"
        places = [f"--basetemp={folder / 't'}", f"--junitxml={report}"]  # short: a socket's path has 100 bytes
        command = [*PYTEST, "-n", workers, *places, *arguments]
        code = subprocess.run(command, env=os.environ | {"TMPDIR": str(folder)}).returncode
        if code and (folder / "t").exists():  # a wrong option writes nothing
            keep(folder / "t")
        if not report.exists():
            return 0, 1, 0
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, errors, failures, skipped = (
        sum(int(suite.get(key, "0")) for suite in suites) for key in ("tests", "errors", "failures", "skipped")
    )
    failed = errors + failures
    return max(0, total - failed - skipped), max(failed, 1 if code else 0), skipped


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Lend a folder for all that the tests write: in memory where there is room, as thousands of stores are flushed."""
    with tempfile.TemporaryDirectory(prefix="cp-", dir=memory()) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user, and passes through
        yield Path(folder)


def keep(written: Path) -> None:
    """Copy the files that tests wrote to where temporary files usually are, and say where."""
    kept = Path(tempfile.mkdtemp(prefix="checkpost-failed-"))
    shutil.copytree(written, kept, symlinks=True, copy_function=_copy_file, dirs_exist_ok=True)
    print(f"what the tests wrote is in {kept}", flush=True)


def _copy_file(source: str, target: str) -> None:
    if Path(source).is_file():  # no socket, no pipe
        shutil.copy2(source, target)


def memory() -> Path | None:
    """Return the file system in memory, if there is one with room in which programs may be run."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return None
    room = found.f_bavail * found.f_frsize >= ROOM
    return MEMORY if room and not found.f_flag & os.ST_NOEXEC and os.access(MEMORY, os.W_OK) else None


def heading(name: str) -> None:
    """Print the one line that opens a stage."""
    print(f"== {name}", flush=True)


def main(arguments: list[str]) -> int:
    """Run all stages and return the exit code."""
    started = time.monotonic()
    os.chdir(ROOT)
    # Some hundred processes are started, and each would compile all that it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    counts = quick({name: stage for name, stage in QUICK_STAGES.items() if name != FOUND or not arguments})
    if arguments:
        counts["pytest"] = tests("pytest " + " ".join(arguments), arguments)
    else:
        counts["pytest"] = tests("pytest: CPython, and the core in MicroPython", [])
    broken = [name for name, (_, failed, _) in counts.items() if failed]
    verdict = "not in order: " + ", ".join(broken) if broken else "all in order"
    print(f"== {len(counts)} stages in {time.monotonic() - started:.0f} s, {verdict}")
    passed, failed, skipped = (sum(column) for column in zip(*counts.values(), strict=True))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
