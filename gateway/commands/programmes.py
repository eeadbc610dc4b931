"""`checkpost office programmes`: contracts, diplomas and travel costs as CSV files, in and out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.asking import Token, Url, one_sentence
from gateway.office.casework import CaseworkClient
from gateway.office.client import read_token
from gateway.office.files import write_whole

PURPOSE = "the year's programmes"


class Kind(StrEnum):
    """What a file holds."""

    contracts = "contracts"
    diplomas = "diplomas"
    costs = "costs"


app = typer.Typer(no_args_is_help=True, help="Programmes: contracts, diplomas and travel costs as CSV, in and out.")
Held = Annotated[Kind, typer.Argument(help="What the file holds.")]


@app.command()
def take(
    url: Url, token_file: Token, kind: Held, file: Annotated[Path, typer.Argument(help="CSV, as `fetch` writes it.")]
) -> None:
    """Take a file in: a broken row is named, the good ones go in; twice changes nothing."""
    with one_sentence():
        taken = CaseworkClient(url, read_token(token_file)).take_file(kind.value, file)
    typer.echo(f"{taken.taken} taken in, {taken.unchanged} known already, {len(taken.broken)} left out.")
    for row in taken.broken:
        typer.echo(f"{file}, line {row.line}, column {row.column}: {row.reason}", err=True)
    if taken.broken:
        raise typer.Exit(1)


@app.command()
def fetch(
    url: Url,
    token_file: Token,
    kind: Held,
    year: Annotated[int, typer.Option(min=1900, max=2999, help="Contracts by start, diplomas by entry, costs by day.")],
    to: Annotated[Path, typer.Option(help="CSV file to write.")],
    purpose: Annotated[str, typer.Option(help="Why they are read.", envvar="CHECKPOST_PURPOSE")] = PURPOSE,
) -> None:
    """Write a year's rows, in the columns that `take` reads."""
    with one_sentence():
        text = CaseworkClient(url, read_token(token_file), purpose=purpose).give_file(kind.value, year)
        write_whole(to, [text])
    typer.echo(f"{kind.value} of {year} are in {to}.")
