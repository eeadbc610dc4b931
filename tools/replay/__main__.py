"""The demo: a scenario through the whole product, with a page that shows the crossings arriving."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from replay import air, faults
from replay.delivery import board_answers, board_troubles, compare, delivered, pull, settled
from replay.processes import ReplayError
from replay.scenario import Scenario, ScenarioError, load
from replay.settle import settle
from replay.stage import Stage, port_in_use

DEFAULT_SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "hamgyong-1961"
PAGE_PORT = 8460
PORT_MAX = 65_535
PULLED = ("crossings.ndjson", "table.json")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="tools/demo", description=__doc__)
    parser.add_argument("--scenario", type=Path, default=DEFAULT_SCENARIO, metavar="DIR", help="what to replay")
    parser.add_argument(
        "--firmware", type=Path, metavar="DIR", help="what boards carry, as `python -m replay.flashed DIR` laid it out"
    )
    parser.add_argument("--once", action="store_true", help="end when all is delivered, instead of serving the page")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where crossings.ndjson and table.json go")
    parser.add_argument("--links", choices=air.NAMES, default="serial", help="what carries the records")
    parser.add_argument("--faults", choices=faults.NAMES, default="none", metavar="NAME", help=", ".join(faults.NAMES))
    parser.add_argument("--seed", type=int, default=1, help="of the moments that faults are drawn at, and of the air")
    parser.add_argument("--port", type=int, help=f"of the page (default {PAGE_PORT}; with --once a free one)")
    parser.add_argument(
        "--patience", type=float, default=90.0, metavar="SECONDS", help="without progress, before the demo gives up"
    )
    return parser


def main() -> int:
    """Run the demo and return the exit code: 0 all delivered and as expected, 1 not, 2 a wrong call."""
    options = parser().parse_args()
    err = Console(stderr=True, soft_wrap=True)
    try:
        check(options)
        scenario = load(options.scenario)
        return asyncio.run(replay(options, scenario))
    except (ScenarioError, UsageError) as error:
        err.print(f"tools/demo: {error}", markup=False, highlight=False)
        return 2
    except ReplayError as error:
        err.print(f"tools/demo: {error}", markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        return 130


class UsageError(Exception):
    """The call cannot be carried out as given."""


def check(options: argparse.Namespace) -> None:
    """Refuse what cannot work before anything starts."""
    if options.firmware and not (options.firmware / "main.py").is_file():
        raise UsageError(f"there is no firmware in {options.firmware}; lay it out with: python -m replay.flashed DIR")
    if options.port is None:
        options.port = 0 if options.once else PAGE_PORT
    if not 0 <= options.port <= PORT_MAX:
        raise UsageError(f"there is no port {options.port}; choose one from 1 to {PORT_MAX}")
    if options.port and port_in_use(options.port):
        raise UsageError(f"port {options.port} is in use; end what uses it, or choose another with --port")
    try:
        options.out = options.out or Path(tempfile.mkdtemp(prefix="checkpost-office-"))
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the folder {options.out} cannot be made: {error.strerror}") from error
    try:
        tempfile.TemporaryFile(dir=options.out).close()
    except OSError as error:
        raise UsageError(f"nothing can be written to the folder {options.out}: {error.strerror}") from error
    for name in PULLED:
        if (options.out / name).is_dir():
            raise UsageError(f"{options.out / name} is a folder; a file of this name is to be written there")


async def replay(options: argparse.Namespace, scenario: Scenario) -> int:
    """Bring everything up, replay, deliver, compare; keep the working folder only when something went wrong."""
    folder = Path(tempfile.mkdtemp(prefix="checkpost-"))
    plan = faults.plan(options.faults, len(scenario.taps), options.seed)
    stage = Stage(scenario, folder, plan, options.port, options.patience, options.links, options.seed, options.firmware)
    out = options.out
    good = False
    try:
        with progress_bar() as bar:
            await bring_up(stage, bar)
            await guarded(stage, take_taps(stage, plan, options.seed, bar))
            await deliver(stage, plan, out, bar)
        good = report(scenario, stage, out)
        if not options.once:
            print(f"The page is at {stage.url} - Ctrl-C ends the demo.", flush=True)
            await asyncio.Event().wait()
    finally:
        await stage.stop()
        if good:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"What the parts wrote is kept in {folder}", file=sys.stderr)
    return 0 if good else 1


def progress_bar() -> Progress:
    """Return the progress display; plain lines where there is no terminal."""
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


async def bring_up(stage: Stage, bar: Progress) -> None:
    """Start all parts and let knowledge reach them."""
    task = bar.add_task("starting boards and services", total=2)
    await stage.start()
    bar.advance(task)
    print(f"The page is at {stage.url}", file=sys.stderr, flush=True)
    await guarded(stage, settle(stage))
    bar.advance(task)


async def take_taps(stage: Stage, plan: faults.Plan, seed: int, bar: Progress) -> None:
    """Replay the taps in their order, and kill what the plan says while it happens."""
    dice = random.Random(seed)
    task = bar.add_task("people at the panels", total=len(stage.scenario.taps))
    for number, tap in enumerate(stage.scenario.taps):
        killer = asyncio.create_task(kill_soon(stage, plan.kills[number], dice)) if number in plan.kills else None
        await stage.guards[tap.point].take(tap)
        if killer:
            await killer
        bar.advance(task)


async def kill_soon(stage: Stage, part: str, dice: random.Random) -> None:
    """Kill a part at some moment within the next tap."""
    await asyncio.sleep(dice.uniform(0.0, 0.03))
    name = stage.kill(part, dice)
    print(f"killed: {name}", file=sys.stderr, flush=True)


async def deliver(stage: Stage, plan: faults.Plan, out: Path, bar: Progress) -> None:
    """Plug what was unplugged, close what stands open, wait for everything to arrive, and pull it."""
    stage.clock.skip(30_000)
    if not plan.links_up:
        await stage.links(up=True)
    task = bar.add_task("records at the office", total=None)
    await delivered(stage, lambda done, total: bar.update(task, completed=done, total=total))
    await settled(stage)
    await pull(stage, out)


async def guarded(stage: Stage, work: object) -> None:
    """Do the work, or fail as soon as a part is found broken for good."""
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    failures = [child.failed for child in stage.children]
    await asyncio.wait([task, *failures], return_when=asyncio.FIRST_COMPLETED)
    for failure in failures:
        if failure.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            failure.result()
    await task


def report(scenario: Scenario, stage: Stage, out: Path) -> bool:
    """Print how it went and return True when all is as it must be."""
    wrong = compare(scenario, stage, out) + board_troubles(stage) + (stage.air.offences() if stage.air else [])
    answers = ", ".join(f"{count} {how}" for how, count in sorted(board_answers(stage).items()))
    print(f"{len(scenario.taps)} taps at {len(scenario.points)} boards; answered: {answers}.")
    if stage.air:
        lawful = "a sender broke the law" if stage.air.offences() else "no sender was over its duty cycle in any hour"
        print(f"On the air: {stage.air.summary()}; {lawful}.")
    print(f"The office's log: {out / 'crossings.ndjson'}; its table: {out / 'table.json'}.")
    if wrong:
        print(f"NOT as it must be, {len(wrong)} findings; the first:", *wrong[:5], sep="\n  ", file=sys.stderr)
        return False
    verdicts = "verdicts and table as expected" if scenario.expected else "no expected verdicts were given"
    print(f"Each tap is there exactly once; {verdicts}.")
    return True


if __name__ == "__main__":
    sys.exit(main())
