"""A station's release, from the office to a board that is alone: through centre, gateway and firmware."""

import sys

import pytest

from checkpost import reasons as why
from checkpost.downward import RosterPiece
from gateway.boards.roster import RosterKeeper
from gateway.contract import Changes
from gateway.intake.learning import Learning
from gateway.intake.records import Intake, Run
from gateway.store.store import ROSTER_ID, open_store
from tests.central.conftest import CARD, ONS
from tests.gateway.support import verdict_of
from tests.support import framebuf

sys.modules.setdefault("framebuf", framebuf)

from tests.support.kiosk import Gateway, Kiosk  # noqa: E402 (its pictures need the line above)

UID = bytes.fromhex(CARD["card_uid"])
DAY_S = 86_400
NEW_YEAR_S = 1_767_225_600  # 2026-01-01, when a bench's clock begins
KIL = {"code": "KIL", "name": "Kilju", "kind": "internal", "zone": "south-hamgyong-line"}
PERMIT = {"application_id": "A1", "decision": "approved", "reception_days": 15}
EARLY = {"released_on": "2025-12-31", "reason": "a hospital waits for her", "decided_by": "Dr Ri"}


class Chain:
    """A centre with a station, a gateway's store, and a running kiosk at Kilju."""

    def __init__(self, centre, folder):
        self.centre = centre
        for point in (ONS, KIL):
            centre.good("admin", "PUT", f"/v1/crossing-points/{point['code']}", json=point)
        centre.good("admin", "PUT", "/v1/policy", json={"assurance": "uid"})
        centre.good("admin", "POST", "/v1/imports", json={"applications": [PERMIT], "cards": [CARD]})
        station = {"name": "Kilju", "beds": 10, "blankets": 20}
        centre.good("admin", "PUT", "/v1/stations/KIL", json=station)
        self.border, self.onward = centre.add_board("ONS"), centre.add_board("KIL")
        self.store = open_store(folder, 77)
        self.kiosk = Kiosk(Gateway(), board=self.onward.number, direction="entry", crossing_point=KIL).run(3000)
        self.kiosk.gateway.verdict = None
        self.had = 0

    def stay(self, path, body, method="POST"):
        return self.centre.good("admin", method, f"/v1/stays/S-1{path}", json=body)

    def sync(self):
        """Bring the gateway what the centre knows, and the board what the gateway knows; then cut the line."""
        told = self.centre.good("gateway", "GET", "/v1/changes", params={"after": self.had, "position": 0})
        found = Changes.model_validate(told)
        learning = Learning(self.store)
        learning.take_changes(found.changes, found.revision, NEW_YEAR_S)
        learning.take_elsewhere(found.crossings, found.position, NEW_YEAR_S)
        learning.complete_to(found.complete_to)
        learning.caught_up(NEW_YEAR_S)
        self.had = found.revision
        keeper = RosterKeeper(self.store)
        while keeper.refresh(NEW_YEAR_S):
            pass
        entries, revision = self.store.rosters.changes(self.onward.number, self.kiosk.app.roster.revision, 8, True)
        at = self.kiosk.app.roster.revision
        number = self.store.knowledge.number(ROSTER_ID)
        self.kiosk.gateway.silent = False
        self.until_up(True)
        self.kiosk.gateway.next_turn.append(RosterPiece(number, at, revision, at == 0, True, entries))
        self.kiosk.run(500)
        self.kiosk.gateway.silent = True
        self.until_up(False)
        assert self.kiosk.app.roster.revision == revision

    def until_up(self, up):
        """Let time pass until the board's line is up, or is found to be cut."""
        for _ in range(40):
            if self.kiosk.app.uplink.up() is up:
                return
            self.kiosk.leap(400).run(100)
        raise AssertionError("the line stays as it is")

    def tap(self):
        """Tap the card at the kiosk, which is alone; return what it says."""
        self.kiosk.tap(UID).leap(8000).run(50)
        said = self.kiosk.crossings()[-1]
        assert not said.online
        return why.VERDICTS[said.verdict], why.names(said.reasons, why.REASONS) + why.names(said.causes, why.CAUSES)


@pytest.fixture
def chain(centre, tmp_path):
    made = Chain(centre, tmp_path / "gateway")
    seq = made.border.crossing(NEW_YEAR_S - 4 * DAY_S, CARD["card_uid"])
    made.border.outcome(NEW_YEAR_S - 4 * DAY_S + 5, seq, "admitted")
    centre.take(made.border.run())
    made.stay("", {"station": "KIL", "person": "R-1", "application_id": "A1", "arrived_on": "2025-12-28"}, "PUT")
    made.sync()
    yield made
    made.store.close()


def test_a_release_opens_onward_travel_at_a_board_that_is_alone_and_taking_it_back_closes_it(chain):
    assert chain.tap() == ("refer", ["reception-incomplete"])
    chain.stay("/release", EARLY)
    assert chain.tap() == ("refer", ["reception-incomplete"])  # the board has not heard of it
    chain.sync()
    assert chain.tap() == ("permitted", [])
    chain.stay("/retraction", {"reason": "another person was meant"})
    chain.sync()
    assert chain.tap() == ("refer", ["reception-incomplete"])


def test_an_approval_that_is_withdrawn_closes_what_a_release_had_opened(chain):
    chain.stay("/release", EARLY)
    chain.sync()
    assert chain.tap() == ("permitted", [])
    gone = PERMIT | {"decision": "withdrawn"}
    chain.centre.good("admin", "POST", "/v1/imports", json={"applications": [gone]})
    chain.sync()
    assert chain.tap() == ("refer", ["application-not-approved"])


def test_centre_and_gateway_come_to_what_the_board_shows(chain):
    for days in (-2, 0):
        chain.onward.crossing(NEW_YEAR_S + days * DAY_S, CARD["card_uid"])
    run = chain.onward.run()
    chain.centre.take(run)
    records, head = b"".join(chain.onward.raws), bytes.fromhex(run["head"])
    Intake(chain.store).take([Run(chain.onward.number, 1, 1, records, head[:4])], NEW_YEAR_S)
    chain.stay("/release", EARLY)
    chain.sync()
    told = [one["reasons"] for one in chain.centre.crossings() if one["crossing_point"] == "KIL"]
    assert told == [verdict_of(chain.store, chain.onward.number, seq)[1] for seq in (1, 2)]
    assert told == [["reception-incomplete"], []]
