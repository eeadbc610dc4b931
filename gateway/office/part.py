"""FILE.part: the rows of a pull that is under way. It names the state that it continues, so a broken one goes on."""

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

from gateway.office.client import OfficeError, Page
from gateway.office.files import State

Key = tuple[int, int, int]
Row = tuple[int, Key, str]  # position, (board, epoch, sequence), the line with its end


class Part:
    """Open for as long as a pull runs; `position` is the last one that it holds, `log` is '' until the first page."""

    def __init__(self, path: Path, base: State):
        """Open the part that continues `base`, or an empty one; OfficeError when another pull has it."""
        self.log, self.position = base.log, base.position
        self._path = path
        self._base = base
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise OfficeError(f"Another pull writes {path} just now; wait for it.") from error
        whole = self._whole()
        self._file.truncate(whole)
        self._empty = whole == 0

    def close(self) -> None:
        """Let go of the file; it stays for the next pull."""
        self._file.close()

    def remove(self) -> None:
        """Throw the part away."""
        self._path.unlink(missing_ok=True)
        self._file.close()

    def add(self, page: Page) -> None:
        """Add a page; OfficeError when its positions do not rise."""
        if self._empty:
            head = {"log": page.log, "continues": self._base.digest, "position": self._base.position}
            self._file.write(json.dumps(head).encode() + b"\n")
            self.log, self._empty = page.log, False
        for position, _, line in page.rows:
            if position <= self.position:
                raise OfficeError(f"The centre gave position {position} after {self.position}; pull again.")
            self.position = position
            self._file.write(line.encode() + b"\n")
        self._file.flush()

    def rows(self) -> Iterator[Row]:
        """Yield the rows, oldest position first."""
        with self._path.open("rb") as file:
            file.readline()
            for raw in file:
                yield row_of(raw)

    def _whole(self) -> int:
        """Return how many bytes are whole and continue the base, and note the last position and the log in them."""
        self._file.seek(0)
        try:
            head = json.loads(self._file.readline())
            if (head["continues"], head["position"]) != (self._base.digest, self._base.position):
                return 0
            log = str(head["log"])
        except (ValueError, KeyError, TypeError):
            return 0
        good = self._file.tell()
        for raw in self._file:
            try:
                position = row_of(raw)[0]
            except (ValueError, KeyError, TypeError):
                break  # torn by a power cut: it is asked for again
            if not raw.endswith(b"\n"):
                break
            good += len(raw)
            self.position = position
        self.log = log
        return good


def says_erased(line: str) -> bool:
    """Return True for a row that takes the place of a crossing whose data were erased."""
    return '"erased":true' in line  # in the text of a field its quotes would be escaped


def row_of(raw: bytes) -> Row:
    """Return a line of a pulled file; ValueError, KeyError or TypeError when it is none."""
    crossing = json.loads(raw)
    return int(crossing["position"]), (crossing["board"], crossing["epoch"], crossing["seq"]), raw.decode()
