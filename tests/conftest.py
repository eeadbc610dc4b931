"""What all tests share: examples that CI draws are the same each time, and no example is judged by the clock."""

import gc
import os
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

TESTS = Path(__file__).parent
# A quarter of a minute and more, the longest first: begun last, one of them would run on while other cores wait.
LONG = [
    TESTS / name
    for name in (
        "replay/test_demo.py",
        "workbench/board/test_flash.py",
        "simulator/test_runs.py",
        "gateway/test_run.py",
        "workbench/board/test_link_update.py",
        "workbench/board/test_walk.py",
        "workbench/board/test_update.py",
        "test_bench.py",
        "central/test_openapi.py",
        "test_in_micropython.py",
        "workbench/board/test_range_on_boards.py",
        "gateway/test_convergence.py",
        "central/test_process.py",
        "central/test_work_in_browser.py",
        "firmware/test_journal_gaps.py",
    )
]

settings.register_profile("everywhere", deadline=None)
settings.register_profile("ci", parent=settings.get_profile("everywhere"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "everywhere")


@pytest.fixture(autouse=True)
def _log_to_nowhere_of_before():
    """Leave no command's log to the next test: it goes to the standard error of that command, closed by then."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


def pytest_collection_finish():
    """Let the garbage collector pass over what was imported: it stays, and is a quarter of a run to look at again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items):
    """Put the long files first, where they are among those that were asked for."""
    assert not [path for path in LONG if not path.exists()], "tests/conftest.py names a file that is not there"
    place = {path: at for at, path in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(LONG)))
