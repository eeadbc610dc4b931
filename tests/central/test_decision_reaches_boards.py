"""A decision of the office, through one sync of a gateway, to the roster on a board's flash; a withdrawal likewise."""

import pytest

from checkpost import permit as grants
from checkpost import roster as entries
from gateway.boards.roster import RosterKeeper
from gateway.central.access import Access
from gateway.contract import Changes
from gateway.intake.learning import Learning
from kiosk.roster import Roster
from tests.gateway.support import fresh_store
from tests.support.nor import Nor

CARD = "04000000000077"
NOW_S = 1_793_000_000  # the clock of tests/central/support.py
SECTORS = 384


class Chain:
    """A centre, a gateway's store, and a board's flash."""

    def __init__(self, centre, folder):
        self.centre = centre
        centre.tokens["clerk"] = Access(centre.store, lambda: 0.0).issue("clerk", "kim")
        for code in ("ONS", "HRY"):
            point = {"code": code, "name": code, "kind": "border", "zone": "north"}
            centre.good("admin", "PUT", f"/v1/crossing-points/{code}", json=point)
        self.boards = {code: centre.add_board(code).number for code in ("ONS", "HRY")}
        self.gateway = fresh_store(folder)
        self.rosters = {code: Roster(Nor(SECTORS), 0, SECTORS) for code in self.boards}
        for roster in self.rosters.values():
            roster.open()
            assert roster.apply(5, 0, 0, True, [])

    def sync(self):
        """One exchange with the centre, and one with each board."""
        learning, knowledge = Learning(self.gateway), self.gateway.knowledge
        asked = {"after": knowledge.number("revision"), "wait": 0}
        page = Changes.model_validate(self.centre.good("gateway", "GET", "/v1/changes", params=asked))
        learning.take_changes(page.changes, page.revision, NOW_S)
        while RosterKeeper(self.gateway).refresh(NOW_S):
            pass
        for code, roster in self.rosters.items():
            changed, revision = self.gateway.rosters.changes(self.boards[code], roster.revision, 32, roster.count > 0)
            assert roster.apply(5, roster.revision, revision, False, changed)

    def permit(self, code="ONS"):
        """What a board knows of the card offline: the decision and the last valid day; None: nothing."""
        raw = self.rosters[code].lookup(bytes.fromhex(CARD))
        if raw is None:
            return None
        entry = entries.unpack_entry(raw, code, "north")
        return grants.DECISIONS[entry.permit.decision], entry.permit.valid_until_day, entry.permit.withdrawn_from_s


@pytest.fixture
def chain(centre, tmp_path):
    (tmp_path / "gateway").mkdir()
    made = Chain(centre, tmp_path / "gateway")
    asked = {"name": "Han Sol", "grounds": ["family_visit"], "submitted_on": "2026-10-01", "crossing_points": ["ONS"]}
    asked |= {"person": "P-1", "valid_from": "2026-10-20", "valid_until": "2026-12-31"}
    centre.good("clerk", "PUT", "/v1/applications/A-1", json=asked)
    card = {"card_uid": CARD, "application_id": "A-1", "status": "active"}
    centre.good("gateway", "POST", "/v1/imports", json={"cards": [card]})
    yield made
    made.gateway.close()


def test_an_approval_and_its_withdrawal_are_on_the_board_after_one_sync_each(chain):
    chain.sync()
    assert chain.permit()[0] == "pending" and chain.permit("HRY") is None
    chain.centre.good("clerk", "POST", "/v1/applications/A-1/decision", json={"decision": "approved"})
    assert chain.permit()[0] == "pending"  # the board is offline still
    chain.sync()
    decision, until_day, _ = chain.permit()
    assert decision == "approved" and until_day and chain.permit("HRY") is None
    body = {"reason": "The family moved.", "withdrawn_from": NOW_S - 60}
    chain.centre.good("clerk", "POST", "/v1/applications/A-1/withdrawal", json=body)
    chain.sync()
    assert chain.permit() == ("withdrawn", until_day, NOW_S - 60)


def test_a_refusal_is_on_the_board_after_one_sync(chain):
    chain.sync()
    body = {"decision": "refused", "reason": "The host is away."}
    chain.centre.good("clerk", "POST", "/v1/applications/A-1/decision", json=body)
    chain.sync()
    assert chain.permit()[0] == "refused"
