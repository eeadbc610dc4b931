"""`checkpost office`: arrivals at stations, files of the exchange out and in, and reminders for cron to send."""

import json
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.asking import Token, Url, one_sentence
from gateway.contract.applications import BrokenRow
from gateway.contract.exchange import Reminder
from gateway.office.client import read_token
from gateway.office.files import write_whole
from gateway.office.work import Work

PURPOSE = "the file that goes to the other side"
REMINDING = "reminders of answers that are overdue"
PACE_S = 0.02  # between two requests: the centre takes a hundred a second of one caller


class Form(StrEnum):
    """The form of a file that goes out."""

    csv = "csv"
    json = "json"


app = typer.Typer(no_args_is_help=True, help="The exchange with the other side: files out and in.")
Folder = Annotated[Path, typer.Option("--to", help="Folder for the file; its name has its number.")]


@app.command()
def send(
    url: Url,
    token_file: Token,
    to: Folder,
    form: Annotated[Form, typer.Option("--format", help="Of the file.")] = Form.csv,
) -> None:
    """Make a file of all that may leave, and write it down; what waits for a second person stays."""
    with one_sentence():
        work = Work(url, read_token(token_file), purpose=PURPOSE)
        batch = work.send(form.value)
        if batch is None:
            typer.echo("Nothing may leave.")
            return
        _write(work, batch.number, to)


@app.command()
def fetch(
    url: Url,
    token_file: Token,
    number: Annotated[int, typer.Argument(min=1, help="Of the file, as `send` said.")],
    to: Folder,
) -> None:
    """Write a file that went out or came in, byte for byte as it is kept."""
    with one_sentence():
        _write(Work(url, read_token(token_file), purpose=PURPOSE), number, to)


@app.command()
def take(
    url: Url,
    token_file: Token,
    file: Annotated[Path, typer.Argument(help="Answers of the other side, .csv or .json.")],
) -> None:
    """Take a file of answers: a broken row is named, the good ones go in; twice changes nothing."""
    with one_sentence():
        taken = Work(url, read_token(token_file)).take_answers(file)
    typer.echo(f"{taken.new} new, {taken.known} known; kept as file {taken.batch}.")
    _tell_broken(file, taken.broken)


def arrivals(
    url: Url,
    token_file: Token,
    file: Annotated[Path, typer.Argument(help="CSV: stay_id, station, person, arrived_on, application_id, blankets.")],
) -> None:
    """Take in a file of arrivals at reception stations: a broken row is named, the good ones go in."""
    with one_sentence():
        taken = Work(url, read_token(token_file)).take_arrivals(file)
    typer.echo(f"{taken.new} new, {taken.known} known.")
    _tell_broken(file, taken.broken)


def remind(
    url: Url,
    token_file: Token,
    mark: Annotated[bool, typer.Option("--mark", help="Note them as sent: each is listed once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs, one a line.")] = False,
) -> None:
    """List the reminders that are due: of answers overdue by 7, 30, 45 days, then each week to the head of office."""
    with one_sentence():
        work = Work(url, read_token(token_file), purpose=REMINDING)
        for one in work.reminders().reminders:
            typer.echo(json.dumps(one.model_dump()) if as_json else _line(one))
            if mark:  # after it is said: what ends in between is said again, never left out
                work.reminded(one.case_id, one.step)
                time.sleep(PACE_S)


def _line(one: Reminder) -> str:
    return f"to {one.to}: case {one.case_id} of {one.owner}, {one.days_overdue} days overdue since {one.due_on}"


def _write(work: Work, number: int, folder: Path) -> None:
    batch = work.batch(number)
    file = folder / f"exchange-{batch.direction}-{batch.number}.{batch.form}"
    write_whole(file, [work.file(batch).decode()])  # UTF-8, or it would not have been taken
    typer.echo(f"{batch.rows} rows in {file}, SHA-256 {batch.sha256}.")


def _tell_broken(file: Path, broken: Sequence[BrokenRow]) -> None:
    """Name each broken row; end with 1 if there is one."""
    for row in broken:
        typer.echo(f"{file}, line {row.line}, column {row.column}: {row.reason}", err=True)
    if broken:
        raise typer.Exit(1)
