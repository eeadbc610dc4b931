"""`checkpost office`: pulls the centre's log and its table into files, verifies them, and cosigns."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gateway.central.proof.note import NoteError, Verifier
from gateway.commands import casework, exchange, programmes
from gateway.commands.asking import Token, Url, one_sentence
from gateway.commands.report import report
from gateway.commands.rights import access, erase
from gateway.office.client import Client, OfficeError, read_token
from gateway.office.convert import convert, lines_of
from gateway.office.cosign import cosign as cosign_newest
from gateway.office.cosign import signer_of
from gateway.office.files import write_whole
from gateway.office.folder import LogFolder
from gateway.office.pull import Pull
from gateway.office.pull_log import pull_folder
from gateway.office.verifying.findings import Report
from gateway.office.verifying.verify import verify as verify_folder

MAX_SHOWN = 20  # findings after the first: more do not fit a screen


class Form(StrEnum):
    """What `office pull` writes."""

    ndjson = "ndjson"
    csv = "csv"
    parquet = "parquet"


app = typer.Typer(
    no_args_is_help=True, help="The central office: pulls its log, hands in and sends what its work needs."
)
app.add_typer(exchange.app, name="exchange")
app.add_typer(programmes.app, name="programmes")
app.command()(exchange.arrivals)
app.command()(exchange.remind)
for work in (casework.applications, casework.queue, casework.approve, casework.refuse, casework.settlement):
    app.command()(work)
for command in (erase, access, report):
    app.command()(command)


@app.command()
def pull(
    url: Url,
    token_file: Token,
    to: Annotated[
        Path,
        typer.Option(help="File of JSON lines: the current state, one line a crossing. Or a folder: with its proofs."),
    ],
    state: Annotated[Path | None, typer.Option(help="Where the cursor is kept; by default beside the file.")] = None,
    events: Annotated[bool, typer.Option("--events", help="Every change instead of the current state.")] = False,
    form: Annotated[
        Form, typer.Option("--format", help="For csv and parquet the JSON lines are kept beside the file.")
    ] = Form.ndjson,
    purpose: Annotated[
        str, typer.Option(help="Why personal data are read; a person's token needs it.", envvar="CHECKPOST_PURPOSE")
    ] = "",
) -> None:
    """Bring a file up to date: what changed since the last pull is merged in; broken off, it resumes."""
    with one_sentence():
        client = Client(url, read_token(token_file), purpose=purpose)
        wanted = to / f"{'events' if events else 'crossings'}.{form.value}" if to.is_dir() else to
        file = lines_of(wanted) if form is not Form.ndjson else wanted
        beside = file.with_name(file.name + ".state")
        wish = Pull(client, file, state or beside, events)
        log = None
        with _bar() as progress:
            if to.is_dir():
                done, log = pull_folder(wish, client, LogFolder(to), progress)
            else:
                done = wish.run(progress)
        if form is not Form.ndjson:
            convert(file, wanted, form.value, done.lines)
        what = "changes" if events else "crossings"
        typer.echo(f"{done.rows} new or changed, {done.lines} {what} in {wanted}, up to position {done.position}.")
        if log:
            typer.echo(f"The log that proves them has {log.size} leaves; `checkpost office verify {to}` checks it.")


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder that `office pull --to` filled.")],
    cosigner: Annotated[
        list[str] | None, typer.Option(help="Verifier key of a second party that must have signed; may be repeated.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="What nobody can prove yet counts as a finding.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    url: Annotated[
        str | None,
        typer.Option(help="Address of the centre: its log and tables, as they stand now, are compared, too."),
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="With --url: file with the office's token.")] = None,
    purpose: Annotated[
        str, typer.Option(help="With --url: why personal data are read; a person's token needs it.")
    ] = "",
) -> None:
    """Check a pulled log without asking anybody; names the first record that does not fit, and ends with 1."""
    if (url is None) != (token_file is None):
        raise OfficeError("--url and --token-file belong together; without both, nobody is asked.")
    with one_sentence():
        client = Client(url, read_token(token_file), purpose=purpose) if url and token_file else None
        try:
            report = verify_folder(LogFolder(folder), [Verifier.parse(vkey) for vkey in cosigner or []], client)
        except NoteError as error:
            raise OfficeError(f"--cosigner: {error}.") from error
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        _show(report)
        if not client:
            typer.echo("Not compared: the centre's own tables as they stand now; --url and --token-file compare them.")
    if report.findings or (strict and report.unproven):
        raise typer.Exit(1)


@app.command()
def cosign(
    url: Url,
    token_file: Token,
    name: Annotated[str, typer.Option(help="Name under which the centre knows this second party.")],
    state: Annotated[Path, typer.Option(help="Folder of the key and of the last checkpoint signed; keep it.")],
) -> None:
    """Sign the centre's newest checkpoint as a second party, if the log only grew since the last one."""
    with one_sentence():
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        signer = signer_of(state, name)
        typer.echo(f"Key: {signer.verifier}")
        done = cosign_newest(Client(url, read_token(token_file)), state, signer, int(time.time()))
        typer.echo(f"Signed {done.size} leaves, {done.size - done.before} more than the last time.")


@app.command()
def table(
    url: Url,
    token_file: Token,
    to: Annotated[Path, typer.Option(help="JSON file for the table.")],
) -> None:
    """Write the office's table: crossings and persons, by point its verdicts and primary reasons."""
    with one_sentence():
        found = Client(url, read_token(token_file)).table()
        write_whole(to, [json.dumps(found, indent=1) + "\n"])
        typer.echo(f"{found['taps']} crossings by {len(found['by_crossing_point'])} crossing points in {to}.")


def _show(report: Report) -> None:
    counts = f"{report.leaves} leaves, {report.records} records ({report.erased} erased), {report.seals} seals"
    typer.echo(f"Checked {counts}, {report.crossings} crossings, {report.checkpoints} checkpoints.")
    if report.compared:
        typer.echo(f"Compared {report.compared} rows of the centre's tables with the log.")
    for line in report.unproven:
        typer.echo(f"not proven yet: {line}")
    for line in report.bridged:
        typer.echo(f"erased: {line}")
    first = report.first()
    if first is None:
        typer.echo("Everything fits.")
        return
    typer.echo(f"DOES NOT FIT, first: {first}", err=True)
    others = [one for one in report.findings if one is not first]
    for one in others[:MAX_SHOWN]:
        typer.echo(f"  then: {one}", err=True)
    if len(others) > MAX_SHOWN:
        typer.echo(f"  and {len(others) - MAX_SHOWN} more", err=True)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Show the way through the log on a terminal; elsewhere nothing."""
    columns = (TextColumn("pulling"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("pull", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=max(total, 1))
