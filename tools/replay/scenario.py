"""A scenario folder: crossing points, applications, cards and taps, read and checked before anything starts."""

import csv
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from gateway.contract import Policy

COLUMNS = {
    "crossing_points.csv": ("code", "name", "kind", "zone"),
    "applications.csv": ("application_id", "decision"),
    "cards.csv": ("card_uid", "application_id", "status"),
    "taps.csv": ("tap", "local_time", "crossing_point", "direction", "card_uid", "party", "outcome"),
}
OUTCOMES = ("", "admitted", "referred", "turned_back")


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
    points = {row["code"]: _point(row, where) for where, row in _rows(folder, "crossing_points.csv")}
    if not points:
        raise ScenarioError(f"{folder / 'crossing_points.csv'} names no crossing point")
    for name in ("applications.csv", "cards.csv"):
        _rows(folder, name)  # the gateway's import reads the rows; here only that they are there
    taps = [_tap(row, points, where) for where, row in _rows(folder, "taps.csv")]
    if not taps:
        raise ScenarioError(f"{folder / 'taps.csv'} holds no tap")
    _check_times(taps, folder / "taps.csv")
    return Scenario(
        folder, points, taps, _gateways(folder, list(points)), _policy(folder), _expected(folder), _table(folder)
    )


def _rows(folder: Path, name: str) -> list[tuple[str, dict[str, str]]]:
    """Return (place, row) of a CSV file whose columns were checked."""
    path = folder / name
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [column for column in COLUMNS.get(name, ()) if column not in (reader.fieldnames or ())]
            if missing:
                raise ScenarioError(f"{path} lacks the column {missing[0]}")
            return [
                (f"{path} line {reader.line_num}", {key: value or "" for key, value in row.items() if key})
                for row in reader
            ]
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(f"{path} is not a CSV file in UTF-8: {error}") from error


def _point(row: dict[str, str], where: str) -> Point:
    if row["kind"] not in ("border", "internal"):
        raise ScenarioError(f"{where}: kind is {row['kind']!r}, not border or internal")
    return Point(row["code"], row["name"], row["kind"], row["zone"])


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


def _check_times(taps: list[Tap], path: Path) -> None:
    offsets: dict[str, int] = {}
    for before, tap in pairwise(taps):
        if tap.utc_s < before.utc_s:
            raise ScenarioError(
                f"{path}: tap {tap.number} is earlier than tap {before.number} before it; sort the file by time"
            )
    for tap in taps:
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
    """Return the scenario's policy; without one, cards are taken by UID: a scenario's cards cannot prove themselves."""
    given = _json(folder / "policy.json")
    try:
        return Policy.model_validate({"assurance": "uid"} if given is None else given)
    except ValueError as error:
        raise ScenarioError(f"{folder / 'policy.json'}: {error}") from error


def _expected(folder: Path) -> dict[int, tuple[str, str, str]]:
    name = "expected_verdicts.csv"
    if not (folder / name).exists():
        return {}
    return {int(row["tap"]): (row["verdict"], row["reasons"], row["notes"]) for _, row in _rows(folder, name)}


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
