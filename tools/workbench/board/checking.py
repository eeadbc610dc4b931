"""Looks at every part of a board and says in plain words what is right, what is not, and what to do."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.board.settings import BoardSettings
from workbench.board.wire import Board

CLOCK, DISPLAY = 0x68, (0x3C, 0x3D)  # I2C addresses: DS3231, SH1106 and SSD1306
W25Q64 = "ef4017"
MAX_CLOCK_S = 5  # a board that heard a gateway is within a second; a new one is set by its first gateway
LOW_MV, EMPTY_MV = 11_800, 11_000  # a 12 V lead battery at rest: a fifth left, none left
MIN_FREE = 64 * 1024
FULL, NEARLY = 95, 80  # percent of the journal that wait for a gateway
Look = tuple[bool, Any]


@dataclass(frozen=True)
class Finding:
    """One part: right (True), wrong (False) or not looked at (None); what was seen, and what to do."""

    part: str
    right: bool | None
    seen: str
    do: str = ""


def check(board: Board, settings: BoardSettings | None, now_s: Callable[[], float] = time.time) -> list[Finding]:
    """Return a Finding for each part of a board, wired parts first. Raises BoardTrouble if the board itself fails."""
    board.load("parts")

    def look(call: str) -> Look:
        said = json.loads(board.run(f"_look({call})").strip().splitlines()[-1])
        return bool(said[1]), said[2]

    oled = settings.oled if settings else "sh1106"
    found = [
        _bus(look("'i2c', _look_i2c")),
        _clock(look("'clock', _look_clock"), now_s()),
        _simple(look(f"'display', lambda: _look_display({oled!r})"), "display", "check its four wires and `oled`"),
        _simple(look("'reader', _look_reader"), "card reader", "check the reader's flat cable and its SPI switches"),
        _flash(look("'flash', _look_flash")),
        _battery(look("'battery', _look_battery")),
        _buttons(look("'buttons', _look_buttons")),
        _files(look("'files', _look_files")),
    ]
    if settings:
        found.append(_journal(look(f"'journal', lambda: _look_journal({settings.board}, {settings.epoch})")))
    else:
        found.append(Finding("journal", None, "the board has no settings", "provision it: checkpost board provision"))
    return found


def _bus(look: Look) -> Finding:
    right, seen = look
    if not right:
        return Finding("I2C bus", False, str(seen), "look for a short between SDA, SCL and ground")
    missing = [name for name, ok in (("clock", CLOCK in seen), ("display", set(DISPLAY) & set(seen))) if not ok]
    names = ", ".join(f"{address:02X}h" for address in seen) or "nobody"
    if missing:
        return Finding("I2C bus", False, f"{names} answers", f"no {' and no '.join(missing)}: check plugs and 3.3 V")
    return Finding("I2C bus", True, f"{names} answer")


def _clock(look: Look, now_s: float) -> Finding:
    right, seen = look
    if not right:
        return Finding("clock", False, str(seen), "check the DS3231's plug")
    error_s = int(seen["utc_s"] - now_s)
    if seen["stopped"]:
        return Finding(
            "clock", False, "it stopped since it was set", "set it by a gateway; if it stops again, its cell"
        )
    if abs(error_s) > MAX_CLOCK_S:
        advice = "connect the board to its gateway, which sets it; then check again"
        return Finding("clock", False, f"{error_s:+d} s against this machine", advice)
    return Finding("clock", True, f"{error_s:+d} s against this machine")


def _simple(look: Look, part: str, do: str) -> Finding:
    right, seen = look
    return Finding(part, right, str(seen), "" if right else do)


def _flash(look: Look) -> Finding:
    right, seen = look
    if not right:
        return Finding("journal flash", False, str(seen), "check the chip's solder and its select wire (GP6)")
    if seen != W25Q64:
        return Finding("journal flash", False, f"chip {seen}", f"the board is made for a W25Q64JV ({W25Q64})")
    return Finding("journal flash", True, f"W25Q64JV ({seen})")


def _battery(look: Look) -> Finding:
    right, seen = look
    if not right:
        return Finding("battery", False, str(seen), "check the divider at GP28")
    volts = f"{seen / 1000:.1f} V"
    if seen < EMPTY_MV:
        return Finding("battery", False, volts, "charge or replace it; check the supply's fuse")
    if seen < LOW_MV:
        return Finding("battery", False, f"{volts}, low", "charge it before the board is left alone")
    return Finding("battery", True, volts)


def _buttons(look: Look) -> Finding:
    right, seen = look
    if not right or seen:
        return Finding("buttons", False, f"pressed: {seen}", "let go, or look for a stuck button or a short to ground")
    return Finding("buttons", True, "none is stuck")


def _files(look: Look) -> Finding:
    right, seen = look
    if not right or seen["free"] < MIN_FREE:
        return Finding(
            "file system", False, str(seen), "remove what does not belong to the firmware (mpremote fs tree)"
        )
    return Finding("file system", True, f"{seen['free'] // 1024} of {seen['size'] // 1024} KB free")


def _journal(look: Look) -> Finding:
    right, seen = look
    if not right:
        return Finding("journal", False, str(seen), "read it out first: checkpost board log read")
    waiting = seen["next"] - 1 - seen["gateway"]
    words = f"{seen['next'] - 1} records, {waiting} not at the gateway, {seen['fill']} % waiting"
    if not seen["sealed"]:
        return Finding("journal", False, f"{words}; no seal key", "provision the board again")
    if seen["faults"]:
        return Finding("journal", False, f"{words}; {'; '.join(seen['faults'])}", "read it out, then replace the chip")
    if seen["fill"] >= NEARLY:
        return Finding("journal", False, words, "connect the board to its gateway, or carry its log to it")
    return Finding("journal", True, words)
