"""Random scenarios through the centre's interface: of every tap the verdict of the plain reference, and its table."""

import pytest

from gateway.contract import Application, Card
from gateway.intake.imports import parse_paths
from tests.central.support import GATEWAY
from tests.support import scenarios
from tests.support.recorded import Recorded
from tests.support.reference import table


def teach(centre, recorded, seed):
    """Bring the applications and cards, in the order of the seed."""
    rows = parse_paths([recorded.folder]).rows
    bodies = {
        "applications": [row.model_dump() for row in rows if isinstance(row, Application)],
        "cards": [row.model_dump() for row in rows if isinstance(row, Card)],
    }
    for name in sorted(bodies, reverse=bool(seed % 2)):
        centre.good(GATEWAY, "POST", "/v1/imports", json={name: bodies[name]})


def put_points(centre, recorded):
    """Register the points, the policy, and a board at each."""
    for row in recorded.points():
        centre.good("admin", "PUT", f"/v1/crossing-points/{row['code']}", json=row)
    centre.good("admin", "PUT", "/v1/policy", json={"assurance": "uid"})
    assert {code: centre.add_board(code).number for code in recorded.boards} == recorded.boards


@pytest.mark.parametrize("seed", range(11, 17))
def test_every_tap_of_a_random_scenario_ends_as_the_reference_says(centre, tmp_path, seed):
    recorded = Recorded(scenarios.write(scenarios.make(seed, 80), tmp_path / "scenario", seed))
    put_points(centre, recorded)
    runs = recorded.runs(seed)
    for number, (board, first, raws) in enumerate(runs):
        if number == len(runs) * (seed % 3) // 2:  # before the records, among them, or after almost all
            teach(centre, recorded, seed)
        head = recorded.head(board, first - 1 + len(raws)).hex()
        place = {"board": board, "epoch": 1, "first_seq": first}
        centre.take(place | {"records": [raw.hex() for raw in raws], "head": head})
    if seed % 3 == 2:
        teach(centre, recorded, seed)
    held = {(row["board"], row["seq"]): row for row in centre.crossings()}
    told = {tap: held[key] for tap, key in recorded.key_of_tap.items()}
    assert {tap: (row["verdict"], row["reasons"], row["notes"]) for tap, row in told.items()} == recorded.expected
    assert [row["local_time"] for row in told.values()] == [tap.moment.isoformat() for tap in recorded.world.taps]
    assert len(held) == len(recorded.expected)
    assert centre.good("office", "GET", "/v1/table") == tapped(table(recorded.world, recorded.world.taps))


def tapped(whole):
    """Return a table without the points at which nobody tapped: the centre leaves them out."""
    points = {code: row for code, row in whole["by_crossing_point"].items() if len(row) > 1}
    return whole | {"by_crossing_point": points}
