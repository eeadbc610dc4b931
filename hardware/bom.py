"""The bill of materials as CSV: one line a part number, prices in euro marked as estimates, sums at the end."""

import csv
import io
from typing import Any

from hardware.model import Board

COLUMNS = (
    "for", "refs", "count", "what", "maker", "part number", "footprint", "price each EUR (estimate)",
    "price EUR (estimate)", "checked against",
)  # fmt: skip
UNCHECKED = "not checked"


def lines(board: Board) -> list[list[Any]]:
    """Return the rows without heading and sums, kiosk first, in the order of the columns."""
    grouped: dict[tuple[str, str], list[Any]] = {}
    for part in board.parts:
        if not part.bought:
            continue
        row = grouped.setdefault(
            (part.mfr, part.mpn),
            ["kiosk", [], 0, part.value, part.mfr, part.mpn, part.footprint.partition(":")[2], part.price_eur, 0, ""],
        )
        row[1].append(part.ref)
        if part.value not in row[3].split(" / "):
            row[3] += f" / {part.value}"
        row[2] += 1
        row[9] = row[9] or "; ".join(word for word in (part.sheet, part.like and f"KiCad's {part.like}: pins") if word)
    rows = [[*row[:1], " ".join(sorted(row[1], key=_by_number)), *row[2:]] for row in grouped.values()]
    for entry in board.raw["module"]:
        place = entry.get("at", "kiosk")
        rows.append(_row(place, entry["ref"], 1, entry))
    rows += [_row("kiosk", "", entry["count"], entry) for entry in board.raw["extra"]]
    rows += [_row("gateway", "", entry["count"], entry) for entry in board.raw["gateway"]]
    for row in rows:
        row[8] = round(row[2] * row[7], 2)
        row[9] = row[9] or UNCHECKED
    return sorted(rows, key=lambda row: row[0] != "kiosk")


def _row(place: str, ref: str, count: int, entry: dict[str, Any]) -> list[Any]:
    sheet = entry.get("sheet", "")
    return [place, ref, count, entry["name"], entry["mfr"], entry["mpn"], "", entry["price_eur"], 0, sheet]


def _by_number(ref: str) -> tuple[str, int]:
    letters = ref.rstrip("0123456789")
    return letters, int(ref[len(letters) :] or 0)


def totals(rows: list[list[Any]]) -> dict[str, float]:
    """Return what the kiosk and the gateway cost by the estimates."""
    sums: dict[str, float] = {}
    for row in rows:
        sums[row[0]] = round(sums.get(row[0], 0.0) + row[8], 2)
    return sums


def table(board: Board) -> str:
    """Return the CSV that a spreadsheet opens."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = lines(board)
    for row in rows:
        writer.writerow([*row[:7], f"{row[7]:.2f}", f"{row[8]:.2f}", row[9]])
    for place, total in totals(rows).items():
        writer.writerow([place, "", "", "sum", "", "", "", "", f"{total:.2f}", ""])
    return out.getvalue()
