"""What the virtual board can be asked is written down."""

import re
from pathlib import Path

import pytest

from virtualboard import actions, child
from virtualboard.__main__ import _parser
from virtualboard.actions import Actions

README = (Path(actions.__file__).parent / "README.md").read_text()


def test_every_request_is_in_the_readme(bench):
    power = None
    names = Actions(bench.circuit, power)._names
    assert {name for name in names if f"`{name}`" not in README} == set()


def test_every_option_is_in_the_readme():
    text = "".join(verb.format_help() for verb in _parser()._subparsers._group_actions[0].choices.values())
    options = set(re.findall(r"--[a-z-]+", text)) - {"--help"}
    assert {option for option in options if option not in README} == set()


def test_another_interpreter_must_be_a_program(monkeypatch):
    monkeypatch.setenv(child.OVERRIDE, "/dev/null")
    with pytest.raises(child.NoInterpreter, match="names /dev/null, which is not a program"):
        child.interpreter_path()
