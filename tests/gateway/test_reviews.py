"""Questions and reviews: one open review a question, frozen evidence, named persons, nothing lost."""

import hashlib
import json
import sqlite3
from itertools import pairwise, product

import pytest

from checkpost import reasons, record
from gateway.contract import Application, Card, Change, Journey, Policy
from gateway.intake.explaining import would_change
from gateway.intake.judging import Judging
from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from gateway.review.flags import about_card, raise_flag
from gateway.review.reviews import DISPOSITIONS, MAX_TEXT, ReviewError, Reviews
from gateway.store import database, schema
from gateway.store.store import open_store
from tests.gateway.support import CARD, MORNING_S, NOW_S, Journal, fresh_store, teach_small, verdict_of

LATER_S = NOW_S + 3600


@pytest.fixture
def reviews(small):
    """One traveller without a card at ONS: one open review."""
    journal = Journal(1)
    journal.crossing(MORNING_S, verdict=1)
    Intake(small).take([journal.run()], NOW_S)
    return Reviews(small)


def number(reviews):
    [review] = reviews.list_open()
    return review.id


def kinds(review):
    return [event.kind for event in review.events]


def test_a_refer_opens_a_review_with_its_evidence(reviews):
    [review] = reviews.list_open()
    assert (review.kind, review.board, review.epoch, review.seq, review.state) == ("refer", 1, 1, 1, "open")
    assert review.evidence["judged"]["reasons"] == ["no-permit"]
    assert review.evidence["crossing"]["crossing_point"] == "ONS"
    assert len(bytes.fromhex(review.evidence["record"])) == record.SIZE
    text = json.dumps(review.evidence, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert review.evidence_sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert review.intact and kinds(review) == ["opened"]
    assert review.events[0].body["evidence_sha256"] == review.evidence_sha256


def test_a_review_from_taking_to_appeal(reviews):
    one = number(reviews)
    reviews.take(one, "Kim", NOW_S)
    reviews.add_statement(one, "I left the card at home.", "Kim", NOW_S + 1)
    decided = reviews.decide(one, "returned", "No permit was ever asked for.", "Kim", NOW_S + 2)
    assert (decided.state, decided.disposition, decided.decided_s) == ("decided", "returned", NOW_S + 2)
    assert reviews.list_open() == [] and reviews._store.reviews.open_flags() == {}
    appealed = reviews.appeal(one, "The permit was applied for in spring.", "Lee", LATER_S)
    assert (appealed.state, appealed.reviewer) == ("open", "")
    with pytest.raises(ReviewError, match="another person"):
        reviews.take(one, "Kim", LATER_S)
    reviews.take(one, "Lee", LATER_S)
    final = reviews.decide(one, "regularised", "The application was mislaid by us.", "Lee", LATER_S + 1)
    assert final.disposition == "regularised"
    assert kinds(final) == ["opened", "taken", "statement", "decided", "appealed", "taken", "decided"]
    assert [event.person for event in final.events] == ["", "Kim", "Kim", "Kim", "Lee", "Lee", "Lee"]
    assert [event.body["text"] for event in final.statements] == ["I left the card at home."]
    assert reviews.of_record(1, 1, 1) == [final]


def test_steps_that_a_review_does_not_allow_say_why(reviews):
    one = number(reviews)
    for step, words in (
        (lambda: reviews.get(77), "no review 77"),
        (lambda: reviews.decide(one, "returned", "so it is", "Kim", NOW_S), "with nobody; Kim takes it first"),
        (lambda: reviews.decide(one, "banished", "so it is", "Kim", NOW_S), "no disposition 'banished'"),
        (lambda: reviews.take(one, "  ", NOW_S), "name of a person"),
        (lambda: reviews.add_statement(one, "", "Kim", NOW_S), "statement is empty"),
        (lambda: reviews.add_statement(one, "x" * (MAX_TEXT + 1), "Kim", NOW_S), "longer than"),
        (lambda: reviews.appeal(one, "unfair", "Kim", NOW_S), "not decided yet"),
    ):
        with pytest.raises(ReviewError, match=words):
            step()
    assert kinds(reviews.get(one)) == ["opened"]


def test_a_taken_review_is_taken_over_only_by_naming_who_has_it(reviews):
    one = number(reviews)
    reviews.take(one, "Kim", NOW_S)
    with pytest.raises(ReviewError, match="is with Kim"):
        reviews.take(one, "Lee", NOW_S)
    assert reviews.take(one, "Lee", NOW_S, instead_of="Kim").reviewer == "Lee"
    with pytest.raises(ReviewError, match="is with Lee"):
        reviews.decide(one, "our-error", "was a test", "Kim", NOW_S)
    assert reviews.get(one).events[-1].body == {"instead_of": "Kim"}


def test_another_spelling_of_a_name_is_no_other_person(reviews):
    one = number(reviews)
    reviews.take(one, "Han Sol", NOW_S)
    reviews.decide(one, "returned", "No permit.", "Han Sol", NOW_S)
    reviews.appeal(one, "There is one.", "Lee", LATER_S)
    with pytest.raises(ReviewError, match="another person"):
        reviews.take(one, "han  SOL", LATER_S)


def test_every_disposition_closes_a_review(small):
    for at, disposition in enumerate(DISPOSITIONS):
        raise_flag(small, about_card("lookalike", f"0400000000{at:04d}"), NOW_S, "seen twice")
        [review] = Reviews(small).list_open()
        Reviews(small).take(review.id, "Kim", NOW_S)
        assert Reviews(small).decide(review.id, disposition, "seen", "Kim", NOW_S).disposition == disposition


def test_a_question_about_a_card_is_asked_once_and_adds_what_is_new(small):
    question = about_card("counter-out-of-order", CARD)
    assert raise_flag(small, question, NOW_S, "17 after 18")
    assert not raise_flag(small, question, NOW_S, "17 after 18")
    assert not raise_flag(small, question, NOW_S + 1, "16 after 18")
    reviews = Reviews(small)
    [review] = reviews.list_open()
    assert (review.card_uid, review.board) == (CARD, 0) and kinds(review) == ["opened", "raised-again"]
    assert review.evidence["detail"] == "17 after 18" and review.events[1].body["detail"] == "16 after 18"
    assert review.evidence["application"]["application_id"] == "A1"
    reviews.take(review.id, "Kim", NOW_S)
    reviews.decide(review.id, "our-error", "a worn card", "Kim", NOW_S)
    assert raise_flag(small, question, LATER_S, "3 after 18")
    [again] = reviews.list_open()
    assert again.id != review.id
    with pytest.raises(ReviewError, match=f"open again as review {again.id}"):
        reviews.appeal(review.id, "it is not worn", "Lee", LATER_S)


def test_evidence_stays_as_it_was_when_the_facts_change(small):
    journal = Journal(1)
    journal.crossing(MORNING_S, CARD)
    learning = Learning(small)
    refused = Application(application_id="A1", decision="refused", entries=1, max_stay_days=10)
    learning.take_imported([refused], NOW_S)
    Intake(small).take([journal.run()], NOW_S)
    reviews = Reviews(small)
    before = {review.kind: review for review in reviews.list_open()}
    assert before["refer"].evidence["application"]["decision"] == "refused"
    learning.take_imported([refused.model_copy(update={"decision": "approved"})], LATER_S)
    after = {review.kind: review for review in reviews.list_open()}
    assert after["refer"] == before["refer"]
    change = [event.body["detail"] for event in after["answer-changed"].events]
    assert change == ["shown permitted, now refer application-not-approved", "judged refer, now permitted"]
    assert after["answer-changed"].events[1].body["application"]["decision"] == "approved"


ANSWERS = (reasons.PERMITTED, reasons.REFER)
EVERY = range(len(reasons.VERDICTS))


def judge_as(store, *verdicts):
    """Have the crossing judged as each of these in turn, by what the centre could say of its permit and its policy."""
    for verdict in verdicts:
        with store.transaction():
            permit = store.knowledge.application("A1")
            decision = "refused" if verdict == reasons.REFER else "approved"
            store.knowledge.put(permit.model_copy(update={"decision": decision}), None)
            store.knowledge.set_policy(Policy(assurance="live" if verdict == reasons.UNVERIFIABLE else "uid"))
            Judging(store, NOW_S).judge_permits(["A1"])
        assert store.records.crossing(1, 1, 1).verdict == verdict


def told(store):
    """Return what was told of changed answers, oldest first: where each stood, and what it is now."""
    found = [review for review in Reviews(store).list_open() if review.kind == "answer-changed"]
    return [event.body["detail"].removesuffix(" application-not-approved") for one in found for event in one.events]


def changes(shown, *given):
    """Return what is to be told: each GO or ASK that is not the one before it, whatever lay between."""
    answers = [("shown", shown)] if shown in ANSWERS else []
    answers += [("judged", verdict) for verdict in given if verdict in ANSWERS]
    said = [(by, reasons.VERDICTS[before], reasons.VERDICTS[now]) for (by, before), (_, now) in pairwise(answers)]
    return [f"{by} {before}, now {now}" for by, before, now in said if before != now]


@pytest.mark.parametrize("shown", EVERY)
def test_an_answer_that_changed_is_a_question_whatever_lay_between(tmp_path, shown):
    for at, given in enumerate(product(EVERY, repeat=3)):
        store = fresh_store(tmp_path / str(at))
        teach_small(store)
        journal = Journal(1)
        journal.crossing(MORNING_S, CARD, verdict=shown)
        Intake(store).take([journal.run()], NOW_S)
        judge_as(store, *given)
        first = store.verdicts.history(1, 1, 1)[0].verdict  # as the intake judged it
        assert told(store) == changes(shown, first, *given), (shown, given)
        store.close()


def test_an_answer_that_stands_is_not_asked_about_again(small):
    journal = Journal(1)
    journal.crossing(MORNING_S, CARD, verdict=reasons.REFER)
    Intake(small).take([journal.run()], NOW_S)  # GO: shown ASK
    judge_as(small, reasons.REFER, reasons.PERMITTED)
    reviews = Reviews(small)
    one = next(review.id for review in reviews.list_open() if review.kind == "answer-changed")
    reviews.take(one, "Kim", NOW_S)
    reviews.decide(one, "permitted-after-all", "The approval came late.", "Kim", NOW_S)
    judge_as(small, reasons.UNVERIFIABLE, reasons.PERMITTED)
    assert told(small) == []


def test_what_was_judged_before_the_facts_were_here_is_an_answer_once_they_confirm_it(small):
    with small.transaction():
        small.knowledge.put(small.knowledge.application("A1").model_copy(update={"decision": "refused"}), None)
        small._conn.execute("DELETE FROM meta WHERE key = 'as_of_s'")
    journal = Journal(1)
    journal.crossing(MORNING_S, CARD, verdict=reasons.UNVERIFIABLE)
    Intake(small).take([journal.run()], NOW_S)
    judge_as(small, reasons.PERMITTED, reasons.REFER)
    assert Reviews(small).list_open() == []
    Learning(small).caught_up(NOW_S)
    assert Learning(small).settle_provisional(NOW_S) == 1
    judge_as(small, reasons.UNVERIFIABLE, reasons.PERMITTED)
    assert told(small) == ["judged refer, now permitted"]


def test_a_policy_judges_nothing_by_itself_and_a_past_only_with_what_touches_its_permit(small):
    first = small.knowledge.application("A1").model_copy(update={"valid_until": "2026-01-01"})
    Learning(small).take_imported([first], NOW_S)
    journal = Journal(1)
    journal.crossing(MORNING_S, CARD)
    Intake(small).take([journal.run()], NOW_S)
    mild = Policy(version=2, assurance="uid", lenient=["expired"])
    assert [(one.now, one.then) for one in would_change(small, mild, NOW_S)] == [("refer expired", "permitted expired")]
    Learning(small).take_changes([Change(revision=7, policy=mild)], 7, NOW_S)
    assert verdict_of(small, 1, 1)[0] == "refer"  # in force, and nothing is judged again
    seq = journal.crossing(MORNING_S + 900, CARD, 1)
    Intake(small).take([journal.run(seq)], LATER_S)
    assert [verdict_of(small, 1, at)[0] for at in (1, seq)] == ["permitted", "permitted"]
    versions = [(row.verdict, row.policy_version) for row in small.verdicts.history(1, 1, 1)]
    assert versions == [(reasons.REFER, 1), (reasons.PERMITTED, 2)]  # which policy said what is there to be read
    assert told(small) == ["shown permitted, now refer expired", "judged refer, now permitted"]


def test_a_block_that_comes_late_asks_about_the_passages_it_touches(small):
    journal = Journal(1)
    seq = journal.crossing(MORNING_S, CARD)
    journal.outcome(MORNING_S + 5, seq, record.ADMITTED)
    Intake(small).take([journal.run()], NOW_S)
    assert Reviews(small).list_open() == []
    lost = Card(card_uid=CARD, application_id="A1", status="lost", blocked_from=MORNING_S - 60)
    Learning(small).take_imported([lost], LATER_S)
    assert [review.kind for review in Reviews(small).list_open()] == ["refer", "answer-changed"]


def test_a_card_at_two_points_nearer_than_the_journey_is_a_question_about_the_card(small):
    journey = Journey(points=("ONS", "HRY"), minutes=90)
    with small.transaction():
        small.knowledge.set_policy(Policy(assurance="uid", journeys=[journey]))
    there, back = Journal(1), Journal(2)
    there.outcome(MORNING_S, there.crossing(MORNING_S, CARD), record.ADMITTED)
    back.outcome(MORNING_S + 80 * 60, back.crossing(MORNING_S + 80 * 60, CARD, 1), record.ADMITTED)
    there.outcome(MORNING_S + 200 * 60, there.crossing(MORNING_S + 180 * 60, CARD, 1), record.ADMITTED)
    Intake(small).take([there.run()], NOW_S)
    assert Reviews(small).list_open() == []
    Intake(small).take([back.run()], NOW_S)  # late, and between the two
    assert verdict_of(small, 2, 1) == ("permitted", [], ["impossible-travel"])
    [review] = Reviews(small).list_open()
    assert (review.kind, review.card_uid, review.detail) == ("impossible-travel", CARD, "2/1/1 at HRY")
    assert [crossing["board"] for crossing in review.evidence["crossings"]] == [1, 2, 1]


def test_what_was_asked_about_a_card_is_not_asked_again_when_its_permit_changes(small):
    with small.transaction():
        journey = Journey(points=("ONS", "HRY"), minutes=90)
        small.knowledge.set_policy(Policy(assurance="uid", journeys=[journey]))
    there, back = Journal(1), Journal(2)
    there.outcome(MORNING_S, there.crossing(MORNING_S, CARD), record.ADMITTED)
    back.outcome(MORNING_S + 40 * 60, back.crossing(MORNING_S + 40 * 60, CARD, 1), record.ADMITTED)
    there.outcome(MORNING_S + 80 * 60, there.crossing(MORNING_S + 80 * 60, CARD), record.TURNED_BACK)
    Intake(small).take([there.run(), back.run()], NOW_S)
    reviews = Reviews(small)
    one = next(review.id for review in reviews.list_open() if review.kind == "impossible-travel")
    reviews.take(one, "Kim", NOW_S)
    reviews.decide(one, "our-error", "The journey is shorter on the ice.", "Kim", NOW_S)
    known = small.knowledge.application("A1")
    Learning(small).take_imported([known.model_copy(update={"valid_until": "2026-01-01"})], NOW_S)
    assert verdict_of(small, 2, 1) == ("refer", ["expired"], ["impossible-travel"])
    assert "impossible-travel" not in [review.kind for review in reviews.list_open()]


def test_nothing_is_deleted_or_rewritten(reviews):
    one = number(reviews)
    reviews.take(one, "Kim", NOW_S)
    for statement in (
        "DELETE FROM flags",
        "DELETE FROM reviews",
        "DELETE FROM review_events",
        "UPDATE review_events SET person = 'Lee'",
        "UPDATE reviews SET evidence = '{}'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=r"never|frozen"):
            reviews._store._conn.execute(statement)


def test_the_list_goes_on_behind_a_number(small):
    for at in range(7):
        raise_flag(small, about_card("lookalike", f"0400000000{at:04d}"), NOW_S)
    reviews = Reviews(small)
    first = reviews.list_open(limit=4)
    rest = reviews.list_open(after=first[-1].id, limit=4)
    assert (len(first), len(rest)) == (4, 3)
    assert [review.id for review in first + rest] == sorted(review.id for review in first + rest)


def test_questions_from_before_there_were_reviews_get_one(tmp_path):
    conn = database.connect(tmp_path / database.FILE_NAME)
    for statement in schema.KNOWLEDGE + schema.RECORDS + schema.JUDGEMENT + schema.DELIVERY + schema.TIMES:
        conn.execute(statement)
    conn.execute("CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT)")
    for name in ("0001_first_tables", "0002_times"):
        conn.execute("INSERT INTO _sqlite_migrations VALUES ('checkpost.gateway', ?, '')", (name,))
    insert = "INSERT INTO flags (kind, board, epoch, seq, opened_s, detail) VALUES ('refer', 1, 1, 4, 9, 'expired')"
    conn.execute(insert)
    conn.close()
    store = open_store(tmp_path, 1)
    [review] = Reviews(store).list_open()
    assert (review.kind, review.seq, review.opened_s, review.evidence) == ("refer", 4, 9, {"detail": "expired"})
    assert review.intact
    store.close()


def test_each_persons_step_waits_for_the_centre_in_its_order(reviews):
    store = reviews._store
    rows = store.outbox.next_import()
    one = number(reviews)
    reviews.take(one, "Kim", NOW_S)
    reviews.add_statement(one, "I left the card at home.", "Kim", NOW_S + 1)
    _, events = store.outbox.next_steps()
    assert [store.reviews.event(event)[1].kind for event in events] == ["taken", "statement"]
    assert store.outbox.next_import() == rows


def test_steps_of_before_the_centre_was_told_of_them_are_told_now(reviews):
    store = reviews._store
    one = number(reviews)
    reviews.take(one, "Kim", NOW_S)
    ids, events = store.outbox.next_steps()
    with store.transaction():
        store.outbox.done(ids)
        for statement in schema.REVIEW_STEPS:
            store._conn.execute(statement)
    assert store.outbox.next_steps()[1] == events
    assert kinds(reviews.get(one)) == ["opened", "taken"]  # the opening was no person's
