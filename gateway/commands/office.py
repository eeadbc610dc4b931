"""`checkpost office`: pulls the centre's log and its table into files."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gateway.errors import OperatorError
from gateway.office.client import Client, read_token
from gateway.office.files import write_whole
from gateway.office.pull import Pull

app = typer.Typer(no_args_is_help=True, help="The central office: pulls its log and its table.")
Url = Annotated[str, typer.Option(help="Address of the centre.", envvar="CHECKPOST_CENTRAL_URL")]
Token = Annotated[
    Path, typer.Option(help="File with the office's token, or the centre's tokens.json.", envvar="CHECKPOST_TOKEN_FILE")
]


@app.command()
def pull(
    url: Url,
    token_file: Token,
    to: Annotated[Path, typer.Option(help="File of JSON lines: the current state, one line a crossing.")],
    state: Annotated[Path | None, typer.Option(help="Where the cursor is kept; by default beside the file.")] = None,
    events: Annotated[bool, typer.Option("--events", help="Every change instead of the current state.")] = False,
) -> None:
    """Bring a file up to date: what changed since the last pull is merged in; broken off, it resumes."""
    with _one_sentence():
        client = Client(url, read_token(token_file))
        beside = to.with_name(to.name + ".state")
        with _bar() as progress:
            done = Pull(client, to, state or beside, events).run(progress)
        what = "changes" if events else "crossings"
        typer.echo(f"{done.rows} new or changed, {done.lines} {what} in {to}, up to position {done.position}.")


@app.command()
def table(
    url: Url,
    token_file: Token,
    to: Annotated[Path, typer.Option(help="JSON file for the table.")],
) -> None:
    """Write the office's table: crossings and persons, by point its verdicts and primary reasons."""
    with _one_sentence():
        found = Client(url, read_token(token_file)).table()
        write_whole(to, [json.dumps(found, indent=1) + "\n"])
        typer.echo(f"{found['taps']} crossings by {len(found['by_crossing_point'])} crossing points in {to}.")


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Say what the disk refused, or that someone stopped it, in one sentence."""
    try:
        yield
    except OSError as error:
        raise OperatorError(f"{error.filename or 'A file'} cannot be read or written ({error.strerror}).") from error
    except KeyboardInterrupt:
        typer.echo("Stopped; the next pull goes on from here.", err=True)
        raise typer.Exit(130) from None


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Show the way through the log on a terminal; elsewhere nothing."""
    columns = (TextColumn("pulling"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("pull", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=max(total, 1))
