"""python -m virtualboard: make a board's files, run it, measure it."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from .child import NoInterpreter, interpreter_path
from .chips.ds3231 import set_clock_state
from .folder import Options
from .host import Host
from .image import FirmwareMissing, make_image
from .measure import measure


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="virtualboard", description="A kiosk board without the board.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("make", help="write fs.img and the clock's state into a folder")
    make.add_argument("--dir", type=Path, required=True)
    make.add_argument("--firmware", type=Path, required=True)
    make.add_argument("--settings", type=Path)
    make.add_argument("--clock-unset", action="store_true", help="a clock chip that was never set")
    run = verbs.add_parser("run", help="run the board in a folder until it is stopped")
    run.add_argument("--dir", type=Path, required=True)
    run.add_argument("--baud", type=int, default=921600)
    run.add_argument("--heap", default="192wk")
    run.add_argument("--fast-chips", type=float, default=1.0, metavar="FACTOR", help="scale the chips' own times")
    run.add_argument("--oled", choices=("sh1106", "ssd1306"), default="sh1106")
    run.add_argument("--id", default="e66058388300e001", help="machine.unique_id() in hex")
    run.add_argument("--no-restart", action="store_true", help="stay off after a power cut")
    run.add_argument("--off", action="store_true", help="wait for power from the control channel")
    run.add_argument("--follow-stdin", action="store_true", help="stop when standard input closes")
    run.add_argument("--cpu", type=int, help="run board and chips on this processor (default: one by process number)")
    run.add_argument("--cards", type=Path, help="a folder of cards with a memory of their own, shared between boards")
    run.add_argument("--ether", type=Path, help="the socket of an ether that radios share (default: alone)")
    run.add_argument("--radio", default="", help="this board's name there (default: its folder's)")
    run.add_argument("--log", action="store_true", help="copy the board's terminal to standard error")
    test = verbs.add_parser("measure", help="time round trips from MicroPython to the chips")
    test.add_argument("--cpu", type=int)
    return parser


def _make(args: argparse.Namespace) -> int:
    args.dir.mkdir(parents=True, exist_ok=True)
    count = make_image(args.dir / "fs.img", args.firmware, args.settings)
    if not args.clock_unset:
        (args.dir / "rtc.json").write_text(json.dumps(set_clock_state()))
    print(json.dumps({"files": count, "image": str(args.dir / "fs.img")}))
    return 0


def _run(args: argparse.Namespace) -> int:
    interpreter_path()
    if not (args.dir / "fs.img").is_file():
        raise FirmwareMissing(f"there is no board in {args.dir}: make one with python -m virtualboard make")
    stay_on_one_cpu(args.cpu)
    options = Options(
        args.dir, args.baud, args.heap, args.fast_chips, args.oled, os.environ.get("CHECKPOST_CLOCK"), args.id,
        restart=not args.no_restart, follow_stdin=args.follow_stdin, log=args.log, cards=args.cards,
        ether=args.ether, radio=args.radio,
    )  # fmt: skip
    host = Host(options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: host.stop())
    host.power(not args.off)
    ready = {
        "ready": True,
        "control": host.control.path,
        "uart0": str(args.dir / "uart0"),
        "repl": str(args.dir / "repl"),
    }
    print(json.dumps(ready), flush=True)
    host.run()
    return 0


def stay_on_one_cpu(cpu: int | None) -> None:
    """Keep this process and the board it starts on one processor: they only ever wait for each other, and a
    switch between two processors costs four times as much as one on the same."""
    if not hasattr(os, "sched_setaffinity"):
        return
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {allowed[(os.getpid() if cpu is None else cpu) % len(allowed)]})


def main() -> int:
    """Run a command; a mistake is one sentence on standard error and exit code 2."""
    args = _parser().parse_args()
    verbs: dict[str, Callable[[argparse.Namespace], int]] = {
        "make": _make,
        "run": _run,
        "measure": lambda given: measure(given.cpu),
    }
    try:
        return verbs[args.verb](args)
    except (NoInterpreter, FirmwareMissing, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
