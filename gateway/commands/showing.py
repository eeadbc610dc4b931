"""Shows a gateway's status to people: what runs, a line for each board, and below it what is not as it should be."""

from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.boards.progress import PACE, words
from gateway.intake.alarms import WORDS
from gateway.status import LOW_DISK_BYTES

COLUMNS = ("board", "lane", "link", "next", "here", "centre", "queue", "clock", "roster", "firmware")


def show_status(status: dict[str, Any]) -> None:
    """Print what `gateway.status.status` returned."""
    console = Console(highlight=False, soft_wrap=True)
    centre = status["centre"]
    running = "runs" if status["running"] else "does not run"
    reached = "answers" if centre.get("connected") else f"does not answer ({centre.get('trouble') or 'not asked'})"
    console.print(f"Gateway {status['name']} {running}; the centre {reached}.")
    console.print(f"Waiting for the centre: {status['outbox_records']} records, {status['outbox_rows']} rows.")
    if status["boards"]:
        console.print(_boards(status["boards"]))
    for line in [*_fleet(status["boards"]), *_troubles(status)]:
        console.print(line)
    flags = ", ".join(f"{count} {kind}" for kind, count in status["flags"].items()) or "none"
    console.print(f"Open questions: {flags}.")


def _boards(boards: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, no_wrap=True, justify="right" if column in COLUMNS[3:7] else "left")
    for board in boards:
        numbers = [board["next_seq"], board["held_here"], board["held_at_centre"], board["queue"]]
        roster = "current" if board["roster_current"] else f"at {board.get('roster_revision', '-')}"
        place = [f"{board['board']} {board['crossing_point']}", board["lane"], board["link"]]
        cells = [*place, *numbers, board["clock"], roster, board.get("firmware")]
        table.add_row(*("-" if cell is None else str(cell) for cell in cells))
    return table


def _fleet(boards: list[dict[str, Any]]) -> list[str]:
    """Return a sentence where boards run different firmware: which ones lag behind the newest."""
    versions = {board["board"]: board["firmware"] for board in boards if board.get("firmware")}
    newest = max(versions.values(), key=_numbers, default="")
    behind = [f"{number} ({version})" for number, version in versions.items() if version != newest]
    lag = [f"The newest firmware here is {newest}; behind it: board {', '.join(behind)}."] if behind else []
    return lag + [update_words(board) for board in boards if board.get("update")]


def update_words(board: dict[str, Any]) -> str:
    """Return what a board is to run, how far it is, and how long that still takes."""
    wish = board["update"]
    said = {
        "waiting": f"is to get {wish['version']}, and has not asked for it yet{_left(board)}",
        "sending": f"is being sent {wish['version']}: {wish['percent']} %{_left(board)}",
        "on trial": f"has all of {wish['version']} and tries it out",
        "kept": f"keeps {wish['version']}",
        "left": f"tried {wish['version']} and left it",
        "refused": f"refused {wish['version']}",
    }[wish["state"]]
    why = f" ({wish['note']})" if wish["note"] else ""
    return f"Board {board['board']} runs {board.get('firmware') or 'what it has not said'}; it {said}{why}."


def _left(board: dict[str, Any]) -> str:
    """Return how long an update still takes, as far as anybody can say."""
    if board["link"] != "up":
        return ", and stands still while its link is down"
    seconds = board["update"]["left_s"]
    if seconds is None:
        return ""
    by_pace = board["update"]["left_by"] == PACE
    return (
        f", {words(seconds)} left at this pace"
        if by_pace
        else f", some {words(seconds)} for all of it where nobody crosses"
    )


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _troubles(status: dict[str, Any]) -> list[str]:
    """Return a sentence for each thing that is not as it should be."""
    found = []
    if status["disk_free"] < LOW_DISK_BYTES:
        found.append(
            f"The disk has {status['disk_free'] >> 20} MB left; on a full one nothing is taken from boards: make room."
        )
    if status["knows_time"] is False:
        found.append(
            "This machine has no network time, so boards keep their own; check its time service (timedatectl)."
        )
    if status["refused_rows"]:
        found.append(f"The centre refused {status['refused_rows']} imported rows.")
    for waiting in status.get("enrolments", []):
        said = "has not heard of it yet" if not waiting["detail"] else f"refuses it: {waiting['detail']}"
        found.append(f"Board {waiting['board']} was admitted from a file; the centre {said}.".replace("..", "."))
    for board, why in status["centre"].get("refuses", {}).items():
        found.append(f"The centre does not take the records of board {board}: {why}")
    for port in status["ports"]:
        if port["trouble"]:
            found.append(f"Port {port['path']}: {port['trouble']}.")
        if port["drops"]:
            drops = ", ".join(f"{count} {cause}" for cause, count in port["drops"].items())
            found.append(f"Port {port['path']} dropped frames: {drops}.")
    for board in status["boards"]:
        odd = [*board.get("odd", []), *(f"{count} {cause}" for cause, count in board.get("refused", {}).items())]
        if odd:
            found.append(f"Board {board['board']} at {board['crossing_point']}: {', '.join(odd)}.")
        if board.get("board_drops"):
            drops = ", ".join(f"{count} {cause}" for cause, count in board["board_drops"].items())
            found.append(f"Frames that name board {board['board']} were dropped: {drops}.")
        for name in board.get("alarms", []):
            found.append(f"ALARM, board {board['board']} at {board['crossing_point']}: {WORDS[name]}.")
    return found
