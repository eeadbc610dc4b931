"""Pulls the log into one file: resumes after any break, replaces the file in one step, counts exactly."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gateway.office.client import Client, OfficeError
from gateway.office.files import State, differing_from, digest_of, put_in_place, read_state, write_fresh, write_state
from gateway.office.part import Key, Part, row_of, says_erased

CURRENT = "/v1/crossings"
EVERY_CHANGE = "/v1/feed"
Progress = Callable[[int, int], None]  # positions done, positions in all


@dataclass(frozen=True)
class Pulled:
    """What a pull brought: rows that were new, lines that the file holds now, and up to which position."""

    rows: int
    lines: int
    position: int


class CountsDiffer(OfficeError):
    """The centre counts other crossings than it gave; what it gave is kept beside the file, as evidence."""


class _OtherLog(Exception):
    """The centre serves another log than the one that was pulled so far."""


class Pull:
    """One file of one centre. `every_change`: the feed itself instead of the current states."""

    def __init__(self, client: Client, file: Path, state: Path, every_change: bool = False):
        self._client = client
        self._file = file
        self._state = state
        self._every_change = every_change

    def run(self, progress: Progress) -> Pulled:
        """Bring the file up to date; OfficeError when the centre cannot be asked or its counts do not agree."""
        base = read_state(self._state)
        if not base.digest or base.digest != digest_of(self._file):
            base = State()  # the file is not the one that the state speaks of
        try:
            return self._run(base, progress)
        except _OtherLog:
            return self._run(State(), progress)

    def _run(self, base: State, progress: Progress) -> Pulled:
        with closing(Part(self._file.with_name(self._file.name + ".part"), base)) as part:
            crossings = self._fetch(part, base, progress)
            return self._finish(part, base, crossings)

    def _fetch(self, part: Part, base: State, progress: Progress) -> int:
        """Add what came since; return how many crossings the centre counts at the last page."""
        crossings = 0
        path = EVERY_CHANGE if self._every_change else CURRENT
        for page in self._client.pages(path, part.position):
            if part.log not in ("", page.log) or page.newest < part.position:
                part.remove()
                raise _OtherLog
            part.add(page)
            crossings = page.crossings
            progress(part.position - base.position, page.newest - base.position)
        return crossings

    def _finish(self, part: Part, base: State, crossings: int) -> Pulled:
        """Put base and part together as the new file, if their count is the centre's."""
        newest: dict[Key, int] = {}
        erased: set[Key] = set()
        rows = 0
        for position, key, line in part.rows():
            newest[key] = position
            rows += 1
            if says_erased(line):
                erased.add(key)
        fresh, lines, digest = write_fresh(self._file, self._merged(part, base, newest, erased))
        if not self._every_change and lines != crossings:
            differing = differing_from(self._file)
            put_in_place(fresh, differing)
            self._state.unlink(missing_ok=True)
            part.remove()
            raise CountsDiffer(
                f"The centre counts {crossings} crossings, but gave {lines}: they are in {differing}, and no earlier "
                "file was touched. Pull again; if it stays so, `checkpost office verify` of a pulled folder names them."
            )
        put_in_place(fresh, self._file)
        differing_from(self._file).unlink(missing_ok=True)
        write_state(self._state, State(part.log, part.position, lines, digest))
        part.remove()
        return Pulled(rows, lines, part.position)

    def _merged(self, part: Part, base: State, newest: dict[Key, int], erased: set[Key]) -> Iterator[str]:
        """Yield the lines of the new file: base and part are each in the order of positions, the part lies behind.

        Of what was erased nothing is left but, among every change, the line that says so.
        """
        if base.digest:
            with self._file.open("rb") as file:
                for raw in file:
                    _, key, line = row_of(raw)
                    if key not in (erased if self._every_change else newest):
                        yield line
        for position, key, line in part.rows():
            last = newest[key] == position
            if (last or key not in erased) if self._every_change else (last and key not in erased):
                yield line
