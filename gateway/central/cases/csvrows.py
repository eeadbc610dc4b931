"""Reads CSV row by row into a model: each good row, and each broken one by line, column and reason."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.central.problems import Problem
from gateway.contract.applications import BrokenRow

BYTE_ORDER_MARK = "\ufeff"  # spreadsheets begin UTF-8 files with one
Row = TypeVar("Row", bound=BaseModel)
Cells = Mapping[str, Callable[[str], Any]]


@dataclass(frozen=True)
class Good(Generic[Row]):
    """A row that fits. `line`: where it begins in the file, counted from 1."""

    line: int
    row: Row


def read_rows(text: str, model: type[Row], readers: Cells, required: frozenset[str]) -> Iterator[Good[Row] | BrokenRow]:
    """Yield each row of a file. `readers`: for columns whose cell is no plain text; empty cells stay unset.

    Problem when the first line names a column twice, one that the model has not, or lacks one that is required.
    """
    lines = _lines(text)
    first = next(lines, (0, []))
    columns = [name.strip() for name in first[1]] if isinstance(first, tuple) else []
    _check_columns(columns, set(model.model_fields), required)
    for found in lines:
        yield found if isinstance(found, BrokenRow) else _row(*found, columns, model, readers)


def broken(line: int, key: str, problem: Problem) -> BrokenRow:
    """Return what a problem says of a row that fits its form: the column that it names, else that of its `key`."""
    for error in problem.more.get("errors", []):
        return BrokenRow(line=line, column=error["pointer"].split("/")[1], reason=error["detail"])
    return BrokenRow(line=line, column=key, reason=problem.detail)


def whole(cell: str) -> int | None:
    """Return a cell's whole number; None where it says that there is no limit."""
    if cell == "unlimited":
        return None
    if not (cell.isascii() and cell.isdigit() and len(cell) < 16):
        raise ValueError(f"not a whole number: {cell!r}")
    return int(cell)


def _lines(text: str) -> Iterator[tuple[int, list[str]] | BrokenRow]:
    """Yield (line number, cells) of every line that is not empty; where a quote is never closed, that ends it."""
    reader = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        yield BrokenRow(line=begins, column="-", reason=f"{error}; what follows was not read")


def _check_columns(columns: list[str], known: set[str], required: frozenset[str]) -> None:
    twice = sorted({name for name in columns if columns.count(name) > 1})
    strange = sorted(set(columns) - known)
    missing = sorted(required - set(columns))
    if twice or strange or missing:
        says = [(twice, "twice: "), (strange, "not known here: "), (missing, "missing: ")]
        named = "; ".join(f"{what}{', '.join(names)[:200]}" for names, what in says if names)
        raise _unreadable(f"the first line names the columns ({named})")


def _row(line: int, cells: list[str], columns: list[str], model: type[Row], readers: Cells) -> Good[Row] | BrokenRow:
    if len(cells) != len(columns):
        return BrokenRow(line=line, column="-", reason=f"{len(cells)} cells, the first line has {len(columns)}")
    values: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        if not cell.strip():
            continue
        try:
            values[column] = readers.get(column, str)(cell.strip())
        except ValueError as error:
            return BrokenRow(line=line, column=column, reason=str(error))
    try:
        return Good(line, model.model_validate(values, strict=False))  # whose values are text
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else "-"
        return BrokenRow(line=line, column=column, reason=f"{first['msg']}: {values.get(column, '')!r}")


def _unreadable(detail: str) -> Problem:
    errors = [{"pointer": "#/", "detail": detail}]
    return Problem(422, "not-valid", f"The file cannot be read ({detail}).", errors=errors)
