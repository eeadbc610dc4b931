"""What all tests share: examples that CI draws are the same each time, and no example is judged by the clock."""

import gc
import os

from hypothesis import settings

settings.register_profile("everywhere", deadline=None)
settings.register_profile("ci", parent=settings.get_profile("everywhere"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "everywhere")


def pytest_collection_finish():
    """Let the garbage collector pass over what was imported: it stays, and is a quarter of a run to look at again."""
    gc.collect()
    gc.freeze()
