"""`checkpost gateway admit`: takes in a board that was provisioned where no line leads to the centre."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from gateway.boards.admission import AdmissionRefused, Own
from gateway.boards.admission import admit as admit_board
from gateway.clock import open_clock
from gateway.contract import sealing
from gateway.contract.enrolment import Signed
from gateway.settings import load
from gateway.store.store import open_store


def admit(
    file: Annotated[Path, typer.Argument(help="an enrolment, written by `checkpost board provision --voucher`")],
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file; CHECKPOST_GATEWAY_* in the environment counts more.")
    ] = None,
) -> None:
    """Take in a board from its enrolment file: it is served at once, and the centre hears of it by this gateway."""
    import secrets

    settings = load(config)
    try:
        given = Signed.model_validate_json(file.read_bytes())
    except OSError as error:
        raise AdmissionRefused(f"{file} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise AdmissionRefused(f"{file} is no enrolment, or a part of it is missing: copy it again") from error
    store = open_store(settings.data, secrets.randbits(32))
    try:
        now_s = open_clock(settings.clock_file).utc_ms() // 1000
        done = admit_board(store, given, Own(settings.name, sealing.open_key(settings.data)), now_s)
    except AdmissionRefused as error:
        raise AdmissionRefused(f"{file}: {error}") from error
    finally:
        store.close()
    board = done.board
    word = "is served from now on" if done.new else "is served already"
    typer.echo(f"board {board.board}, epoch {board.epoch}, at {board.crossing_point} lane {board.lane}, {word}")
    typer.echo(f"signed by {done.technician}; the centre hears of it when it is reached: checkpost gateway status")
