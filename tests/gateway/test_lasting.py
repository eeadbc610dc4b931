"""A store of many years stays quick: what the database does is counted, and bounded; no clock is asked."""

import sqlite3
from contextlib import contextmanager

import pytest

from gateway.contract import Application, Card
from gateway.contract.enrolment import Signed
from gateway.contract.erasing import Erasure
from gateway.intake.learning import Learning
from gateway.review.flags import about_card, about_record, raise_flag
from gateway.review.reviews import Reviews
from gateway.store import database
from gateway.store.looks import Look, without, words_of
from gateway.store.schema import migrations
from gateway.store.store import open_store
from tests.gateway.support import CARD, NOW_S, fresh_store, teach_small

ROWS = 20_000
STEP = 10  # instructions of the database's machine between two looks at it
FEW = 4_000  # an index at every table, and what is shown; a look through one of the tables is ten times as much
NUMBERS = f"WITH RECURSIVE n (at) AS (SELECT 10 UNION ALL SELECT at + 1 FROM n WHERE at < {ROWS}) "
FILLS = (
    "INSERT INTO flags (id, kind, card_uid, board, epoch, seq, opened_s, state, detail) {} SELECT at, 'refer', "
    "CASE WHEN at % 2 THEN printf('04%012X', at) ELSE '' END, (at % 2 = 0) * 7, 1, at, 0, 'open', 'expired' FROM n",
    "INSERT INTO reviews (id, flag_id, opened_s, evidence, evidence_sha256) {} SELECT at, at, 0, '{{}}', '' FROM n",
    "INSERT INTO applications (application_id, applicant_ref, purpose, decision, crossing_points, zones, revision) {} "
    "SELECT printf('P%06d', at), '', '', 'approved', '', '', 100000 + at FROM n",
    "INSERT INTO cards (card_uid, application_id, status, revision) {} "
    "SELECT printf('04%012X', at), printf('P%06d', at), 'active', 200000 + at FROM n",
    "INSERT INTO looks (id, at_s, name, what, why) {} SELECT at, 0, 'Kim', printf('search P%06d', at), 'a look' FROM n",
    "INSERT INTO look_words {} SELECT printf('P%06d', at), at FROM n",
    "INSERT INTO outbox (kind, body, state) {} SELECT 'card', json_object('card_uid', 'none'), 'refused' FROM n",
    "INSERT INTO outbox (kind, body) {} "
    "SELECT 'application', json_object('application_id', printf('P%06d', at), 'decision', 'approved') FROM n",
    "INSERT INTO roster_entries (board, card_uid, application_id, entry, removed, revision) {} "
    "SELECT 7, printf('04%012X', at), printf('P%06d', at), x'00', 0, at FROM n",
)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A store of many questions that wait, permits, cards, looks and rows that wait for the centre."""
    store = fresh_store(tmp_path_factory.mktemp("old"))
    teach_small(store)
    raise_flag(store, about_card("lookalike", "04000000000001"), NOW_S, "seen twice")
    [review] = Reviews(store).list_open()
    Reviews(store).take(review.id, "Kim", NOW_S)
    Reviews(store).decide(review.id, "our-error", "a copy of ours", "Kim", NOW_S)
    with store.transaction():
        for fill in FILLS:
            store._conn.execute(fill.format(NUMBERS))
    yield store
    store.close()


@contextmanager
def few_steps(store):
    """Fail if what is done in this block costs the database more than a few instructions."""
    steps = []
    store._conn.set_progress_handler(lambda: steps.append(STEP), STEP)
    try:
        yield
    finally:
        store._conn.set_progress_handler(None, 0)
    assert sum(steps) < FEW


def test_the_newest_decisions_are_found_behind_all_that_waits(old):
    with few_steps(old):
        assert [one.detail for one in Reviews(old).list_decided(20)] == ["seen twice"]


def test_open_questions_are_counted_as_they_come_and_go(old):
    with few_steps(old):
        assert old.reviews.open_flags() == {"refer": ROWS - 9}
        assert old.reviews.open_flags_of(7) == {"refer": (ROWS - 9) // 2 + 1}
    question = about_record("chain-mismatch", 7, 1, 3)
    with old.transaction():
        assert raise_flag(old, question, NOW_S, "another head")
    assert old.reviews.open_flags_of(7)["chain-mismatch"] == 1
    reviews = Reviews(old)
    number = old.reviews.of_record(7, 1, 3)[0].id
    reviews.take(number, "Kim", NOW_S)
    reviews.decide(number, "our-error", "a new flash", "Kim", NOW_S)
    assert "chain-mismatch" not in old.reviews.open_flags()
    reviews.appeal(number, "it was not", "Lee", NOW_S)
    assert old.reviews.open_flags()["chain-mismatch"] == 1
    held = old._conn.execute("SELECT kind, count(*) FROM flags WHERE state = 'open' GROUP BY kind").fetchall()
    assert old.reviews.open_flags() == dict(held)


def test_what_waits_for_the_centre_is_counted_and_found_by_its_kind(old):
    rows = ROWS - 9
    held = dict(old._conn.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
    assert held["waiting"] > rows == held["refused"]
    with few_steps(old):
        assert old.outbox.counts() == held
        assert old.knowledge.counts() == {
            "applications": rows + 1, "cards": rows + 1, "crossing_points": 2, "policy_version": 1
        }  # fmt: skip
        assert old.outbox.waits() and old.outbox.next_enrolment() is None and old.outbox.boards() == []
        assert old.outbox.next_steps()[1]  # what was done in the review above
    with few_steps(old):
        waiting = old._conn.execute("SELECT min(id) FROM outbox WHERE state = 'waiting'").fetchone()[0]
        ids, found = old.outbox.next_import(20)
        assert len(ids) == len(found.applications) + len(found.cards) == 20 and ids[0] == waiting


def test_counts_follow_what_comes_changes_and_goes(store):
    def counted():
        rows = store._conn.execute("SELECT state, count(*) FROM outbox WHERE kind <> 'enrolment' GROUP BY state")
        found = {"waiting": 0, "refused": 0} | dict(rows.fetchall())
        assert store.outbox.counts() == found
        known = store.knowledge.counts()
        for table in ("applications", "cards"):
            assert store._conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (known[table],)
        return found["waiting"], found["refused"], known["applications"], known["cards"]

    given = Signed(statement="{}", signature="00" * 64)
    permits = [Application(application_id=f"A{number}", decision="approved") for number in range(3)]
    Learning(store).take_imported([*permits, Card(card_uid=CARD, application_id="A1", status="active")], NOW_S)
    Learning(store).take_imported([permits[0].model_copy(update={"decision": "refused"})], NOW_S)  # the same one
    with store.transaction():
        for permit in permits:
            store.outbox.add(permit)
        store.outbox.add_step(7)
        store.outbox.add_enrolment(given)
    assert counted() == (9, 0, 3, 1)  # what is imported goes to the centre, too
    ids, _ = store.outbox.next_import()
    number, _ = store.outbox.next_enrolment()
    store.outbox.refuse(ids[0], "no such point")
    store.outbox.refuse(number, "no such point")
    assert counted() == (8, 1, 3, 1)
    store.outbox.wait_again(given)
    store.outbox.done(ids[:2])
    assert counted() == (7, 0, 3, 1)
    with store.transaction():
        store._conn.execute("UPDATE cards SET revision = 5")
        store._conn.execute("UPDATE applications SET revision = 6 WHERE application_id = 'A2'")
        store.erasing.forget(3, [5, 6], [], NOW_S)
    assert counted() == (4, 0, 2, 0)


def test_an_erasure_reads_what_it_takes_away_and_no_more(old):
    gone = Erasure(number=3, revisions=[100_017, 200_017], places=[(7, 1, 18)])
    with few_steps(old), old.transaction():
        old.erasing.forget(gone.number, gone.revisions, gone.places, NOW_S)
        old.erasing.forget_rosters(NOW_S)
    assert old.knowledge.application("P000017") is None and old.knowledge.application("P000018")
    assert [old._conn.execute("SELECT what FROM looks WHERE id = ?", (at,)).fetchone()[0] for at in (17, 18)] == [
        "search (erased 3)",
        "search P000018",
    ]
    assert old.reviews.open_flags()["refer"] == ROWS - 9 - 2


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ("search A-17", "search (mark)"),
        ("search a-17", "search (mark)"),
        ("search A-170", "search A-170"),  # another's number is not cut
        ("search A-17-2", "search A-17-2"),
        ("the traveller with A-17, again", "the traveller with (mark), again"),
        ("A-17은 어디에", "(mark)은 어디에"),  # a particle is written onto the word
        ("查A-17。", "查(mark)。"),
        ("review 17", "review 17"),
    ],
)
def test_a_mark_stands_for_a_whole_number_in_any_script(what, left):
    assert without(what, "A-17", "(mark)") == left
    assert ("A-17" in words_of(what, "")) == (what != left)


@pytest.mark.parametrize("typed", ["04000000000A01", "04000000000a01", "04 00 00 00 00 0A 01", "04:00:00:00:00:0a:01"])
def test_a_card_is_forgotten_however_it_was_typed(store, typed):
    Learning(store).take_imported([Card(card_uid="04000000000A01", application_id="A-17", status="active")], NOW_S)
    with store.transaction():
        store.looks.note(Look(NOW_S, "Kim", f"search {typed}", "a question of A-18."))
        store._conn.execute("UPDATE cards SET revision = 5")
        store.erasing.forget(3, [5], [], NOW_S)
    assert store.looks.newest(1) == [Look(NOW_S, "Kim", "search (erased 3)", "a question of A-18.")]
    assert store._conn.execute("SELECT word FROM look_words WHERE word LIKE '04%0A01'").fetchall() == []


def test_a_store_of_before_counts_what_is_open_and_finds_its_looks(tmp_path):
    conn = database.connect(tmp_path / database.FILE_NAME)
    migrations().apply(database.Database(conn), stop_before="0016_lasting")
    flag = "INSERT INTO flags (kind, board, epoch, seq, opened_s, state, detail) VALUES ('refer', 1, 1, ?, 9, ?, '')"
    conn.executemany(flag, [(1, "open"), (2, "open"), (3, "decided")])
    conn.execute("INSERT INTO looks VALUES (1, 0, 'Kim', 'search 04 00 00 00 00 0a 01', 'for A-17')")
    conn.commit()
    conn.close()
    store = open_store(tmp_path, 1)
    assert store.reviews.open_flags() == {"refer": 2} and store.reviews.open_flags_of(1) == {"refer": 2}
    permit = Application(application_id="A-17", decision="approved")
    Learning(store).take_imported(
        [permit, Card(card_uid="04000000000A01", application_id="A-17", status="active")], NOW_S
    )
    with store.transaction():
        store._conn.execute("UPDATE applications SET revision = 5")
        store.erasing.forget(3, [5], [], NOW_S)
    assert store.looks.newest(1) == [Look(0, "Kim", "search (erased 3)", "for (erased 3)")]
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        store._conn.execute("UPDATE looks SET why = ''")
    store.close()


def test_a_store_of_before_counts_what_waits(tmp_path):
    conn = database.connect(tmp_path / database.FILE_NAME)
    migrations().apply(database.Database(conn), stop_before="0019_counted")
    kinds = [("application", "waiting"), ("card", "refused"), ("review-step", "waiting"), ("enrolment", "waiting")]
    conn.executemany("INSERT INTO outbox (kind, body, state) VALUES (?, '{}', ?)", kinds)
    conn.execute("INSERT INTO cards (card_uid, application_id, status) VALUES ('04', 'A-17', 'active')")
    conn.commit()
    conn.close()
    store = open_store(tmp_path, 1)
    assert store.outbox.counts() == {"waiting": 2, "refused": 1}
    assert store.knowledge.counts() == {"applications": 0, "cards": 1, "crossing_points": 0, "policy_version": 0}
    store.close()
