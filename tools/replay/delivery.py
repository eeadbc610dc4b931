"""The end of a replay: everything at the office, pulled with the office's own command, and compared."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from checkpost import record
from replay.processes import ReplayError
from replay.scenario import Scenario, Tap
from replay.stage import CHECKPOST, Stage
from workbench.journal_image import read_records

SETTLED_WITHIN_S = 60.0  # what lacks a record that nobody can read stays so
_PROGRAM, _MEMORY, _BEGAN = 10, 12, 1  # of a fault record: SPEC.md, "Faults"


async def delivered(stage: Stage, progress: Callable[[int, int], None]) -> None:
    """Wait until the centre holds every record of every board's journal; ReplayError when it stops moving."""
    loop = asyncio.get_running_loop()
    best, since = -1, loop.time()
    while True:
        wanted = {(board, epoch): seq for board, epoch, seq, _ in stage_records(stage)}
        held = await _held(stage)
        total = sum(wanted.values())
        arrived = sum(min(held.get(key, 0), seq) for key, seq in wanted.items())
        progress(arrived, total)
        if arrived == total:
            return
        if arrived > best:
            best, since = arrived, loop.time()
        if loop.time() - since > stage.patience_s:
            raise ReplayError(
                f"{total - arrived} of {total} records did not reach the centre within {stage.patience_s:.0f} s"
            )
        for child in stage.children:
            if child.failed.done():
                child.failed.result()
        stage.pass_quietly()
        await asyncio.sleep(0.2)


async def settled(stage: Stage) -> None:
    """Wait until no verdict lacks news of a point any more: each gateway says that all is there, some seconds later."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SETTLED_WITHIN_S
    while loop.time() < until and await _waits(stage):
        stage.pass_quietly()
        await asyncio.sleep(0.5)


async def _waits(stage: Stage) -> bool:
    after, more = 0, True
    while more:
        page = await _ask(stage, "/v1/crossings", after=after, limit=1000)
        if page is None or any("history-incomplete" in row["unchecked"] for row in page["crossings"]):
            return True
        after, more = page["position"], page["more"]
    return False


def stage_records(stage: Stage) -> list[tuple[int, int, int, bytes]]:
    """Return (board, epoch, sequence, record) of every board's journal, in order."""
    return [row for guard in stage.guards.values() for row in read_records(guard.journal)]


async def _held(stage: Stage) -> dict[tuple[int, int], int]:
    reply = await _ask(stage, "/v1/held")
    return {(row["board"], row["epoch"]): row["seq"] for row in reply["held"]} if reply else {}


async def _ask(stage: Stage, path: str, **query: int) -> Any:
    """Return what the centre says; None while it is starting again: it is asked once more in a moment."""
    assert stage.registered is not None
    headers = {"Authorization": f"Bearer {stage.registered.office_token}"}
    async with httpx.AsyncClient(base_url=stage.url, headers=headers, timeout=10) as client:
        try:
            reply = await client.get(path, params=query)
        except httpx.TransportError:
            return None
    return reply.json() if reply.is_success else None


async def pull(stage: Stage, out: Path) -> None:
    """Write crossings.ndjson and table.json with the office's own commands."""
    tokens = str(stage.folder / "central" / "tokens.json")
    access = ("--url", stage.url, "--token-file", tokens)
    await stage.run_command(CHECKPOST, "office", "pull", *access, "--to", str(out / "crossings.ndjson"))
    await stage.run_command(CHECKPOST, "office", "table", *access, "--to", str(out / "table.json"))


def board_troubles(stage: Stage) -> list[str]:
    """Return a sentence for each error that a board's firmware did not foresee, and for memory that ran short."""
    found = []
    for board, _epoch, seq, raw in stage_records(stage):
        head = record.unpack(raw)
        if head.kind == record.FAULT and (head.body[0], head.body[1]) in ((_PROGRAM, _BEGAN), (_MEMORY, _BEGAN)):
            cause = head.body[2:].rstrip(b"\0").decode(errors="replace")
            found.append(f"board {board} met a fault of its own, record {seq}: {cause}")
    return found


def compare(scenario: Scenario, stage: Stage, out: Path) -> list[str]:
    """Return what is wrong with the pulled log: taps missing, doubled or unknown, other verdicts, another table."""
    assert stage.registered is not None
    point_of = {board.board: code for code, board in stage.registered.boards.items()}
    rows = [json.loads(line) for line in (out / "crossings.ndjson").read_text().splitlines()]
    wanted = Counter(_tap_key(tap) for tap in scenario.taps)
    found = Counter(_row_key(row, point_of) for row in rows)
    wrong = [f"{n} x missing: {key}" for key, n in (wanted - found).items()]
    wrong += [f"{n} x too many: {key}" for key, n in (found - wanted).items()]
    if scenario.expected and not wrong:
        wrong += _verdicts(scenario, rows, point_of)
    table = json.loads((out / "table.json").read_text())
    if scenario.expected_table is not None and table != scenario.expected_table:
        wrong.append("table.json differs from expected_table.json")
    return wrong


def _verdicts(scenario: Scenario, rows: list[dict[str, object]], point_of: dict[int, str]) -> list[str]:
    """Compare verdicts tap by tap; equal keys (two persons without a card in one second) in the order of sequence."""
    rows = sorted(rows, key=lambda row: (row["board"], row["epoch"], row["seq"]))
    lines: dict[object, list[dict[str, object]]] = {}
    for row in rows:
        lines.setdefault(_row_key(row, point_of), []).append(row)
    wrong = []
    for tap in scenario.taps:
        row = lines[_tap_key(tap)].pop(0)
        got = (row["verdict"], " ".join(_texts(row["reasons"])), " ".join(_texts(row["notes"])))
        if got != scenario.expected[tap.number]:
            wrong.append(f"tap {tap.number}: {got}, expected {scenario.expected[tap.number]}")
    return wrong


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _tap_key(tap: Tap) -> tuple[object, ...]:
    return (tap.point, tap.utc_s, tap.direction, tap.uid.hex().upper(), tap.party, tap.outcome)


def _row_key(row: dict[str, object], point_of: dict[int, str]) -> tuple[object, ...]:
    moment = int(datetime.fromisoformat(str(row["local_time"])).timestamp())
    place = str(row["crossing_point"])
    if point_of.get(int(str(row["board"]))) != place:
        place = f"{place} at the wrong board"
    return (place, moment, row["direction"], row["card_uid"], row["party"], row["outcome"])


def board_answers(stage: Stage) -> Counter[str]:
    """Return how many crossings each board answered with the gateway's word, and how many alone."""
    counts: Counter[str] = Counter()
    for _board, _epoch, _seq, raw in stage_records(stage):
        head = record.unpack(raw)
        if head.kind == record.CROSSING:
            counts["with the gateway" if record.unpack_crossing(head.body).online else "alone"] += 1
    return counts
