"""`checkpost gateway update`: have boards run a firmware, which comes to them over their links."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.boards.firmware import Bundle
from gateway.clock import open_clock
from gateway.contract import CONSOLE_LANE
from gateway.errors import OperatorError
from gateway.settings import load
from gateway.store.store import Store, open_store

Config = Annotated[
    Path | None, typer.Option("--config", help="TOML file; CHECKPOST_GATEWAY_* in the environment counts more.")
]


def update(
    file: Annotated[Path | None, typer.Argument(help="a bundle, made with checkpost board bundle")] = None,
    board: Annotated[list[int] | None, typer.Option(help="number of a board; repeatable (default: all)")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="send nothing more of what boards were to run")] = False,
    config: Config = None,
) -> None:
    """Have boards run a firmware: it goes down their links between taps, and each board proves it and tries it out."""
    import secrets

    if (file is None) is not stop:
        raise OperatorError("give a bundle, or --stop")
    bundle = None if file is None else _read(file)
    settings = load(config)
    store = open_store(settings.data, secrets.randbits(32))
    try:
        boards = _chosen(store, board)
        with store.transaction():
            if bundle is None:
                print(f"{store.firmware.stop(boards)} boards are sent nothing more; one that has all of it goes on")
                return
            now_s = open_clock(settings.clock_file).utc_ms() // 1000
            store.firmware.ask(bundle.id, bundle.dotted, bundle.data, boards, now_s)
    finally:
        store.close()
    print(
        f"firmware {bundle.dotted}, {len(bundle.files)} files, goes to board {', '.join(map(str, boards))} while the "
        "gateway runs, what they lack of it; how far it is: checkpost gateway status"
    )


def _read(file: Path) -> Bundle:
    try:
        return Bundle(file.read_bytes())
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}") from error


def _chosen(store: Store, wanted: list[int] | None) -> list[int]:
    """Return the boards that are meant; OperatorError for one that is not this gateway's."""
    known = sorted(board.board for board in store.knowledge.boards() if board.lane != CONSOLE_LANE)
    strange = [number for number in wanted or [] if number not in known]
    if strange or not known:
        names = ", ".join(map(str, known)) or "none yet"
        raise OperatorError(f"this gateway has no board {strange[0] if strange else ''}; it has {names}")
    return sorted(set(wanted)) if wanted else known
