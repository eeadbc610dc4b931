"""Stores, and the scenario as records."""

import pytest

from tests.gateway import support


@pytest.fixture(scope="session")
def scenario():
    return support.Scenario()


@pytest.fixture
def store(tmp_path):
    made = support.fresh_store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def small(store):
    """A store with one board at ONS and one at HRY, and permit A1 (one entry, ten days) on one card."""
    support.teach_small(store)
    return store
