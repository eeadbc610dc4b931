"""A centre that knows nothing yet, and one that knows one point and one permit."""

import pytest

from tests.central.support import Centre, Served


@pytest.fixture
def centre(tmp_path):
    made = Centre(tmp_path)
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
def served(tmp_path):
    """A centre in a process of its own that knows the scenario's points and permits."""
    made = Served(tmp_path / "central")
    made.know_points()
    made.know_permits()
    yield made
    if made.process.poll() is None:
        made.kill()
