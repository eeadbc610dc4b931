"""Reads applications, cards and crossing points from CSV files: each good row as a model, each broken one named."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from checkpost.dates import parse_date
from checkpost.permit import CARD_STATUSES, DECISIONS, POINT_KINDS
from gateway.contract import Application, Card, CrossingPoint
from gateway.contract.moments import utc_of_text
from gateway.errors import OperatorError

MAX_FILE_BYTES = 64 << 20  # some 500,000 rows: more than a country's permits, less than a small machine's memory

Row = Application | Card | CrossingPoint
Reader = Callable[[str], Any]


class ImportFileError(OperatorError):
    """A file cannot be imported at all; the message says which and why."""


class Broken(NamedTuple):
    """A row that was left out. `line`: where it begins in the file, counted from 1."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, column {self.column}: {self.reason}"


@dataclass
class Parsed:
    """What files brought: points, applications, cards in this order; what was broken; what was passed over."""

    rows: list[Row] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


class _Form(NamedTuple):
    """A kind of file. `readers`: by column; `key`: the column that names a row, and must be unique in its file."""

    model: type[Row]
    key: str
    required: frozenset[str]
    readers: Mapping[str, Reader]


def parse_paths(paths: list[Path]) -> Parsed:
    """Read files, and the CSV files of folders; ImportFileError when one cannot be read or is of no known form."""
    parsed = Parsed()
    forms = _forms()
    for path in paths:
        if path.is_dir():
            for file in sorted(path.glob("*.csv")):
                if not _parse_file(file, forms, parsed):
                    parsed.passed_over.append(str(file))
        elif not _parse_file(path, forms, parsed):
            raise ImportFileError(
                f"{path} is no file of applications, cards or crossing points: its first line names other columns."
            )
    order = [CrossingPoint, Application, Card]
    parsed.rows.sort(key=lambda row: order.index(type(row)))
    return parsed


def _parse_file(path: Path, forms: list[_Form], parsed: Parsed) -> bool:
    lines = _lines(path)
    _, header = next(lines, (0, []))
    columns = [name.strip() for name in header]
    form = next((form for form in forms if form.required <= set(columns)), None)
    if form is None:
        return False
    if len(set(columns)) != len(columns):
        raise ImportFileError(f"{path} names a column twice in its first line.")
    seen: dict[str, int] = {}
    for line, cells in lines:
        found = _parse_row(path, line, columns, cells, form)
        if isinstance(found, Broken):
            parsed.broken.append(found)
            continue
        key = str(getattr(found, form.key))
        if key in seen:
            parsed.broken.append(Broken(str(path), line, form.key, f"{key} stands in line {seen[key]} already"))
            continue
        seen[key] = line
        parsed.rows.append(found)
    return True


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) of every line that is not empty."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ImportFileError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MB; split it.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            begins = 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield begins, cells
                begins = reader.line_num + 1
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ImportFileError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except csv.Error as error:
        raise ImportFileError(f"{path}, line {reader.line_num}: {error}.") from error


def _parse_row(path: Path, line: int, columns: list[str], cells: list[str], form: _Form) -> Row | Broken:
    if len(cells) != len(columns):
        return Broken(str(path), line, "-", f"{len(cells)} cells, the first line has {len(columns)}")
    values: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        reader = form.readers.get(column)
        if reader is None:
            continue
        try:
            value = reader(cell.strip())
        except ValueError as error:
            return Broken(str(path), line, column, str(error))
        if value is not None:  # what is not given stays unset, so that a row says what it does not know
            values[column] = value
    try:
        return form.model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else "-"
        return Broken(str(path), line, column, f"{first['msg']}: {cells[columns.index(column)]!r}")


def _forms() -> list[_Form]:
    number, days = _number(10_000), _number(200)
    application: dict[str, Reader] = {
        "application_id": _name,
        "applicant_ref": str,
        "purpose": str,
        "submitted_on": _date,
        "decision": _one_of(DECISIONS),
        "decided_on": _date,
        "withdrawn_from": _moment,
        "valid_from": _date,
        "valid_until": _date,
        "crossing_points": str.split,
        "entries": lambda cell: None if cell == "unlimited" else number(cell),
        "max_stay_days": number,
        "zones": str.split,
        "reception_days": days,
        "companions": _number(14),
        "released_on": _days,
    }
    card: dict[str, Reader] = {
        "card_uid": _uid,
        "application_id": _name,
        "status": _one_of(CARD_STATUSES),
        "blocked_from": _moment,
        "key_version": _number(255),
        "zone": lambda cell: cell or None,
    }
    point: dict[str, Reader] = {"code": _name, "name": str, "kind": _one_of(POINT_KINDS), "zone": _name}
    point["time_zone"] = lambda cell: cell or None
    return [
        _Form(Card, "card_uid", frozenset(("card_uid", "application_id", "status")), card),
        _Form(Application, "application_id", frozenset(("application_id", "decision")), application),
        _Form(CrossingPoint, "code", frozenset(("code", "name", "kind", "zone")), point),
    ]


def _name(cell: str) -> str:
    if not cell:
        raise ValueError("empty, but it must be given")
    return cell


def _uid(cell: str) -> str:
    if len(cell) not in (8, 14, 20) or not all(digit in "0123456789abcdefABCDEF" for digit in cell):
        raise ValueError(f"a card UID has 8, 14 or 20 hex digits: {cell!r}")
    return cell.upper()


def _date(cell: str) -> str | None:
    if cell:
        parse_date(cell)
    return cell or None


def _days(cell: str) -> list[str]:
    days = cell.split()
    for day in days:
        parse_date(day)
    return days


def _moment(cell: str) -> int | None:
    return utc_of_text(cell) if cell else None


def _number(top: int) -> Callable[[str], int | None]:
    def read(cell: str) -> int | None:
        if not cell:
            return None
        if not (cell.isascii() and cell.isdigit() and int(cell) <= top):
            raise ValueError(f"not a whole number from 0 to {top}: {cell!r}")
        return int(cell)

    return read


def _one_of(names: tuple[str, ...]) -> Reader:
    def read(cell: str) -> str:
        if cell not in names:
            raise ValueError(f"not one of {', '.join(names)}: {cell!r}")
        return cell

    return read
