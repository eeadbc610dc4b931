"""What the office's commands share: where the centre is, whose token is taken, and one sentence for what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import OperatorError

Url = Annotated[str, typer.Option(help="Address of the centre.", envvar="CHECKPOST_CENTRAL_URL")]
Token = Annotated[
    Path, typer.Option(help="File with the office's token, or the centre's tokens.json.", envvar="CHECKPOST_TOKEN_FILE")
]


@contextmanager
def one_sentence() -> Iterator[None]:
    """Say what the disk refused, or that someone stopped it, in one sentence."""
    try:
        yield
    except OSError as error:
        raise OperatorError(f"{error.filename or 'A file'} cannot be read or written ({error.strerror}).") from error
    except KeyboardInterrupt:
        typer.echo("Stopped; the next pull goes on from here.", err=True)
        raise typer.Exit(130) from None
