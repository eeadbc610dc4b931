"""`checkpost board log read|export|erase`, `replace` and `rekey`: a board's past, and another board in its place."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.contract.secrets import write_secret
from gateway.errors import OperatorError
from workbench import journal_image
from workbench.board import logs, settings
from workbench.board.bundle import read_signer
from workbench.board.centre import open_centre
from workbench.board.commissioning import commission
from workbench.board.finding import choose_port, same_port
from workbench.board.fit_commands import Out, Port, SignKey, TokenFile, Url
from workbench.board.pending import Keys
from workbench.board.provision import Wanted
from workbench.board.settings import BoardSettings
from workbench.board.wire import connect

BARE = (
    "An image says nothing of link, language, display and update key: the spare has a serial link, English, an sh1106 "
    "and no update key. For others provision it again at this point and lane (checkpost board provision)."
)
log = typer.Typer(help="A board's log: read it out, show it, erase it.")
Image = Annotated[Path, typer.Argument(help="an image of a journal chip")]


@log.callback(invoke_without_command=True)
def whole(
    context: typer.Context,
    bundle: Annotated[Path | None, typer.Option(help="write the log as a sealed file for the board's gateway")] = None,
    port: Port = None,
) -> None:
    """A board's log: bring it to its gateway in a file (--bundle), read it out, show it, erase it."""
    if context.invoked_subcommand is not None:
        return
    if bundle is None:
        print(context.get_help())
        raise typer.Exit(2)
    board = connect(choose_port(port))
    try:
        data = logs.fetch_bundle(board)
    finally:
        board.close()
    bundle.write_bytes(data)
    print(f"{bundle}: {len(data)} bytes; take it in with: checkpost gateway bundle {bundle}")


@log.command()
def read(image: Image, port: Port = None) -> None:
    """Read the journal chip of a board into an image; changes nothing on the board."""
    board = connect(choose_port(port))
    try:
        data = logs.read_out(board)
    finally:
        board.close()
    logs.keep(image, data)
    _tell(image)


@log.command()
def export(image: Image, to: Annotated[Path | None, typer.Option(help="a file, not the terminal")] = None) -> None:
    """Write a JSON line for each record of an image."""
    if not image.is_file():
        raise OperatorError(f"{image} is not there: read a board out first (checkpost board log read)")
    text = "".join(f"{line}\n" for line in logs.lines(image))
    if to:
        to.write_text(text)
    else:
        sys.stdout.write(text)


@log.command()
def erase(
    image: Annotated[Path, typer.Option(help="where the log is kept before it is erased")],
    centre: Annotated[str | None, typer.Option(envvar="CHECKPOST_CENTRAL_URL", help="address of the centre")] = None,
    token_file: Annotated[Path | None, typer.Option(envvar="CHECKPOST_TOKEN_FILE", help="the admin's token")] = None,
    port: Port = None,
) -> None:
    """Erase a board's log, when the centre holds all of it or a technician types a sentence; it is read out first."""
    board = connect(choose_port(port))
    try:
        data = logs.read_out(board)
        logs.keep(image, data)
        last = logs.spans(journal_image.read_records(image))
        held = open_centre(centre, token_file).held if centre and token_file else lambda number, epoch: 0
        missing = logs.lost_by_erasing(held, last)
        for (number, epoch), count in missing.items():
            print(f"board {number}, epoch {epoch}: {count} records are not known to be at the centre", file=sys.stderr)
        damaged = logs.unreadable(data)
        if damaged:
            print(f"{damaged} sectors cannot be read: nobody knows what they hold", file=sys.stderr)
        if missing or damaged:
            sentence = logs.SENTENCE.format(max(last)[0] if last else "unknown")
            if typer.prompt(f"To erase it all the same, type: {sentence}", default="", show_default=False) != sentence:
                raise OperatorError(f"nothing is erased; the log is in {image}")
        count = logs.erase(board)
    finally:
        board.close()
    print(f"{count} sectors erased; the log is in {image}. Provision the board before it is used again.")


def replace(
    centre: Url,
    token_file: TokenFile,
    gateway: Annotated[str, typer.Option(help="name of the gateway that the board talks to")],
    sign_key: SignKey,
    dead: Annotated[str | None, typer.Option(help="port of the board to be replaced, where it still answers")] = None,
    image: Annotated[Path | None, typer.Option(help="image of its journal chip, where it does not")] = None,
    point: Annotated[str | None, typer.Option(help="crossing point (default: what the dead board says)")] = None,
    lane: Annotated[str | None, typer.Option(help="lane (default: what the dead board says)")] = None,
    out: Out = Path("commissioning"),
    port: Port = None,
) -> None:
    """Let a flashed spare take a board's place: the old log is read out first, then a new epoch begins on the spare."""
    if (dead is None) == (image is None):
        raise OperatorError("name the board to be replaced by --dead PORT, or the image of its chip by --image FILE")
    port = choose_port(port)
    if dead is not None and same_port(dead, port):
        raise OperatorError(
            f"{port} is the board to be replaced: plug the spare in, and name the spare's port by --port"
        )
    out.mkdir(parents=True, exist_ok=True)
    held: BoardSettings | None = None
    if dead is not None:
        held, image = _read_dead(dead, out)
    assert image is not None
    number, epoch = logs.owner(image.read_bytes())
    point, lane = point or (held.point if held else None), lane or (held.lane if held else None)
    if not point or not lane:
        raise OperatorError(f"board {number} does not say where it stood: give --point and --lane")
    values = held.values if held else {}
    link = values.get("link", {"carrier": "serial", "baud": 921_600})
    kept = {name: values[name] for name in ("direction", "language", "oled", "update_key") if name in values}
    _stand_in(Wanted(point, lane, gateway, link, number=number, **kept), port, (centre, token_file, sign_key), out)
    _tell(image)
    print(f"the log of board {number}, epoch {epoch}, is in {image}: bring it to its gateway")
    if not held:
        print(BARE, file=sys.stderr)


def rekey(
    centre: Url,
    token_file: TokenFile,
    board: Annotated[int | None, typer.Option(help="number of a board that is stolen: its keys end at once")] = None,
    gateway: Annotated[str | None, typer.Option(help="a gateway, for a new token; with --port the board's")] = None,
    sign_key: Annotated[Path | None, typer.Option(help="the technician's key, for the new report of a board")] = None,
    out: Out = Path("commissioning"),
    port: Port = None,
) -> None:
    """End the keys of a stolen or suspect board or gateway; a board at hand (--port) gets new ones and a new epoch."""
    if board is not None and (port is not None or gateway is not None):
        raise OperatorError("name one of --port with its --gateway, --board alone, or --gateway alone")
    if port is not None:
        if gateway is None or sign_key is None:
            raise OperatorError("a board at hand needs --gateway and --sign-key, too")
        _stand_in(_wanted_of(port, gateway), port, (centre, token_file, sign_key), out)
    elif board is not None:
        keys = Keys.make()  # nobody keeps these: no board can speak as this one until it is provisioned again
        ended = open_centre(centre, token_file).open_epoch(board, keys.link, keys.seal)
        print(f"board {board}: its keys have ended, epoch {ended.epoch} waits for whoever takes its place")
    elif gateway is not None:
        path = out / f"gateway-{gateway}.token"
        out.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".try").touch()  # the old token ends with the next line: first it is sure that a file can be
        path.with_suffix(".try").unlink()
        write_secret(path, open_centre(centre, token_file).enrol(gateway).encode())
        print(f"gateway {gateway}: its token has ended; the new one is in {path}. Rekey each of its boards, too.")
    else:
        raise OperatorError("name what is suspect: --port of a board at hand, --board NUMBER, or --gateway NAME")


def _wanted_of(port: str, gateway: str) -> Wanted:
    board = connect(port)
    try:
        held = settings.read(board)
    finally:
        board.close(restart=False)
    if held is None:
        raise OperatorError(f"{port}: the board has no settings: provision it")
    kept = {name: held.values[name] for name in ("direction", "language", "oled", "update_key") if name in held.values}
    return Wanted(held.point, held.lane, gateway, held.values["link"], number=held.board, **kept)


def _stand_in(wanted: Wanted, port: str | None, access: tuple[str, Path, Path], out: Path) -> None:
    """Provision the board at a port for a place that has a number already, and write its papers."""
    centre, token_file, sign_key = access
    signer = read_signer(sign_key)
    board = connect(choose_port(port))
    try:
        held = settings.read(board)
        if held and held.board != wanted.number:
            where = f"{board.port}: this is board {held.board}, at {held.point} lane {held.lane}"
            raise OperatorError(
                f"{where}: take a spare without a lane, or erase its log first (checkpost board log erase)"
            )
        done, _ = commission(board, open_centre(centre, token_file), wanted, signer, out)
    finally:
        board.close()
    here = done.registered
    print(f"board {here.board}, epoch {here.epoch}, at {wanted.point} lane {wanted.lane}: new keys in place")


def _read_dead(port: str, out: Path) -> tuple[BoardSettings | None, Path]:
    board = connect(port)
    try:
        held = settings.read(board)
        data = logs.read_out(board)
    finally:
        board.close(restart=False)
    number, epoch = logs.owner(data)
    image = out / f"board-{number}-{epoch}-log.bin"
    logs.keep(image, data)
    return held, image


def _tell(image: Path) -> None:
    for (number, epoch), seq in logs.spans(journal_image.read_records(image)).items():
        print(f"{image}: board {number}, epoch {epoch}, up to record {seq}")
