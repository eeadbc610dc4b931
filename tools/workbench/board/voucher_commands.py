"""`checkpost board voucher`: fetches, while the centre can be reached, what provisioning needs without it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.contract import sealing
from gateway.contract.enrolment import MAX_NUMBERS
from gateway.errors import OperatorError
from workbench.board.bundle import read_signer
from workbench.board.centre import open_centre
from workbench.board.fit_commands import SignKey, TokenFile, Url
from workbench.board.voucher import VoucherFile, write


def voucher(
    file: Annotated[Path, typer.Argument(help="where the voucher goes; it holds no secret")],
    centre: Url,
    token_file: TokenFile,
    gateway: Annotated[str, typer.Option(help="name of the gateway that the boards are to talk to")],
    sign_key: SignKey,
    boards: Annotated[int, typer.Option(help="how many boards", min=1, max=MAX_NUMBERS)] = 5,
) -> None:
    """Reserve board numbers, and take along what provisioning needs where no line leads to the centre."""
    if file.exists():
        raise OperatorError(f"{file} is there already: name another file, its numbers may be in use")
    given = open_centre(centre, token_file).voucher(gateway, read_signer(sign_key).public.hex(), boards)
    write(file, given, {})
    found = VoucherFile(file).voucher
    until = datetime.fromtimestamp(found.until_s, UTC).date()
    print(f"{file}: board numbers {', '.join(map(str, found.numbers))} for gateway {gateway}, until {until}")
    print(f"keys go sealed to the centre's key {sealing.fingerprint(found.centre_key)}: compare it with the office's")
