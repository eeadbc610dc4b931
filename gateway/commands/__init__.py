"""The `checkpost` command: its groups are found by entry points, so that no part has to know the others."""

import sys
from importlib.metadata import EntryPoint, entry_points

import typer

from gateway.errors import OperatorError

GROUP = "checkpost.commands"
MISTAKE = 1  # exit code of what an operator can put right


def command(wanted: list[str]) -> typer.Typer:
    """Return the command with its groups; only the one that `wanted` (the arguments) names is loaded, else all."""
    app = typer.Typer(
        name="checkpost",
        help="Edge software for border checkpoint kiosks.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,  # whatever this version's default: keys may be among them
    )
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    named = [point for point in found if point.name in wanted[:1]]
    for point in named or found:
        app.add_typer(_load(point), name=point.name)
    return app


def main() -> None:
    """Run the command; an operator's mistake ends it with one sentence and exit code 1."""
    try:
        command(sys.argv[1:])()
    except OperatorError as error:
        print(f"checkpost: {error}", file=sys.stderr)
        sys.exit(MISTAKE)
    except OSError as error:
        if error.filename is None:
            raise
        print(f"checkpost: {error.filename}: {error.strerror}", file=sys.stderr)  # not there, or no right to it
        sys.exit(MISTAKE)


def _load(point: EntryPoint) -> typer.Typer:
    group = point.load()
    assert isinstance(group, typer.Typer)
    return group
