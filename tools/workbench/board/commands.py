"""`checkpost board`: what a technician does with kiosk boards."""

import sys
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from gateway.errors import OperatorError
from workbench.board import fit_commands, log_commands, update_commands, voucher_commands
from workbench.board.finding import choose_ports
from workbench.board.flash import Done
from workbench.board.flash import flash as flash_board
from workbench.board.tree import Builder, find_firmware
from workbench.board.wire import connect

app = typer.Typer(help="Kiosk boards: flash, provision, check, update, read out.", no_args_is_help=True)

Ports = Annotated[list[str] | None, typer.Option("--port", help="serial port, pty or socket://HOST:PORT; repeatable")]
Firmware = Annotated[Path | None, typer.Option(help="firmware folder (default: the one of this command)")]


app.command()(fit_commands.provision)
app.command()(voucher_commands.voucher)
app.command()(fit_commands.check)
app.command("report")(fit_commands.check_report)
app.command()(fit_commands.key)
app.command()(update_commands.bundle)
app.command()(update_commands.update)
app.add_typer(log_commands.log, name="log")
app.command()(log_commands.replace)
app.command()(log_commands.rekey)


@app.command()
def flash(
    port: Ports = None,
    firmware: Firmware = None,
    clear: Annotated[bool, typer.Option("--clear", help="remove a plain tree first, where both do not fit")] = False,
) -> None:
    """Bring boards to a firmware: only what differs is sent, all of it is proved; safe to repeat after any break."""
    folder = firmware or find_firmware()
    ports = choose_ports(port or [])
    build = Builder()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars, ThreadPoolExecutor(len(ports)) as pool:
        running = {name: pool.submit(_flash_one, name, folder, bars, clear, build) for name in ports}
    told = [_told(name, future) for name, future in running.items()]
    if not all(told):
        raise OperatorError("not every board was flashed: what is named above has to be put right; run it again")


def _flash_one(port: str, folder: Path, bars: Progress, clear: bool, build: Builder) -> Done:
    task = bars.add_task(port, total=None)
    board = connect(port)
    try:
        tell = partial(_progress, bars, task)
        done = flash_board(board, folder, tell, clear, build)
    except BaseException:
        board.close(restart=False)
        raise
    board.close()
    bars.update(task, completed=done.bytes_sent, total=done.bytes_sent)
    return done


def _progress(bars: Progress, task: TaskID, sent: int, total: int) -> None:
    bars.update(task, completed=sent, total=total)


def _told(port: str, future: Future[Done]) -> bool:
    """Say how a board's flash ended; return False if it failed."""
    try:
        done = future.result()
    except (OperatorError, OSError) as error:  # of this board alone, or of the firmware's folder
        print(f"checkpost: {port}: {str(error).removeprefix(f'{port}: ')}", file=sys.stderr)
        return False
    what = f"{len(done.sent)} files sent, {len(done.copied)} taken over, {len(done.kept)} there already"
    state = f"now runs {done.version} from slot {done.slot}" if done.changed else f"runs {done.version} already"
    print(f"{port}: board {done.facts.chip_id} {state}; {what}; every file proved by its hash")
    return True
