"""`checkpost gateway enrol`: exchanges a technician's code for the gateway's own credential."""

from pathlib import Path
from typing import Annotated

import httpx
import typer

from gateway.contract.secrets import write_secret
from gateway.errors import OperatorError
from gateway.settings import Settings, load

TIMEOUT_S = 30


def enrol(
    code: Annotated[str, typer.Argument(help="As the centre gave it; it counts once, for a quarter of an hour.")],
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file; CHECKPOST_GATEWAY_* in the environment counts more.")
    ] = None,
) -> None:
    """Get this gateway's token from the centre, and keep it in its `token_file`."""
    settings = load(config)
    if settings.central_url is None or settings.token_file is None:
        raise OperatorError("To enrol, the gateway needs `central_url` and `token_file` in its settings.")
    keep(settings, settings.token_file, ask(settings.central_url, code))
    typer.echo(f"The gateway {settings.name} is enrolled; its token is in {settings.token_file}.")


def ask(url: str, code: str) -> dict[str, str]:
    """Return the name and token that the centre gives for a code; OperatorError when it gives none."""
    try:
        answer = httpx.post(f"{url.rstrip('/')}/v1/enrolments", json={"code": code}, timeout=TIMEOUT_S)
        found = answer.json()
        if answer.is_success:
            return {"name": str(found["name"]), "token": str(found["token"])}
        why = str(found["detail"])
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise OperatorError(f"The centre at {url} cannot be reached ({error}).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise OperatorError(f"What answers at {url} is not a Checkpost centre; check `central_url`.") from error
    raise OperatorError(f"The centre did not enrol this gateway: {why}")


def keep(settings: Settings, file: Path, enrolled: dict[str, str]) -> None:
    """Write the token, readable by its owner only; OperatorError when it is another gateway's, or cannot be kept."""
    if enrolled["name"] != settings.name:
        raise OperatorError(
            f"This code enrols the gateway {enrolled['name']}, not {settings.name}; ask for another one."
        )
    try:
        write_secret(file, enrolled["token"].encode() + b"\n")
    except OSError as error:
        raise OperatorError(f"The token cannot be kept in {file} ({error.strerror}); ask for another code.") from error
