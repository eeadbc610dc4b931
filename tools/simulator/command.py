"""`checkpost sim run`: one seed, or many, and the table of what they met and what was lost."""

import gc
import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from gateway.errors import OperatorError
from simulator.faults import ALL, UnknownFault, chosen
from simulator.links import MIXED, NAMES
from simulator.played import Line, Played, code_mark
from simulator.run import Result, attempt
from simulator.shrink import Shape, shrink

app = typer.Typer(help="The whole chain in one process, in virtual time, from a seed.", no_args_is_help=True)
COLLECT_AFTER = 500_000  # objects more than before: not within a run of the usual size, after which all is collected
BROKEN = 1  # exit code when an invariant did not hold
INVARIANTS = (
    "lost",
    "altered",
    "changed",
    "unwritten",
    "doubled",
    "gap",
    "chain",
    "nonce",
    "feed",
    "misread",
    "verdict",
    "time",
    "alarm",
    "law",
    "crash",
)


@dataclass
class Total:
    """Sums over runs."""

    seeds: int = 0
    records: int = 0
    crossings: int = 0
    simulated_s: float = 0.0
    packets: int = 0
    air_s: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)  # runs by the mark of the code that played them

    def add(self, line: Line) -> None:
        """Add one run."""
        result = line.result
        self.codes[line.code] += 1
        self.seeds += 1
        self.records += result.records
        self.crossings += result.crossings
        self.simulated_s += result.simulated_s
        self.packets += result.packets
        self.air_s += result.air_s
        self.faults += result.faults
        self.broken += Counter(words.split(":")[0].split(" ")[0] for words in result.broken)


@app.callback()
def main() -> None:
    """Keep `run` a command of its own."""


@app.command()
def run(
    seed: Annotated[int | None, typer.Option(help="One seed.")] = None,
    seeds: Annotated[str | None, typer.Option(help="Many seeds, as 1-10000.")] = None,
    boards: Annotated[int, typer.Option(min=1, max=64, help="Boards at one or two gateways.")] = 6,
    taps: Annotated[int, typer.Option(min=1, help="Taps of a run, over all boards.")] = 200,
    faults: Annotated[str, typer.Option(help="all, none, or names with commas between.")] = "all",
    links: Annotated[str, typer.Option(help="What carries the records: mixed, serial, lora, scarce.")] = MIXED,
    jobs: Annotated[int, typer.Option(min=0, help="Runs at once; 0: one a core.")] = 0,
    log: Annotated[Path | None, typer.Option(help="A line a run; those that stand there are not played again.")] = None,
) -> None:
    """Run seeds; a run that breaks an invariant is told with the line that repeats it, and made smaller."""
    try:
        names = chosen(faults)
    except UnknownFault as error:
        raise OperatorError(str(error)) from error
    if links not in NAMES:
        raise OperatorError(f"--links {links}: there are {', '.join(NAMES)}.")
    span = _span(seed, seeds)
    shape = Shape(boards, taps, names, links)
    played = Played(log, shape) if log else None
    total, started, code = Total(), monotonic(), code_mark()
    before = [played.lines[one] for one in span if one in played.lines] if played else []
    for line in before:
        total.add(line)
    left = [one for one in span if not played or one not in played.lines]
    console = Console(stderr=True)
    try:
        for result in track(
            _results(left, shape, jobs or os.cpu_count() or 1),
            "seeds",
            len(left),
            console=console,
            disable=not console.is_terminal,
        ):
            if played:
                played.add(code, result)
            total.add(Line(code, result))
            if result.broken:
                _tell(result, shape)
    except KeyboardInterrupt:
        more = "the same command goes on" if log else "--log FILE lets the same command go on"
        console.print(f"Stopped after {total.seeds} of {len(span)} seeds; {more}.")
    Console(width=100).print(_table(total, len(before), monotonic() - started))
    if total.broken:
        raise typer.Exit(BROKEN)


def _span(seed: int | None, seeds: str | None) -> range:
    try:
        first, last = (int(part) for part in seeds.split("-")) if seeds else (seed or 1, seed or 1)
    except ValueError as error:
        raise OperatorError(f"--seeds {seeds} is no span; write it as 1-10000.") from error
    if last < first:
        raise OperatorError(f"--seeds {seeds} ends before it begins.")
    return range(first, last + 1)


def _results(seeds: Sequence[int], shape: Shape, jobs: int) -> Iterator[Result]:
    _quieten()
    jobs = min(jobs, len(seeds))
    if jobs <= 1:
        yield from (_tidily(seed, *shape) for seed in seeds)
        return
    with ProcessPoolExecutor(jobs, initializer=_quieten) as pool:
        yield from pool.map(_tidily, seeds, *([value] * len(seeds) for value in shape))


def _tidily(seed: int, boards: int, taps: int, chosen: tuple[str, ...], links: str) -> Result:
    """Run a seed and let go of all that it made: what is in circles (50 MB) is not kept for the next ones."""
    result = attempt(seed, boards, taps, chosen, links)
    gc.collect()
    return result


def _quieten() -> None:
    """Make a process ready: no log, of which thousands of faults would fill a page a second, and little collecting.

    What was imported stays, and for the garbage collector to look at it again and again is a tenth of a run; of what a
    run makes little is in circles; `_tidily` takes that away behind each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _tell(result: Result, shape: Shape) -> None:
    print(f"seed {result.seed}: {len(result.broken)} broken, mark {result.mark or 'none'}")
    for words in result.broken[:5]:
        print(f"  {words}")
    for words in result.story:
        print(f"    {words}")
    print(f"  again: {line(result.seed, shape)}")
    print(f"  smaller: {line(result.seed, shrink(result.seed, shape))}", flush=True)


def line(seed: int, shape: Shape) -> str:
    """Return the command that repeats a run."""
    faults = "all" if shape.faults == ALL else ",".join(shape.faults) or "none"
    return (
        f"checkpost sim run --seed {seed} --boards {shape.boards} --taps {shape.taps} --faults {faults}"
        f" --links {shape.links}"
    )


def _table(total: Total, before: int, wall_s: float) -> Table:
    now = total.seeds - before
    table = Table(title=f"{total.seeds:,} seeds, {now:,} of them now: {wall_s:.0f} s, {now / wall_s:.2f} a second")
    table.add_column("what")
    table.add_column("count", justify="right")
    for name, value in (("records", total.records), ("crossings", total.crossings)):
        table.add_row(name, f"{value:,}")
    table.add_row("simulated hours", f"{total.simulated_s / 3600:,.1f}")
    table.add_row("packets on the air", f"{total.packets:,}")
    table.add_row("hours on the air", f"{total.air_s / 3600:,.1f}", end_section=True)
    for name, count in sorted(total.faults.items()):
        table.add_row(f"fault: {name}", f"{count:,}")
    table.add_section()
    for code, count in total.codes.most_common():
        table.add_row(f"seeds with code {code}", f"{count:,}")
    table.add_section()
    for name in INVARIANTS:
        table.add_row(f"broken: {name}", str(total.broken[name]))
    return table
