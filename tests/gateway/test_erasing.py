"""A gateway forgets whom the centre erased: by revisions and places, which say of nobody who it is."""

import pytest

from checkpost.roster_pack import pack_removed
from gateway.boards.roster import RosterKeeper
from gateway.contract import Application, Card, Change
from gateway.contract.erasing import Erasure
from gateway.forwarder import steps
from gateway.intake.learning import JOURNAL_DUE, Learning
from gateway.intake.records import Intake
from gateway.review.reviews import ReviewError, Reviews
from gateway.store.erasing import REMEMBERED_S
from gateway.store.looks import Look
from tests.gateway.support import MORNING_S, NOW_S, Journal

PERMIT, CARD_UID, STRANGER = "A-PERSON-77", "04C0FFEE123456", "04DEADBEEF0001"
APPLICATION = Application(application_id=PERMIT, applicant_ref="REF-SUNHEE-77", decision="approved", entries=1)
CARD = Card(card_uid=CARD_UID, application_id=PERMIT, status="active")


@pytest.fixture
def taught(small):
    """A gateway that knows the person, two crossings of theirs (the second a question), and one of a strange card."""
    changes = [Change(revision=5, application=APPLICATION), Change(revision=6, card=CARD)]
    Learning(small).take_changes(changes, 6, NOW_S)
    RosterKeeper(small).refresh(NOW_S)
    journal = Journal(1)
    for at, uid in enumerate((CARD_UID, CARD_UID, STRANGER)):
        seq = journal.crossing(MORNING_S + 900 * at, uid)
        journal.outcome(MORNING_S + 900 * at + 5, seq, 1)
    Intake(small).take([journal.run()], NOW_S)
    with small.transaction():
        small.looks.note(Look(0, "Kim", f"card {CARD_UID}", "an appeal"))
    return small


def erase(store, revisions=(5, 6), places=((1, 1, 1), (1, 1, 2), (1, 1, 3), (1, 1, 4))):
    change = Change(revision=9, erasure=Erasure(number=3, revisions=list(revisions), places=list(places)))
    Learning(store).take_changes([change], 9, NOW_S)


def everywhere(store, word, *but):
    """Names of the tables in which a word stands, as text or in bytes."""
    found = []
    tables = [row[0] for row in store._conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in store._conn.execute(f"SELECT * FROM {table}"):
            raws = [value for value in row if isinstance(value, bytes)]
            hit = any(word in str(value) for value in row) or any(
                len(word) % 2 == 0 and word.startswith("04") and bytes.fromhex(word) in raw for raw in raws
            )
            if hit and table not in (*found, *but):
                found.append(table)
    return found


def test_names_permits_cards_crossings_questions_and_looks_are_forgotten(taught):
    assert {"applications", "cards", "crossings", "reviews", "looks", "roster_entries"} <= {
        *everywhere(taught, PERMIT),
        *everywhere(taught, CARD_UID),
    }
    erase(taught)
    RosterKeeper(taught).refresh(NOW_S)
    left = {name for word in (PERMIT, "REF-SUNHEE-77", CARD_UID) for name in everywhere(taught, word)}
    assert left == {"records", "roster_entries"}  # the boards' journal; and what boards still have to be told
    assert everywhere(taught, STRANGER) != ["records"]
    [look] = taught._conn.execute("SELECT what FROM looks").fetchall()
    assert look[0] == "card (erased 3)"


def test_boards_are_told_that_the_card_is_off_their_roster_and_later_that_is_forgotten_too(taught):
    erase(taught)
    RosterKeeper(taught).refresh(NOW_S)
    assert taught.rosters.entries_of(PERMIT)[1][CARD_UID][0] == pack_removed(bytes.fromhex(CARD_UID))
    with taught.transaction():
        taught.erasing.forget_rosters(NOW_S + REMEMBERED_S)
        assert taught.rosters.entries_of(PERMIT)
        taught.erasing.forget_rosters(NOW_S + REMEMBERED_S + 1)
    assert everywhere(taught, CARD_UID) == ["records"]


def test_a_strange_card_goes_by_the_places_alone(taught):
    erase(taught, revisions=(), places=((1, 1, 5), (1, 1, 6)))
    assert everywhere(taught, STRANGER) == ["records"]
    assert taught.knowledge.card(CARD_UID) == CARD


def test_a_row_that_came_before_the_erasure_in_one_page_does_not_stay(small):
    changes = [
        Change(revision=5, application=APPLICATION),
        Change(revision=6, card=CARD),
        Change(revision=7, erasure=Erasure(number=1, revisions=[5, 6])),
    ]
    Learning(small).take_changes(changes, 7, NOW_S)
    assert small.knowledge.card(CARD_UID) is None and small.knowledge.application(PERMIT) is None


def test_reviews_stay_closed_and_kept_by_the_store(taught):
    erase(taught)
    reviews = Reviews(taught)
    assert [one for one in reviews.list_open() if one.seq <= 4] == []
    with pytest.raises(Exception, match="frozen"), taught.transaction():
        taught._conn.execute("UPDATE reviews SET evidence = 'x'")


def test_nothing_is_added_to_a_review_that_was_erased(taught):
    reviews = Reviews(taught)
    [number] = {one.id for one in reviews.list_open() if one.seq == 3 and one.kind == "refer"}
    erase(taught)
    for add in (reviews.add_statement, reviews.appeal):
        with pytest.raises(ReviewError, match="was erased with the person"):
            add(number, "I am the holder of A-PERSON-77.", "Kim", NOW_S)
    assert everywhere(taught, PERMIT, "roster_entries", "roster_due") == [] and taught.outbox.next_steps()[1] == []


def test_no_byte_of_a_person_among_hundreds_stays_in_the_store_s_files(small, tmp_path):
    """Permit, reference and words go from file and journal; the card's number stays in records alone."""
    rows = [(f"A-{at:04}", f"REF-{at:04}", f"04AA{at:010X}") for at in range(400)]
    changes = []
    for at, (permit, ref, uid) in enumerate(rows):
        one = Application(application_id=permit, applicant_ref=ref, decision="approved", entries=1)
        changes += [Change(revision=10 + 2 * at, application=one)]
        changes += [Change(revision=11 + 2 * at, card=Card(card_uid=uid, application_id=permit, status="active"))]
    for begin in range(0, len(changes), 200):
        Learning(small).take_changes(changes[begin : begin + 200], changes[begin + 199].revision, NOW_S)
    while RosterKeeper(small).refresh(NOW_S):
        pass
    journal = Journal(1)
    for at, (_, _, uid) in enumerate(rows[:100]):
        journal.outcome(MORNING_S + 60 * at + 5, journal.crossing(MORNING_S + 60 * at, uid), 1)
    Intake(small).take([journal.run()], NOW_S)
    gone = range(7, 100, 9)
    revisions = [number for at in gone for number in (10 + 2 * at, 11 + 2 * at)]
    places = [(1, 1, 2 * at + 1) for at in gone]
    erase(small, revisions, places)
    while RosterKeeper(small).refresh(NOW_S):
        pass
    Learning(small).caught_up(NOW_S)
    assert small.knowledge.get(JOURNAL_DUE) == 0
    assert [rows[at][1] for at in gone if rows[at][1].encode() in held(tmp_path)] == []
    with small.transaction():
        small.erasing.forget_rosters(NOW_S + REMEMBERED_S + 1)  # until then boards are told that the cards are gone
    assert small.emptied()
    assert [rows[at] for at in gone if any(word.encode() in held(tmp_path) for word in rows[at])] == []
    assert all(word.encode() in held(tmp_path) for word in rows[8])


def held(folder):
    """Every byte of the files in a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_rows_that_wait_for_the_centre_do_not_bring_anybody_back(taught):
    other = Application(application_id="A-OTHER-78", decision="pending")
    with taught.transaction():
        for row in (APPLICATION, CARD, other):
            taught.outbox.add(row)
    erase(taught)
    _, waiting = taught.outbox.next_import()
    assert [one.application_id for one in waiting.applications] == ["A1", "A-OTHER-78"]
    assert CARD_UID not in [one.card_uid for one in waiting.cards]


def test_a_step_that_waits_for_the_centre_goes_without_the_words_of_who_was_erased(taught):
    reviews = Reviews(taught)
    asked = next(one for one in reviews.list_open() if (one.kind, one.seq) == ("refer", 3))
    reviews.take(asked.id, "Kim", NOW_S)
    reviews.add_statement(asked.id, f"My permit is {PERMIT}.", "Kim", NOW_S)
    erase(taught)
    _, told = steps.waiting(taught, 10)
    assert [(step.step, step.text, step.person) for step in told] == [("taken", "", "Kim"), ("statement", "", "Kim")]
    assert PERMIT not in repr(told)
