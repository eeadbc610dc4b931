"""`checkpost gateway explain` and `policy`: why a verdict, and what another policy would change."""

import json
import re
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gateway.clock import open_clock
from gateway.contract import Policy
from gateway.errors import OperatorError
from gateway.intake.explaining import explain_crossing, read_policy, would_change
from gateway.settings import load
from gateway.store.store import open_reader

MAX_SHOWN = 50  # crossings that are named one by one; the count goes on
KEY = re.compile(r"(\d{1,5})/(\d{1,5})/(\d{1,10})")
Config = Annotated[
    Path | None, typer.Option("--config", help="TOML file; CHECKPOST_GATEWAY_* in the environment counts more.")
]


def explain(
    crossing: Annotated[str, typer.Argument(help="board/epoch/seq, as a pulled crossing names it.")],
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show each rule at a crossing, the facts it used, and whether it holds."""
    key = KEY.fullmatch(crossing)
    if key is None:
        raise OperatorError(f"{crossing} names no crossing; write board/epoch/seq, such as 3/1/17.")
    settings = load(config)
    store = open_reader(settings.data)
    try:
        board, epoch, seq = map(int, key.groups())
        found = explain_crossing(store, (board, epoch, seq), open_clock(settings.clock_file).utc_ms() // 1000)
    finally:
        store.close()
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _show(found)


def policy(
    file: Annotated[
        Path | None, typer.Argument(help="A policy as TOML; without one the policy in force is shown.")
    ] = None,
    config: Config = None,
) -> None:
    """Show the policy in force, or check a policy's file and say which crossings it would judge otherwise."""
    settings = load(config)
    store = open_reader(settings.data)
    try:
        if file is None:
            held = store.knowledge.policy()
            note = "" if held else "  # the centre gave none yet: defaults"
            for name, value in (held or Policy()).model_dump().items():
                typer.echo(f"{name} = {json.dumps(value)}{note}")
            return
        changes = would_change(store, read_policy(file), open_clock(settings.clock_file).utc_ms() // 1000)
        for one in islice(changes, MAX_SHOWN):
            typer.echo(f"{one.board}/{one.epoch}/{one.seq}: {one.now} -> {one.then}")
        more = sum(1 for _ in changes)
        if more:
            typer.echo(f"and {more} more")
        typer.echo("The policy is valid. Nothing was changed: the centre puts it in force (PUT /v1/policy).")
    finally:
        store.close()


def _show(found: dict[str, Any]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    passage = found["crossing"]
    place = (
        f"{passage['board']}/{passage['epoch']}/{passage['seq']}: {passage['crossing_point']}, {passage['direction']}"
    )
    card = f"card {passage['card_uid'] or 'none'}, permit {found['permit'] or 'none'}"
    console.print(f"Crossing {place}, {passage['local_time']} ({passage['clock']}), {card}.")
    console.print(
        f"Verdict: {found['verdict']}. {_named('Reasons', found['reasons'])}{_named('Notes', found['notes'])}"
    )
    console.print(
        f"{_named('Not checked', found['unchecked'])}Rules {found['rule_version']}, policy {found['policy_version']}."
    )
    table = Table(box=None, pad_edge=False)
    for column in ("rule", "answer", "facts"):
        table.add_column(column)
    for rule in found["rules"]:
        table.add_row(rule["name"], rule["answer"], rule["facts"])
    console.print(table)
    for line in found["rests_on"]:
        console.print(f"- {line}")
    for at, one in enumerate(found["history"], 1):
        console.print(f"Judged {at}: {one['verdict']} {', '.join(one['reasons'])}".rstrip())
    for one in found["reviews"]:
        console.print(f"Review {one['id']}: {one['kind']}, {one['state']}")


def _named(what: str, names: list[str]) -> str:
    return f"{what}: {', '.join(names)}. " if names else ""
