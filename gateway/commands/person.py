"""`checkpost gateway person`: who may sign in at the console."""

import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY

from gateway.console.people import Pins, add, remove
from gateway.settings import load
from gateway.store.store import Store, open_reader, open_store

app = typer.Typer(help="Who may sign in at the console.", no_args_is_help=True)
Config = Annotated[
    Path | None, typer.Option("--config", help="TOML file; CHECKPOST_GATEWAY_* in the environment counts more.")
]
Name = Annotated[str, typer.Argument(help="As it stands in reviews and in the log of looks.")]


@app.command("add")
def add_(name: Name, config: Config = None) -> None:
    """Give a person a PIN, or a new one; asked for twice, or read as a line when standard input is no terminal."""
    settings = load(config)
    pin = typer.prompt("PIN", hide_input=True, confirmation_prompt=True) if sys.stdin.isatty() else _line()
    store = open_store(settings.data, secrets.randbits(32))
    try:
        pins = Pins(PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY))
        new = add(store, pins, name, pin, int(time.time()))
    finally:
        store.close()
    typer.echo(f"{name} can sign in." if new else f"{name} has a new PIN; open sessions of {name} have ended.")


@app.command("list")
def list_(config: Config = None) -> None:
    """Show who has a PIN, and since when."""
    store = open_reader(load(config).data)
    try:
        for person in store.people.everyone():
            typer.echo(f"{datetime.fromtimestamp(person.added_s, UTC):%Y-%m-%d}  {person.name}")
    finally:
        store.close()


@app.command("remove")
def remove_(name: Name, config: Config = None) -> None:
    """Take a person's PIN and sessions away at once; what they did stays written down."""
    store: Store = open_store(load(config).data, secrets.randbits(32))
    try:
        remove(store, name)
    finally:
        store.close()
    typer.echo(f"{name} can no longer sign in.")


def _line() -> str:
    return sys.stdin.readline().rstrip("\r\n")
