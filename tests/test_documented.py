"""Every command, option and setting stands in a README."""

import re
from pathlib import Path

import click
import pytest
import typer.main

from gateway.commands import command
from gateway.settings import Settings
from replay.__main__ import parser

ROOT = Path(__file__).resolve().parent.parent
GATEWAY = (ROOT / "gateway" / "README.md").read_text()
BENCH = (ROOT / "tools" / "README.md").read_text()
TOP = (ROOT / "README.md").read_text()
FIRMWARE = (ROOT / "firmware" / "README.md").read_text()


def _commands(group, path="checkpost"):
    for name, item in sorted(group.commands.items()):
        if isinstance(item, click.Group) or hasattr(item, "commands"):
            yield from _commands(item, f"{path} {name}")
        else:
            yield f"{path} {name}", item


COMMANDS = dict(_commands(typer.main.get_command(command([]))))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_options_are_explained(name):
    row = next((line for line in (GATEWAY + BENCH).splitlines() if line.startswith(f"| `{name}`")), None)
    assert row, f"neither gateway/README.md nor tools/README.md has a row for {name}"
    for option in COMMANDS[name].params:
        if option.name != "help" and option.opts[0].startswith("--"):
            assert f"`{option.opts[0]}`" in row, f"{name} {option.opts[0]}"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_of_the_gateway_is_explained(name):
    assert f"`{name}`" in GATEWAY


def test_an_option_of_the_demo_is_explained():
    for action in parser()._actions:
        if action.dest != "help":
            assert action.option_strings[0] in TOP, action.option_strings[0]


def test_a_setting_of_the_board_is_explained():
    source = (ROOT / "firmware" / "settings.py").read_text()
    names = set(re.findall(r"take\.\w+\(\"(\w+)\"", source)) | set(
        re.findall(r"(?:point|link)\.\w+\(\"(\w+)\"", source)
    )
    assert names and {name for name in names if f"`{name}`" not in FIRMWARE} == set()
