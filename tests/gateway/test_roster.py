"""Rosters: each board has the permits that list its point, and only what changed goes out."""

from checkpost import record, roster
from gateway.boards.roster import RosterKeeper
from gateway.contract import Application, Card, CrossingPoint
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from tests.gateway.support import CARD, MORNING_S, NOW_S, Journal

OTHER = "04000000000002"


def refresh(store):
    keeper = RosterKeeper(store)
    while keeper.refresh(NOW_S):
        pass


def sent(store, board, after=0):
    """Return {uid: removed} of what a board is sent beyond a revision, and the revision it stands at then."""
    entries, revision = store.rosters.changes(board, after, 1000, with_removed=True)
    assert all(roster.valid(entry) for entry in entries)
    return {entry[1 : 1 + entry[0]].hex().upper(): roster.removed(entry) for entry in entries}, revision


def read(store, board, point):
    return roster.unpack_entry(store.rosters.entry(board, CARD), point, "north")


def learn(store, *rows):
    Learning(store).take_imported(rows, NOW_S)
    refresh(store)


def test_a_permit_without_points_is_on_every_roster(small):
    refresh(small)
    assert sent(small, 1)[0] == sent(small, 2)[0] == {CARD: False}


def test_a_permit_is_where_its_points_are(small):
    learn(small, Application(application_id="A1", decision="approved", crossing_points=["HRY"]))
    assert sent(small, 1)[0] == {}
    assert sent(small, 2)[0] == {CARD: False}


def test_a_permit_that_moves_is_removed_and_put(small):
    refresh(small)
    before = sent(small, 1)[1]
    learn(small, Application(application_id="A1", decision="approved", crossing_points=["HRY"]))
    assert sent(small, 1, before) == ({CARD: True}, before + 1)
    learn(small, Application(application_id="A1", decision="approved"))
    assert sent(small, 1, before) == ({CARD: False}, before + 2)
    assert small.rosters.count(1) == 1


def test_use_shows_in_the_entry_and_nothing_else_is_sent_again(small):
    learn(
        small,
        Application(application_id="A2", decision="approved"),
        Card(card_uid=OTHER, application_id="A2", status="active"),
    )
    before = {board: sent(small, board)[1] for board in (1, 2)}
    journal = Journal(1)
    journal.outcome(MORNING_S, journal.crossing(MORNING_S, CARD), record.ADMITTED)
    Intake(small).take([journal.run()], NOW_S)
    refresh(small)
    for board in (1, 2):
        assert sent(small, board, before[board]) == ({CARD: False}, before[board] + 1)
    entry = read(small, 2, "HRY")
    assert (entry.usage.entries, entry.usage.inside, entry.usage.complete) == (1, True, True)


def test_use_that_may_happen_elsewhere_is_said_to_be_incomplete(small):
    learn(small, CrossingPoint(code="NAM", name="Namyang", kind="border", zone="north"))
    assert not read(small, 1, "ONS").usage.complete
    learn(small, Application(application_id="A1", decision="approved", crossing_points=["ONS", "HRY"]))
    assert read(small, 1, "ONS").usage.complete


def test_nothing_due_means_nothing_done(small):
    refresh(small)
    before = small._conn.total_changes
    refresh(small)
    assert small._conn.total_changes == before


def test_a_blocked_card_stays_on_the_roster_so_that_it_is_seen(small):
    learn(small, Card(card_uid=CARD, application_id="A1", status="stolen"))
    assert read(small, 1, "ONS").card.blocked(NOW_S)


def test_a_card_that_changes_its_permit_stays_once(small):
    refresh(small)
    learn(
        small,
        Application(application_id="A2", decision="refused"),
        Card(card_uid=CARD, application_id="A2", status="active"),
    )
    assert sent(small, 1)[0] == {CARD: False}
    assert not read(small, 1, "ONS").permit.approved(NOW_S)


def test_pieces_lead_from_revision_to_revision(small):
    cards = [Card(card_uid=f"05{number:012d}", application_id="A1", status="active") for number in range(20)]
    learn(small, *cards)
    at, found = 0, []
    while at < small.rosters.revision(1):
        entries, at = small.rosters.changes(1, at, 8, with_removed=False)
        found += entries
    assert len(found) == len(set(found)) == 21
