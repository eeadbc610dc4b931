"""The power budget as CSV: loads, rails, and how long the battery lasts."""

import csv
import io

from hardware import power
from hardware.model import Board


def table(board: Board) -> str:
    """Return the CSV that a spreadsheet opens."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["what", "rail", "V", "typical mA", "worst mA", "limit mA", "part of limit at worst"])
    rails = power.rails(board.raw)
    for load in board.raw["load"]:
        rail = rails[load["rail"]]
        writer.writerow([load["name"], rail.name, rail.volts, load["typ_ma"], load["peak_ma"], "", ""])
    for rail in rails.values():
        row = ["sum with what it feeds", rail.name, rail.volts, f"{rail.typ_ma:.1f}", f"{rail.peak_ma:.1f}"]
        writer.writerow([*row, rail.limit_ma, f"{rail.used:.2f}"])
    cell = board.raw["battery"]
    for options in (True, False):
        what = "with the LED bar" if options else "without the LED bar"
        typical, worst = (power.watts(board.raw, key, options) for key in ("typ_ma", "peak_ma"))
        writer.writerow([f"from the battery {what}, W", "V12", 12.0, f"{typical:.3f}", f"{worst:.3f}", "", ""])
        hours = power.battery_hours(board.raw, options)
        writer.writerow([f"hours on {cell['name']} {what}, half of it used", "V12", 12.0, f"{hours:.0f}", "", "", ""])
    return out.getvalue()
