"""A centre that knows nothing yet, and one that knows one point and one permit."""

import os
from contextlib import contextmanager
from uuid import uuid4

import pytest

from benches.postgres import Server
from gateway.central.store import Store
from tests.central.support import Centre, Served


def pytest_generate_tests(metafunc):
    """Run what is marked `both_stores` on SQLite and on PostgreSQL."""
    if metafunc.definition.get_closest_marker("both_stores") and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server, with an empty store in the database `laid`: what a new one is copied from."""
    server = Server()
    Store.create(server.fresh("laid")).close()
    yield server
    server.close()


@pytest.fixture
def database(request):
    """The URL of a database with an empty store where a test asks for PostgreSQL, "" for SQLite.

    With `CHECKPOST_STORES=postgresql` in the environment, every test asks for it that does not say which it wants.
    """
    usual = "sqlite" if request.node.get_closest_marker("sqlite_only") else os.environ.get("CHECKPOST_STORES", "sqlite")
    if getattr(request, "param", usual) == "sqlite":
        yield ""
        return
    with copied(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture(scope="module")
def shared_database(request):
    """The same for a centre that the tests of a module share; only the environment chooses."""
    if os.environ.get("CHECKPOST_STORES", "sqlite") == "sqlite":
        yield ""
        return
    with copied(request.getfixturevalue("postgres")) as url:
        yield url


@contextmanager
def copied(server):
    """The URL of a new database with an empty store, which goes afterwards."""
    name = f"test_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE laid STRATEGY file_copy")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def centre(tmp_path, database):
    made = Centre(tmp_path, database=database)
    with made.http:
        yield made
    made.store.close()


@pytest.fixture
def small(centre):
    """A centre with one border point, ONS, and one permit A1 with one entry on card 04000000000001."""
    centre.good("admin", "PUT", "/v1/crossing-points/ONS", json=ONS)
    centre.good("admin", "PUT", "/v1/policy", json={"assurance": "uid"})
    centre.good("gateway", "POST", "/v1/imports", json={"applications": [A1], "cards": [CARD]})
    return centre


ONS = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north-hamgyong"}
A1 = {"application_id": "A1", "decision": "approved", "entries": 1}
CARD = {"card_uid": "04000000000001", "application_id": "A1", "status": "active"}


@pytest.fixture
def served(tmp_path, database):
    """A centre in a process of its own that knows the scenario's points and permits."""
    made = Served(tmp_path / "central", database)
    made.know_points()
    made.know_permits()
    yield made
    if made.process.poll() is None:
        made.kill()
