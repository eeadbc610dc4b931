"""The command line of the benches: which to run, how long, and how the figures are shown."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from benches import board, card, central, gateway, link, soak
from benches.figures import Figure, machine, table
from benches.interpreter import BenchFailed

Bench = Callable[[bool, Callable[[str], None]], Iterator[Figure]]

BENCHES: dict[str, tuple[Bench, str]] = {
    "board": (board.measure, "a tap on the board, its flash, its memory"),
    "link": (link.measure, "bytes and airtime of crossings, records over the serial line"),
    "card": (card.measure, "the live proof of a card: APDUs, bytes, processor"),
    "gateway": (gateway.measure, "intake and answers of a gateway"),
    "central": (central.measure, "the centre on PostgreSQL beside COPY and DuckDB; only when named"),
    "soak": (soak.measure, "100,000 taps in a board's memory (--quick: 3,000); only when named"),
}
LONG = ("central", "soak")  # need minutes and gigabytes, or most of an hour: run by name only
EXIT_MISSED, EXIT_USAGE, EXIT_FAILED = 1, 2, 3


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    benches = "\n".join(f"  {name:8} {words}" for name, (_, words) in BENCHES.items())
    made = argparse.ArgumentParser(
        prog="tools/bench",
        description="Measures the project and prints one JSON line a figure. Ends with 1 when a limit is missed.",
        epilog="benches:\n" + benches,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "names", nargs="*", metavar="NAME", help="which benches (all but those that are only run when named)"
    )
    made.add_argument("--quick", action="store_true", help="fewer repetitions: seconds instead of minutes")
    made.add_argument("--table", action="store_true", help="a table for people instead of JSON lines")
    return made


def tell(words: str) -> None:
    """Say how far we are; standard output belongs to the figures."""
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def main(arguments: list[str]) -> int:
    """Run the benches and return the exit code."""
    asked = parser().parse_args(arguments)
    unknown = [name for name in asked.names if name not in BENCHES]
    if unknown:
        tell(f"There is no bench {unknown[0]!r}: use {', '.join(BENCHES)}.")
        return EXIT_USAGE
    names = asked.names or [name for name in BENCHES if name not in LONG]
    try:
        found = run(names, asked.quick, asked.table)
    except BenchFailed as error:
        tell(str(error))
        return EXIT_FAILED
    missed = [f"{figure.bench} {figure.figure}" for figure in found if not figure.kept()]
    if missed:
        tell(f"{len(missed)} of {len(found)} figures miss their limit: {', '.join(missed)}.")
    return EXIT_MISSED if missed else 0


def run(names: list[str], quick: bool, as_table: bool) -> list[Figure]:
    """Run benches one after the other; JSON lines go out as they come, a table in the end. Return all figures."""
    found = []
    for name in names:
        begun = time.monotonic()
        tell(f"bench {name}: {BENCHES[name][1]}")
        for figure in BENCHES[name][0](quick, tell):
            found.append(figure)
            if not as_table:
                print(figure.line(), flush=True)
        tell(f"bench {name}: done in {time.monotonic() - begun:.0f} s")
    if as_table:
        print(f"On {machine()}:\n\n{table(found)}")
    return found
