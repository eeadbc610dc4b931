"""`checkpost office`: takes applications in, lists the oldest, decides them, and writes a year's settlement."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.asking import Token, Url, one_sentence
from gateway.contract.applications import MAX_QUEUE, MAX_REASON, ApplicationView, DecisionBody
from gateway.contract.programmes import Settlement, SettlementRow
from gateway.errors import OperatorError
from gateway.office.casework import CaseworkClient
from gateway.office.client import read_token
from gateway.office.files import write_whole

PERSON = ("admin",)  # of a tokens.json: a machine's token brings applications, and decides none
PURPOSE = "to decide applications"
Number = Annotated[str, typer.Argument(help="Of the application.")]
COLUMNS = ("costs", "minor_units", "sending_bears", "host_bears", "sending_paid", "host_paid")


def applications(
    url: Url,
    token_file: Token,
    file: Annotated[Path, typer.Argument(help="CSV: application_id, grounds, submitted_on, and as needed name, ...")],
) -> None:
    """Take a file of applications in: a broken row is named, the good ones go in; twice changes nothing."""
    with one_sentence():
        taken = CaseworkClient(url, read_token(token_file)).take_applications(file)
    typer.echo(f"{taken.taken} taken in, {taken.unchanged} known already, {len(taken.broken)} left out.")
    for row in taken.broken:
        typer.echo(f"{file}, line {row.line}, column {row.column}: {row.reason}", err=True)
    if taken.broken:
        raise typer.Exit(1)


def queue(
    url: Url,
    token_file: Token,
    limit: Annotated[int, typer.Option(min=1, max=MAX_QUEUE, help="How many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="For programs, one a line.")] = False,
    purpose: Annotated[str, typer.Option(help="Why they are read.", envvar="CHECKPOST_PURPOSE")] = PURPOSE,
) -> None:
    """List the applications that wait for a decision, oldest first, with what is proposed."""
    with one_sentence():
        found = CaseworkClient(url, read_token(token_file), purpose=purpose).queue(limit).applications
    for one in found:
        typer.echo(one.model_dump_json() if as_json else _line(one))
    if not found and not as_json:
        typer.echo("Nothing waits.")


def approve(
    url: Url, token_file: Token, numbers: Annotated[list[str], typer.Argument(help="Of the applications.")]
) -> None:
    """Approve applications, one after the other; the first that cannot be approved ends it."""
    with one_sentence():
        client = CaseworkClient(url, read_token(token_file, PERSON))
        for number in numbers:
            done = client.decide(number, DecisionBody(decision="approved"))
            typer.echo(f"{done.application_id} is approved.")


def refuse(
    url: Url,
    token_file: Token,
    number: Number,
    reason: Annotated[str, typer.Option(help="In words that the applicant can read.")],
) -> None:
    """Refuse an application, for a reason that the applicant can read."""
    if not 0 < len(reason.strip()) <= MAX_REASON:
        raise OperatorError(f"--reason: say why, in 1 to {MAX_REASON} letters that the applicant can read.")
    with one_sentence():
        body = DecisionBody(decision="refused", reason=reason)
        done = CaseworkClient(url, read_token(token_file, PERSON)).decide(number, body)
    typer.echo(f"{done.application_id} is refused.")


def settlement(
    url: Url,
    token_file: Token,
    year: Annotated[int, typer.Argument(min=1900, max=2999, help="Of the journeys.")],
    to: Annotated[Path, typer.Option(help="CSV file for the report; amounts in minor units.")],
) -> None:
    """Write a year's settlement of travel costs: one report for both sides."""
    with one_sentence():
        report = CaseworkClient(url, read_token(token_file)).settlement(year)
        write_whole(to, [f"{line}\n" for line in _csv(report)])
    state = f"settled on {report.closed_on}" if report.closed_on else "still open"
    typer.echo(f"{year}, {state}: {sum(part.total.costs for part in report.currencies)} costs in {to}.")
    for part in report.currencies:
        owes = part.balance
        words = f"the {owes.owes} side owes {owes.minor_units}" if owes.owes else "neither side owes anything"
        typer.echo(f"{part.currency}: {words}.")


def _line(one: ApplicationView) -> str:
    age = "age not known" if one.age_days is None else f"{one.age_days} days"
    proposed = "approve" if one.proposal and one.proposal.decision else "weigh"
    return f"{one.application_id}  {one.submitted_on or '-'}  {age}  {' '.join(one.grounds) or '-'}  {proposed}"


def _csv(report: Settlement) -> Iterator[str]:
    yield ",".join(("year", "currency", "territory", *COLUMNS))
    for part in report.currencies:
        for row in (*part.rows, part.total):
            yield ",".join((str(report.year), part.currency, row.territory, *_cells(row)))


def _cells(row: SettlementRow) -> list[str]:
    return [str(getattr(row, name)) for name in COLUMNS]
