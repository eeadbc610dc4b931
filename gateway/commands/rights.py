"""`checkpost office erase` and `access`: the rights of travellers, as the office's people carry them out."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.commands.asking import Url, one_sentence
from gateway.errors import OperatorError
from gateway.office.client import Client, read_token
from gateway.office.files import write_whole

Token = Annotated[
    Path, typer.Option(help="File with a person's token; for --due the office's.", envvar="CHECKPOST_TOKEN_FILE")
]


def erase(
    url: Url,
    token_file: Token,
    due: Annotated[bool, typer.Option("--due", help="Everyone whose retention is over; for each night.")] = False,
    person: Annotated[
        str, typer.Option(help="Ask for one person's: reference, application or card. Needs --ground.")
    ] = "",
    ground: Annotated[str, typer.Option(help="On which ground; it stays in the log, without a name.")] = "",
    approve: Annotated[
        int | None, typer.Option(help="Carry out what another person asked for, by its number.", min=1)
    ] = None,
    refuse: Annotated[int | None, typer.Option(help="Close what was asked for, by its number.", min=1)] = None,
) -> None:
    """Erase what is held on persons: by policy, or on an order that one person gives and another approves."""
    if [due, bool(person), bool(approve), bool(refuse)].count(True) != 1:
        raise OperatorError("Say one of --due, --person with --ground, --approve or --refuse.")
    client = Client(url, read_token(token_file))
    if due:
        _say(client.post("/v1/retention", {}).json())
    elif approve:
        _say(client.post(f"/v1/erasures/{approve}/approval", {}).json())
    elif refuse:
        client.post(f"/v1/erasures/{refuse}/refusal", {})
        typer.echo(f"Erasure {refuse} is refused; nothing was erased.")
    else:
        asked = client.post("/v1/erasures", {"person": person, "ground": ground}).json()
        typer.echo(f"Erasure {asked['number']} is asked for; another person approves it with --approve.")


def access(
    url: Url,
    token_file: Token,
    person: Annotated[str, typer.Option(help="Whose data: reference, application or card.")],
    purpose: Annotated[str, typer.Option(help="Why; it is written down with who read.", envvar="CHECKPOST_PURPOSE")],
    to: Annotated[Path, typer.Option(help="File for it: .html to read and print, or .json.")],
) -> None:
    """Write everything that is held on a person into one file, for that person."""
    form = {".html": "html", ".json": "json"}.get(to.suffix.lower())
    if form is None:
        raise OperatorError(f"{to} is neither .html nor .json; name one of these.")
    client = Client(url, read_token(token_file))
    answer = client.post("/v1/access", {"person": person, "purpose": purpose}, {"form": form})
    text = answer.text if form == "html" else json.dumps(answer.json(), indent=1, ensure_ascii=False)
    with one_sentence():
        write_whole(to, [text.rstrip("\n") + "\n"])
        to.chmod(0o600)
    typer.echo(f"Everything that is held is in {to}. Give it to that person alone.")


def _say(done: dict[str, Any]) -> None:
    typer.echo(f"{done['persons']} persons and {done['records']} of their records are erased.")
    for why, count in sorted(done["kept"].items()):
        typer.echo(f"{count} stay although their time is over: {why}.")
    if not done["compacted"]:
        typer.echo("The store's files still hold them, since somebody reads on: run this again soon.")
