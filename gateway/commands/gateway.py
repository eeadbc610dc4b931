"""`checkpost gateway`: run a gateway, import permits, see how it is."""

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer

from gateway.clock import ClockError, open_clock
from gateway.commands import admit as admitting
from gateway.commands import enrol as enrolling
from gateway.commands import judging, person
from gateway.commands import update as updating
from gateway.commands.showing import show_status
from gateway.errors import OperatorError
from gateway.intake.bundles import import_bundle
from gateway.intake.imports import Row, parse_paths
from gateway.intake.learning import CHUNK, Learning
from gateway.settings import load
from gateway.status import status as status_of
from gateway.store.store import open_store

MAX_SHOWN = 50  # broken rows that are named one by one: more do not fit a screen

app = typer.Typer(help="The gateway of a checkpoint: boards in, batches out to the centre.", no_args_is_help=True)
app.add_typer(person.app, name="person")
app.command()(admitting.admit)
app.command()(enrolling.enrol)
app.command()(judging.explain)
app.command()(judging.policy)
app.command()(updating.update)
Config = Annotated[
    Path | None, typer.Option("--config", help="TOML file; CHECKPOST_GATEWAY_* in the environment counts more.")
]


@app.command()
def run(
    config: Config = None,
    follow_stdin: Annotated[bool, typer.Option("--follow-stdin", help="End when standard input closes.")] = False,
) -> None:
    """Serve the boards, and deliver to the centre, until a signal ends it."""
    from gateway.app import run as run_gateway

    settings = load(config)
    _log_to_stderr()
    try:
        run_gateway(settings, follow_stdin)
    except ClockError as error:
        raise OperatorError(str(error)) from error
    except BaseExceptionGroup as group:
        mistake = group.subgroup(OperatorError)
        if mistake is None:
            raise
        raise _first(mistake) from group


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="CSV files, or folders that hold them.")], config: Config = None
) -> None:
    """Take in applications, cards and crossing points; broken rows are named, the others go in."""
    settings = load(config)
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise OperatorError(f"{missing[0]} does not exist; give a CSV file or a folder.")
    parsed = parse_paths(paths)
    if not parsed.rows and not parsed.broken:
        raise OperatorError(f"{', '.join(map(str, paths))} holds no applications, cards or crossing points.")
    changed = _take_in(settings.data, parsed.rows, settings.clock_file)
    for broken in parsed.broken[:MAX_SHOWN]:
        typer.echo(f"left out: {broken}", err=True)
    if len(parsed.broken) > MAX_SHOWN:
        typer.echo(f"left out: {len(parsed.broken) - MAX_SHOWN} more rows", err=True)
    for name in parsed.passed_over:
        typer.echo(f"not read, since it holds something else: {name}")
    same = len(parsed.rows) - changed
    typer.echo(f"{changed} rows new or changed, {same} known as they are, {len(parsed.broken)} broken")
    if parsed.broken:
        raise typer.Exit(1)


@app.command()
def bundle(
    path: Annotated[Path, typer.Argument(help="a file that `checkpost board log --bundle` wrote")],
    config: Config = None,
) -> None:
    """Take in a board's log from a file, as if it had come over its link; a second time changes nothing."""
    import secrets

    settings = load(config)
    store = open_store(settings.data, secrets.randbits(32))
    try:
        found = import_bundle(store, path, open_clock(settings.clock_file).utc_ms() // 1000)
    finally:
        store.close()
    typer.echo(
        f"board {found.board}, epoch {found.epoch}: {found.new} of {found.records} records are new; "
        f"held up to record {found.held}"
    )


@app.command()
def status(
    config: Config = None, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Show the boards, what waits for the centre, and what asks for a person."""
    settings = load(config)
    found = status_of(settings.data, settings.name)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        show_status(found)


def _take_in(data: Path, rows: Sequence[Row], clock_file: Path | None) -> int:
    import secrets

    store = open_store(data, secrets.randbits(32))
    try:
        learning = Learning(store)
        now_s = open_clock(clock_file).utc_ms() // 1000
        return sum(learning.take_imported(rows[at : at + CHUNK], now_s) for at in range(0, len(rows), CHUNK))
    finally:
        store.close()


def _first(group: BaseExceptionGroup[OperatorError]) -> OperatorError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _log_to_stderr() -> None:
    """Write the log as JSON lines on standard error: standard output has the ready line."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
