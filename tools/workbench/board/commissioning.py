"""From a flashed board to one that stands at its lane: provisioned, looked at, with its label and signed report."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.board import airtime, margin, report
from workbench.board.bundle import Signer
from workbench.board.checking import Finding, check
from workbench.board.provision import Provisioned, Registry, Wanted, provision
from workbench.board.wire import Board


def commission(
    board: Board, centre: Registry, wanted: Wanted, signer: Signer, out: Path, registered: str = "at the centre"
) -> tuple[Provisioned, list[Finding]]:
    """Provision a board and write its papers into `out`; broken off anywhere, the same again ends as if it was not.

    `registered`: how the centre comes to know it. Raises BoardTrouble and CentreTrouble.
    """
    done = provision(board, centre, wanted, out)
    findings = [*check(board, done.settings), *radio_range(board, wanted.link)]
    write_papers(done, findings, wanted.link, signer, out, registered)
    done.pending.end()
    return done, findings


def write_papers(
    done: Provisioned,
    findings: list[Finding],
    link: dict[str, Any],
    signer: Signer,
    out: Path,
    registered: str = "at the centre",
) -> None:
    """Write label and report of a provisioned board."""
    flash = next((one.seen for one in findings if one.part == "journal flash"), "")
    radio = link["carrier"] == "lora"
    facts: dict[str, Any] = {
        "board": done.registered.board,
        "epoch": done.registered.epoch,
        "crossing_point": done.settings.point,
        "lane": done.settings.lane,
        "gateway": done.registered.gateway,
        "registered": registered,
        "chip": done.facts.chip_id,
        "journal_flash": flash,
        "firmware": done.facts.running_version or "plain tree",
        "micropython": ".".join(map(str, done.facts.version)) + f", {done.facts.machine}",
        "tool": version("checkpost"),
        "link": ", ".join(f"{name} {value}" for name, value in link.items()),
        "radio_margin": next((one.seen for one in findings if one.part == "radio range"), "none: the link is a cable"),
        "airtime": airtime.budget(link["region"], link["channel_hz"], link["spreading_factor"]) if radio else "none",
        "earlier_epoch": done.before[1] if done.before else "none",
        "done_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    out.mkdir(parents=True, exist_ok=True)
    stem = f"board-{facts['board']}-{facts['epoch']}"
    (out / f"{stem}-label.html").write_text(report.label(facts))
    (out / f"{stem}-report.html").write_text(report.report(facts, findings, signer))


def radio_range(board: Board, link: dict[str, Any]) -> list[Finding]:
    """Return the range test of a board with a radio."""
    return [margin.finding(board, link["spreading_factor"])] if link["carrier"] == "lora" else []
