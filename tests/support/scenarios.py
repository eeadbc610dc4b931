"""Random scenario folders of the demo's form, from a seed: whatever the columns allow, the corners more often."""

import csv
import io
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

CODES = ("ONS", "HRY", "NAM", "KYS", "MUS", "KIL", "point-7", "P.8", "Nine_9")
NAMES = ("Onsong", "회령", '남양, "bridge"', "Кёнсон", "Musan", "Kilju\u2011rail", "Seven", "Acht 'n' Ähre", "九")
ZONES = ("north-hamgyong", "south-hamgyong-line", "z3")
OFFSETS_MIN = (540, 540, 480, -210, 0, 510, 825, -720)
UID_SIZES = (7, 7, 4, 10)
STEPS_S = (0, 0, 1, 2, 3, 5, 20, 60, 150, 299, 300, 301, 600, 3600, 14_400, 43_200)
FIVE_DAYS_S = (0, 0, 432_000)  # so that crossings stand exactly thirty days apart
RETAP_S = (0, 1, 3, 60, 299, 300, 301)
OUTCOMES = ("admitted", "admitted", "admitted", "referred", "turned_back", "", "")
COLUMNS = {
    "crossing_points.csv": ("code", "name", "kind", "zone"),
    "applications.csv": (
        *("application_id", "applicant_ref", "purpose", "submitted_on", "decision", "decided_on", "valid_from"),
        *("valid_until", "crossing_points", "entries", "max_stay_days", "zones", "reception_days", "companions"),
        "released_on",
    ),
    "cards.csv": ("card_uid", "application_id", "status"),
    "taps.csv": ("tap", "local_time", "crossing_point", "direction", "card_uid", "party", "outcome"),
}
Row = dict[str, str]


@dataclass
class Made:
    """The rows of a scenario by file name, and the offset in minutes of each point."""

    files: dict[str, list[Row]] = field(default_factory=dict)
    offsets_min: dict[str, int] = field(default_factory=dict)


def make(seed: int, taps: int = 60, orphans: bool = True) -> Made:
    """Return a scenario of a seed; `orphans`: some cards name an application that is not there."""
    dice = random.Random(seed)
    made = Made()
    points = _points(dice, made)
    start = datetime(2026, dice.randint(1, 12), dice.randint(1, 28), dice.randint(0, 23), 59, 50, tzinfo=UTC)
    permits = max(1, taps // dice.choice((4, 8, 20)))
    made.files["applications.csv"] = [_application(dice, number, start, points) for number in range(1, permits + 1)]
    made.files["cards.csv"] = _cards(dice, made.files["applications.csv"], orphans)
    made.files["taps.csv"] = _taps(dice, made, start, taps)
    return made


def _points(dice: random.Random, made: Made) -> list[str]:
    count = dice.randint(1, 9)
    same = dice.random() < 0.6
    common = dice.choice(OFFSETS_MIN)
    rows = []
    for code, name in list(zip(CODES, NAMES, strict=True))[:count]:
        kind = dice.choice(("border", "border", "border", "internal"))
        rows.append({"code": code, "name": name, "kind": kind, "zone": dice.choice(ZONES)})
        made.offsets_min[code] = common if same else dice.choice(OFFSETS_MIN)
    made.files["crossing_points.csv"] = rows
    return [row["code"] for row in rows]


def _application(dice: random.Random, number: int, start: datetime, points: list[str]) -> Row:
    day = start.date()
    decision = dice.choice(("approved",) * 12 + ("pending", "refused", "withdrawn"))
    some = dice.sample(points, dice.randint(0, min(3, len(points))))
    return {
        "application_id": f"A{number:06d}",
        "applicant_ref": f"P{dice.randint(0, 99999999):08d}",
        "purpose": dice.choice(("trade", "work", "family_visit", "")),
        "submitted_on": dice.choice(("", str(day - timedelta(days=40)))),
        "decision": decision,
        "decided_on": "" if decision == "pending" else dice.choice(("", str(day - timedelta(days=9)))),
        "valid_from": dice.choice(("", str(day + timedelta(days=dice.randint(-3, 2))), "1999-12-31", "2026-01-01")),
        "valid_until": dice.choice(("", str(day + timedelta(days=dice.randint(-2, 9))), "2027-12-31", "9999-12-31")),
        "crossing_points": " ".join(some),
        "entries": dice.choice(("", "unlimited", "unlimited", "0", "1", "2", "3")),
        "max_stay_days": dice.choice(("", "", "0", "1", "3", "90")),
        "zones": " ".join(dice.sample(ZONES, dice.randint(0, 2))),
        "reception_days": dice.choice(("", "", "0", "1", "15")),
        "companions": dice.choice(("", "0", "1", "3", "14")),
        "released_on": " ".join(
            str(day + timedelta(days=dice.randint(-1, 6))) for _ in range(dice.choice((0, 0, 1, 2)))
        ),
    }


def _cards(dice: random.Random, applications: list[Row], orphans: bool) -> list[Row]:
    rows = []
    for row in applications:
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            status = dice.choice(("active",) * 12 + ("lost", "stolen", "revoked", "replaced"))
            uid = dice.randbytes(dice.choice(UID_SIZES)).hex()
            uid = uid if dice.random() < 0.2 else uid.upper()
            missing = orphans and dice.random() < 0.03
            rows.append(
                {"card_uid": uid, "application_id": "A-missing" if missing else row["application_id"], "status": status}
            )
    dice.shuffle(rows)
    return rows


def _taps(dice: random.Random, made: Made, start: datetime, count: int) -> list[Row]:
    codes = list(made.offsets_min)
    cards = [row["card_uid"] for row in made.files["cards.csv"]]
    pace = dice.choice((STEPS_S, STEPS_S[:9], (*STEPS_S, 200_000), (*STEPS_S, 700_000, 1_200_000), FIVE_DAYS_S))
    crowd = 1 if pace is FIVE_DAYS_S else dice.choice((1, 3, 8, len(cards)))
    busy = dice.sample(cards, min(len(cards), crowd))
    permit_of = {row["card_uid"]: row["application_id"] for row in made.files["cards.csv"]}
    now = start
    rows: list[Row] = []
    again: Row | None = None
    while len(rows) < count:
        now += timedelta(seconds=dice.choice(RETAP_S if again else pace))
        row = dict(again) if again else _tap(dice, codes, cards, busy)
        if again:
            row["party"], row["outcome"] = str(dice.choice((1, 2, 15))), dice.choice(OUTCOMES)
            others = [card for card in cards if permit_of[card] == permit_of.get(row["card_uid"])]
            row["card_uid"] = dice.choice((*others[:1], row["card_uid"], row["card_uid"]))
        local = now.astimezone(timezone(timedelta(minutes=made.offsets_min[row["crossing_point"]])))
        row |= {"tap": str(len(rows) + 1), "local_time": local.isoformat()}
        rows.append(row)
        again = row if dice.random() < (0.5 if not row["outcome"] else 0.1) else None
    return rows


def _tap(dice: random.Random, codes: list[str], cards: list[str], busy: list[str]) -> Row:
    card = dice.choice(busy) if dice.random() < 0.7 else dice.choice((*cards, ""))
    if dice.random() < 0.05:
        card = dice.randbytes(dice.choice(UID_SIZES)).hex().upper()
    return {
        "crossing_point": dice.choice(codes),
        "direction": dice.choice(("entry", "entry", "exit")),
        "card_uid": dice.choice((card, card, card.lower(), card.upper())),
        "party": str(dice.choice((1, 1, 1, 1, 2, 3, 4, dice.randint(1, 15)))),
        "outcome": dice.choice(OUTCOMES),
    }


def write(made: Made, folder: Path, seed: int = 0) -> Path:
    """Write a scenario as CSV files, in one of the dialects that a spreadsheet may choose; return the folder."""
    dice = random.Random(f"dialect {seed}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in made.files.items():
        columns = list(COLUMNS[name])
        if dice.random() < 0.3:
            dice.shuffle(columns)
        if dice.random() < 0.1:
            columns.append("remark")
        text = io.StringIO(newline="")
        ends = dice.choice(("\n", "\r\n"))
        quoting = dice.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
        writer = csv.DictWriter(text, columns, restval="", lineterminator=ends, quoting=quoting)
        writer.writeheader()
        writer.writerows(rows)
        empty_lines = dice.choice(("", "", ends))
        encoding = dice.choice(("utf-8", "utf-8", "utf-8-sig"))
        (folder / name).write_bytes((text.getvalue() + empty_lines).encode(encoding))
    return folder


if __name__ == "__main__":
    import sys

    write(make(int(sys.argv[1]), int(sys.argv[2]), orphans=False), Path(sys.argv[3]), int(sys.argv[1]))
