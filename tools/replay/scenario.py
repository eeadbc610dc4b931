"""A scenario folder: crossing points, applications, cards and taps, read and checked before anything starts."""

import csv
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from checkpost.cardkeys import UID_SIZE
from gateway.contract import CrossingPoint, Policy
from gateway.intake.imports import ImportFileError, parse_paths

COLUMNS = {
    "crossing_points.csv": ("code", "name", "kind", "zone"),
    "applications.csv": ("application_id", "decision"),
    "cards.csv": ("card_uid", "application_id", "status"),
    "expected_verdicts.csv": ("tap", "verdict", "reasons", "notes"),
    "taps.csv": ("tap", "local_time", "crossing_point", "direction", "card_uid", "party", "outcome"),
}
OUTCOMES = ("", "admitted", "referred", "turned_back")
CODE_MAX, NAME_MAX = 16, 64  # letters; what a board's settings take
QUARTER, OFFSET_MAX = timedelta(minutes=15), timedelta(hours=14)  # what a record and a board's settings take
YEARS = range(2000, 2106)  # the clock chip begins in 2000, and a record's 32 bits of seconds end in 2106


class ScenarioError(Exception):
    """The folder cannot be replayed; the message says which file, which line, and what to do."""


@dataclass(frozen=True)
class Point:
    """A crossing point of the scenario."""

    code: str
    name: str
    kind: str
    zone: str


@dataclass(frozen=True)
class Tap:
    """One line of taps.csv. `utc_s`: Unix seconds; `offset`: local offset in quarter hours."""

    number: int
    utc_s: int
    offset: int
    point: str
    direction: str
    uid: bytes
    party: int
    outcome: str


@dataclass
class Scenario:
    """Everything that a replay needs; `gateways` maps a gateway's name to its crossing points."""

    folder: Path
    points: dict[str, Point]
    taps: list[Tap]
    gateways: dict[str, list[str]]
    policy: Policy
    expected: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    expected_table: dict[str, object] | None = None

    def offset_of(self, code: str) -> int:
        """Return the local offset of a point in quarter hours: its first tap's."""
        return next((tap.offset for tap in self.taps if tap.point == code), 0)


def load(folder: Path) -> Scenario:
    """Read a scenario folder; ScenarioError names the first thing that is wrong."""
    if not folder.is_dir():
        raise ScenarioError(f"there is no scenario folder at {folder}")
    points = _points(folder)
    _check_permits(folder)
    taps = [_tap(row, points, where) for where, row in _rows(folder, "taps.csv")]
    if not taps:
        raise ScenarioError(f"{folder / 'taps.csv'} holds no tap")
    _check_order(taps, folder / "taps.csv")
    expected = _expected(folder, taps)
    return Scenario(folder, points, taps, _gateways(folder, list(points)), _policy(folder), expected, _table(folder))


def _rows(folder: Path, name: str) -> list[tuple[str, dict[str, str]]]:
    """Return (place, row) of a CSV file whose columns were checked."""
    path = folder / name
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            reader.fieldnames = [column.strip() for column in reader.fieldnames or ()]
            missing = [column for column in COLUMNS.get(name, ()) if column not in reader.fieldnames]
            if missing:
                raise ScenarioError(f"{path} lacks the column {missing[0]}")
            return [(f"{path} line {reader.line_num}", _whole(row, f"{path} line {reader.line_num}")) for row in reader]
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(f"{path} is not a CSV file in UTF-8: {error}") from error


def _whole(row: dict[str, str], where: str) -> dict[str, str]:
    """Return a row, "" for the cells that it lacks, no spaces around them; empty cells behind the last are nobody's."""
    if any(row.get(None) or []):  # type: ignore[call-overload]  # where csv puts what has no column
        raise ScenarioError(f"{where} has more cells than the first line")
    return {key: (value or "").strip() for key, value in row.items() if key}


def _points(folder: Path) -> dict[str, Point]:
    points: dict[str, Point] = {}
    for where, row in _rows(folder, "crossing_points.csv"):
        point = _point(row, where)
        if point.code in points:
            raise ScenarioError(f"{where}: the crossing point {point.code} stands there twice")
        points[point.code] = point
    if not points:
        raise ScenarioError(f"{folder / 'crossing_points.csv'} names no crossing point")
    return points


def _point(row: dict[str, str], where: str) -> Point:
    point = Point(row["code"], row["name"] or row["code"], row["kind"], row["zone"])
    checks = (
        (point.kind not in ("border", "internal"), f"kind is {point.kind!r}, not border or internal"),
        (len(point.code) > CODE_MAX, f"the code {point.code} has more than {CODE_MAX} letters"),
        (len(point.name) > NAME_MAX, f"the name of {point.code} has more than {NAME_MAX} letters"),
    )
    for wrong, sentence in checks:
        if wrong:
            raise ScenarioError(f"{where}: {sentence}")
    try:
        CrossingPoint.model_validate(vars(point))
    except ValidationError as error:
        raise ScenarioError(f"{where}: {_first(error)}") from error
    return point


def _check_permits(folder: Path) -> None:
    """Read applications and cards as the gateway's import will; ScenarioError names the first broken row."""
    for name in ("applications.csv", "cards.csv"):
        _rows(folder, name)  # that they are there, with their columns
    try:
        broken = parse_paths([folder / "applications.csv", folder / "cards.csv"]).broken
    except ImportFileError as error:
        raise ScenarioError(str(error)) from error
    if broken:
        more = f" ({len(broken) - 1} more rows are broken)" if len(broken) > 1 else ""
        raise ScenarioError(f"{broken[0]}{more}")


def _first(error: ValidationError) -> str:
    """Return what is wrong first, in one line."""
    found = error.errors()[0]
    place = ".".join(str(step) for step in found["loc"])
    return f"{place} is {found['input']!r}: {found['msg']}"


def _tap(row: dict[str, str], points: dict[str, Point], where: str) -> Tap:
    try:
        moment = datetime.fromisoformat(row["local_time"])
        uid = bytes.fromhex(row["card_uid"])
        number, party = int(row["tap"]), int(row["party"] or 1)
    except ValueError as error:
        raise ScenarioError(f"{where}: {error}") from error
    offset = moment.utcoffset()
    checks = (
        (offset is None, f"local_time {row['local_time']!r} has no offset"),
        (moment.microsecond, f"local_time {row['local_time']!r} is finer than the second that a record holds"),
        (
            offset and (offset % QUARTER or abs(offset) > OFFSET_MAX),
            f"the offset of {row['local_time']} is no quarter hour within 14 hours",
        ),
        (moment.year not in YEARS, f"the year {moment.year} is not one that boards can hold, 2000 to 2105"),
        (row["crossing_point"] not in points, f"there is no crossing point {row['crossing_point']!r}"),
        (row["direction"] not in ("entry", "exit"), f"direction is {row['direction']!r}, not entry or exit"),
        (
            row["outcome"] not in OUTCOMES,
            f"outcome is {row['outcome']!r}, not one of admitted, referred, turned_back or empty",
        ),
        (len(uid) not in (0, 4, 7, 10), f"card_uid has {len(uid)} bytes, not 4, 7 or 10"),
        (not 1 <= party <= 15, f"party is {party}, not 1 to 15"),
    )
    for wrong, sentence in checks:
        if wrong:
            raise ScenarioError(f"{where}: {sentence}")
    assert offset is not None
    utc_s = int(moment.astimezone(UTC).timestamp())
    return Tap(
        number,
        utc_s,
        int(offset.total_seconds()) // 900,
        row["crossing_point"],
        row["direction"],
        uid,
        party,
        row["outcome"],
    )


def _check_order(taps: list[Tap], path: Path) -> None:
    offsets: dict[str, int] = {}
    numbers: set[int] = set()
    for before, tap in pairwise(taps):
        if tap.utc_s < before.utc_s:
            raise ScenarioError(
                f"{path}: tap {tap.number} is earlier than tap {before.number} before it; sort the file by time"
            )
    for tap in taps:
        if tap.number in numbers:
            raise ScenarioError(f"{path}: there are two taps {tap.number}")
        numbers.add(tap.number)
        if offsets.setdefault(tap.point, tap.offset) != tap.offset:
            raise ScenarioError(f"{path}: tap {tap.number} changes the offset of {tap.point}; a point keeps one offset")


def _gateways(folder: Path, codes: list[str]) -> dict[str, list[str]]:
    """Return the points of each gateway: as gateways.json says, else the two halves of the list."""
    given = _json(folder / "gateways.json")
    if given is None:
        half = (len(codes) + 1) // 2
        return {name: part for name, part in (("gw-1", codes[:half]), ("gw-2", codes[half:])) if part}
    gateways = {str(name): [str(code) for code in part] for name, part in given.items() if isinstance(part, list)}
    if sorted(code for part in gateways.values() for code in part) != sorted(codes):
        raise ScenarioError(f"{folder / 'gateways.json'} must name each crossing point once")
    return gateways


def _policy(folder: Path) -> Policy:
    """Return the scenario's policy; without one, cards prove themselves if they are of the kind that can."""
    given = _json(folder / "policy.json")
    if given is None:
        cards = [row["card_uid"] for _, row in _rows(folder, "cards.csv")]
        given = {"assurance": "live" if all(len(uid) == 2 * UID_SIZE for uid in cards) else "uid"}
    try:
        return Policy.model_validate(given)
    except ValidationError as error:
        raise ScenarioError(f"{folder / 'policy.json'}: {_first(error)}") from error


def _expected(folder: Path, taps: list[Tap]) -> dict[int, tuple[str, str, str]]:
    """Return what is expected of every tap, or of none."""
    name = "expected_verdicts.csv"
    if not (folder / name).exists():
        return {}
    rows = {row["tap"]: (row["verdict"], row["reasons"], row["notes"]) for _, row in _rows(folder, name)}
    missing = [tap.number for tap in taps if str(tap.number) not in rows]
    if missing:
        raise ScenarioError(f"{folder / name} says nothing of tap {missing[0]}")
    return {tap.number: rows[str(tap.number)] for tap in taps}


def _table(folder: Path) -> dict[str, object] | None:
    return _json(folder / "expected_table.json")


def _json(path: Path) -> dict[str, object] | None:
    if not path.exists():
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise ScenarioError(f"{path} must hold a JSON object")
    return value
