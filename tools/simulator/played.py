"""The runs that were played, a line of JSON each: long work goes on where it stopped, and every line names its code."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import OperatorError
from simulator.run import Result
from simulator.shrink import Shape

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("firmware", "gateway", "tools/simulator")  # what a run's result rests on


def code_mark() -> str:
    """Return eight hex digits that change with any line of the program or the simulator."""
    digest = hashlib.sha256()
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*.py")):
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


@dataclass(frozen=True)
class Line:
    """One run: its code's mark and its result."""

    code: str
    result: Result


class Played:
    """A file of runs of any shapes; OperatorError names a line that is none."""

    def __init__(self, path: Path, shape: Shape):
        """`path`: made at the first run; `shape`: of the runs that are asked for here."""
        self._path = path
        self._shape: dict[str, Any] = json.loads(json.dumps(shape._asdict()))
        self.lines = {line.result.seed: line for line in self._read()}

    def add(self, code: str, result: Result) -> None:
        """Write a run down, on disk when this returns."""
        body = {"code": code, "shape": self._shape, "result": vars(result)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(body) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> Iterator[Line]:
        if not self._path.exists():
            return
        for number, text in enumerate(self._path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                body = json.loads(text)
                if body["shape"] == self._shape:
                    yield Line(body["code"], _result(body["result"]))
            except (ValueError, KeyError, TypeError) as error:
                message = f"{self._path}, line {number}, is no run ({error}); take it out: its seed is played again."
                raise OperatorError(message) from error


def _result(values: dict[str, Any]) -> Result:
    return Result(**{**values, "faults": Counter(values["faults"])})
