"""A console that is served, for a module's tests."""

import pytest

from tests.console import support


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    made = support.Served(tmp_path_factory.mktemp("console"))
    yield made
    made.close()
