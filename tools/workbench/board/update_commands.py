"""`checkpost board bundle` and `update`: a signed firmware, from the desk that makes it to the board that proves it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from gateway.errors import OperatorError
from workbench.board import bundle as bundles
from workbench.board.facts import look
from workbench.board.finding import choose_port
from workbench.board.tree import build, find_firmware
from workbench.board.update import decide
from workbench.board.update import update as update_board
from workbench.board.wire import connect

Port = Annotated[str | None, typer.Option(help="serial port, pty or socket://HOST:PORT (default: the one on USB)")]
ANY_PROCESSOR = bundles.MPY  # the firmware has no machine code: one bundle serves all boards


def bundle(
    file: Annotated[Path, typer.Argument(help="where the bundle goes")],
    sign_key: Annotated[Path, typer.Option(help="private key of whoever releases firmware")],
    firmware: Annotated[Path | None, typer.Option(help="firmware folder (default: the one of this command)")] = None,
) -> None:
    """Make a signed bundle of a firmware."""
    tree = build(firmware or find_firmware(), ANY_PROCESSOR)
    signer = bundles.read_signer(sign_key)
    data = bundles.pack(tree, signer)
    file.write_bytes(data)
    version = ".".join(map(str, tree.version))
    print(f"{file}: firmware {version}, {len(tree.files)} files, {len(data)} bytes, signed by {signer.public.hex()}")


def update(
    file: Annotated[Path | None, typer.Argument(help="a bundle")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="keep the firmware that is on trial")] = False,
    back: Annotated[bool, typer.Option("--back", help="leave the firmware that is on trial")] = False,
    port: Port = None,
) -> None:
    """Bring a bundle onto a board, which checks it and tries it out; broken off, it goes on where it stood."""
    if sum((file is not None, confirm, back)) != 1:
        raise OperatorError("give a bundle, or --confirm, or --back")
    place = choose_port(port)
    if file is None:
        _decide(place, confirm)
        return
    try:
        data = file.read_bytes()
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}") from error
    head, _ = bundles.split(data)
    board = connect(place)
    try:
        before = look(board).running_version
        if not before:
            raise OperatorError(f"{place}: the board has no firmware in a slot: checkpost board flash first")
        with Progress(console=Console(stderr=True)) as bars:
            task = bars.add_task(place, total=len(data) - len(head))
            taken = update_board(board, data, lambda done, total: bars.update(task, completed=done, total=total))
    finally:
        board.close()
    files = f"{taken.sent} files sent, {taken.was_there} were there"
    print(f"{place}: {taken.version} is on trial, {before} is kept beside it; {files}")
    print(
        "It is kept after a sync with its gateway and a card, or with checkpost board update --confirm; "
        "else the board goes back by itself.",
        file=sys.stderr,
    )


def _decide(port: str, keep: bool) -> None:
    board = connect(port)
    try:
        facts = decide(board, keep)
    finally:
        board.close()
    print(f"{port}: the board {'keeps' if keep else 'goes back to'} {facts.running_version} and starts anew")
