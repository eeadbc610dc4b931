"""Questions become reviews once each; people answer them under rules that nobody gets round."""

import json

import pytest
from sqlalchemy import text

from checkpost import record
from checkpost.reasons import PERMITTED
from gateway.central.cases.evidence import digest
from gateway.central.cases.questions import DUE_DAYS
from gateway.central.cases.reviews import APPEAL_DAYS
from gateway.central.store import StoreError
from gateway.contract import CONSOLE_LANE
from tests.central.conftest import A1, CARD
from tests.central.test_access import problem

MONDAY_S = 1_792_962_000
WHY = {"Checkpost-Purpose": "the day's reviews"}
SAID = {"text": "I crossed to see my mother."}
ERROR = {"disposition": "our-error", "reason": "The permit was entered late.", "appeal": "In writing, 30 days."}
RETURN = {**ERROR, "disposition": "returned", "risk": "None that is known."}


@pytest.fixture
def office(small):
    """A centre whose reviewers are kim and han, and one crossing without a card: review 1."""
    for name in ("kim", "han", "ri"):
        small.sign_in(name, "reviewer")
    small.sign_in("chu", "clerk")
    small.board = small.add_board("ONS")
    small.board.crossing(MONDAY_S)
    small.take(small.board.run())
    return small


def waiting(office, **params):
    return office.good("office", "GET", "/v1/reviews", params=params)["reviews"]


def review(office, number=1):
    return office.good("office", "GET", f"/v1/reviews/{number}")


def step(office, name, deed, body, number=1):
    return office.call(name, "POST", f"/v1/reviews/{number}/{deed}", json=body)


def good(office, name, deed, body, number=1):
    answer = step(office, name, deed, body, number)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(office, name, deed, body, number=1):
    """The kind of the problem that a step ends in; the review stays as it was."""
    before = review(office, number)
    answer = step(office, name, deed, body, number)
    assert review(office, number) == before
    return problem(answer)


def taken(office):
    good(office, "kim", "take", {})
    good(office, "kim", "statements", SAID)


def kinds(office, number=1):
    return [event["kind"] for event in review(office, number)["events"]]


@pytest.mark.both_stores
def test_a_verdict_that_asks_opens_one_review_with_its_evidence(office):
    (line,) = waiting(office)
    assert (line["kind"], line["detail"], line["state"]) == ("refer", "no-permit", "open")
    assert line["due_s"] - line["opened_s"] == DUE_DAYS * 86_400 and line["opened_s"] == office.now_s
    found = review(office)
    assert found["intact"] and found["evidence"]["record"] == office.board.raws[0].hex()
    assert found["evidence"]["crossing"]["reasons"] == ["no-permit"]
    canonical = json.dumps(found["evidence"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest(canonical) == found["evidence_sha256"]
    office.take(office.board.run())  # known already
    office.board.outcome(MONDAY_S + 5, 1, "referred")
    office.take(office.board.run(2))  # judged again, to the same end
    assert len(waiting(office)) == 1 and kinds(office) == []


@pytest.mark.both_stores
def test_what_a_hand_wrote_besides_the_board_is_one_entry_and_a_question(office):
    office.good("admin", "PUT", "/v1/policy", json={"assurance": "uid"})
    office.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | {"entries": 1}], "cards": [CARD]})
    console = office.add_board("ONS", lane=CONSOLE_LANE, link_key="09" * 16)
    console.line(MONDAY_S + 60, CARD["card_uid"])
    console.outcome(MONDAY_S + 60, 1, "admitted")
    office.board.crossing(MONDAY_S + 100, CARD["card_uid"])
    office.take(console.run(), office.board.run(2))
    (line,) = [one for one in waiting(office) if one["kind"] == "written-twice"]
    assert (line["board"], line["detail"]) == (console.number, f"perhaps the same as {office.board.number}/1/2")
    found = {one["board"]: one for one in office.crossings() if one["card_uid"]}
    assert [(one["verdict"], one["reasons"]) for one in found.values()] == [("permitted", [])] * 2
    assert (found[console.number]["notes"], found[office.board.number]["notes"]) == (["written-twice"], [])
    told = office.good("gateway", "GET", "/v1/changes", params={"position": 0})["crossings"]
    assert {one["board"]: one["source"] for one in told} == {office.board.number: "tap", console.number: "paper"}


@pytest.mark.both_stores
def test_what_is_judged_otherwise_adds_to_its_review_and_what_falls_away_untaken_is_withdrawn(office):
    office.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | {"decision": "pending"}]})
    for at in (60, 120):
        office.board.crossing(MONDAY_S + at, CARD["card_uid"], "entry" if at == 60 else "exit")
    office.take(office.board.run(2))
    assert [line["detail"] for line in waiting(office)] == ["no-permit"] + ["application-not-approved"] * 2
    good(office, "kim", "take", {}, 3)
    office.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | {"entries": 0}]})
    assert review(office, 2)["detail"] == "entries-exhausted" and kinds(office, 2) == ["raised-again"]
    assert review(office, 2)["evidence"]["crossing"]["reasons"] == ["application-not-approved"]  # as it was
    assert kinds(office, 3) == ["taken", "no-longer-asked"] and review(office, 3)["state"] == "taken"
    office.good("gateway", "POST", "/v1/imports", json={"applications": [A1]})
    assert (review(office, 2)["state"], kinds(office, 2)[-1]) == ("withdrawn", "no-longer-asked")
    assert refused(office, "kim", "take", {}, 2) == "withdrawn"
    office.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | {"entries": 0}]})
    assert [(line["number"], line["detail"]) for line in waiting(office)][-1] == (4, "entries-exhausted")


def test_an_answer_that_is_another_than_the_guard_was_shown_is_a_question_of_its_own(office):
    body = record.Crossing()
    body.verdict = PERMITTED
    office.board._write(record.CROSSING, MONDAY_S + 300, body.pack())
    office.take(office.board.run(2))
    assert [(line["kind"], line["detail"]) for line in waiting(office)][1:] == [
        ("refer", "no-permit"),
        ("answer-changed", "shown permitted, now refer no-permit"),
    ]


def test_a_card_that_is_at_two_places_at_once_is_asked_about_as_a_card(office):
    office.good(
        "admin", "PUT", "/v1/crossing-points/HRY", json={"code": "HRY", "name": "H", "kind": "border", "zone": "z"}
    )
    policy = {"assurance": "uid", "journeys": [{"points": ["ONS", "HRY"], "minutes": 90}]}
    office.good("admin", "PUT", "/v1/policy", json=policy)
    office.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | {"entries": None}]})
    other = office.add_board("HRY")
    office.board.crossing(MONDAY_S + 600, CARD["card_uid"])
    other.crossing(MONDAY_S + 1200, CARD["card_uid"], "exit")
    office.take(office.board.run(2), other.run())
    (line,) = [line for line in waiting(office) if line["kind"] == "impossible-travel"]
    assert (line["board"], line["detail"]) == (0, f"{other.number}/1/1 at HRY")
    assert review(office, line["number"])["card_uid"] == CARD["card_uid"]


def test_records_that_do_not_fit_are_asked_about_once_though_the_batch_left_nothing_else(office):
    forged = office.board.run()
    forged["records"][0] = forged["records"][0][:-2] + "ff"
    for _ in range(3):
        assert problem(office.call("gateway", "POST", "/v1/batches", json={"runs": [forged]})) == "record-differs"
    (line,) = [line for line in waiting(office) if line["kind"] == "record-differs"]
    assert "Record 1 of board 1 differs" in line["detail"] and (line["board"], line["seq"]) == (1, 0)
    office.board.outcome(MONDAY_S + 9, 77, "admitted")  # one that is still to come
    office.board.outcome(MONDAY_S + 9, 2, "admitted")  # an outcome
    office.take(office.board.run(2))
    kinds_found = sorted(line["kind"] for line in waiting(office))
    assert kinds_found == ["outcome-without-crossing", "record-differs", "record-not-understood", "refer"]


def test_a_review_goes_its_way_from_taking_to_disposition_appeal_and_another_disposition(office):
    taken(office)
    assert good(office, "kim", "disposition", ERROR)["disposition"] == "our-error"
    assert waiting(office) == []
    decided = office.good("office", "GET", "/v1/reviews", params={"state": "decided"})["reviews"]
    assert [(line["number"], line["reviewer"], line["decided_s"]) for line in decided] == [(1, "kim", office.now_s)]
    office.now_s += 3600
    good(office, "kim", "appeals", {"ground": "I want it in writing that I was right."})
    (line,) = waiting(office)
    assert (line["disposition"], line["reviewer"]) == ("", "")
    assert line["due_s"] == office.now_s + APPEAL_DAYS * 86_400
    good(office, "han", "take", {})
    good(office, "han", "disposition", ERROR | {"disposition": "permitted-after-all"})
    assert kinds(office) == ["taken", "statement", "decided", "appealed", "taken", "decided"]
    last = review(office)["events"][-1]
    assert last["person"] == "han" and last["body"]["reason"] and last["body"]["appeal"]


def test_nobody_decides_what_another_has_or_takes_it_without_naming_them(office):
    assert refused(office, "han", "disposition", ERROR) == "not-yours"
    taken(office)
    assert refused(office, "han", "disposition", ERROR) == "not-yours"
    assert refused(office, "han", "take", {"instead_of": "ri"}) == "taken"
    assert good(office, "han", "take", {"instead_of": "kim"})["reviewer"] == "han"


@pytest.mark.parametrize("field", ["reason", "appeal", "disposition"])
@pytest.mark.parametrize("empty", ["", "   ", None])
def test_a_disposition_without_its_reason_or_the_way_to_appeal_is_none(office, field, empty):
    taken(office)
    body = {name: value for name, value in (ERROR | {field: empty}).items() if value is not None}
    assert refused(office, "kim", "disposition", body) == "not-valid"


def test_nobody_is_disposed_of_unheard(office):
    good(office, "kim", "take", {})
    assert refused(office, "kim", "disposition", ERROR) == "not-heard"
    good(office, "kim", "statements", {"text": "Not found at the address on two days.", "heard": False})
    good(office, "kim", "disposition", ERROR)


def test_a_return_needs_two_persons_and_a_word_on_the_risk(office):
    taken(office)
    assert refused(office, "kim", "disposition", {**RETURN, "risk": " "}) == "not-valid"
    assert refused(office, "kim", "disposition", ERROR | {"risk": "of nothing"}) == "not-valid"
    assert good(office, "kim", "disposition", RETURN)["state"] == "proposed"
    assert review(office)["disposition"] == ""  # nothing is decided by one
    agreed = {"agrees": True, "reason": "The file bears it out."}
    assert refused(office, "kim", "confirmation", agreed) == "same-person"
    assert refused(office, "kim", "disposition", ERROR) == "not-yours"
    assert refused(office, "ri", "take", {"instead_of": "kim"}) == "proposed"
    assert refused(office, "han", "confirmation", {"agrees": True, "reason": ""}) == "not-valid"
    good(office, "han", "confirmation", {"agrees": False, "reason": "Nobody asked for the mother's papers."})
    assert kinds(office)[-1] == "objected" and review(office)["state"] == "taken"
    good(office, "kim", "disposition", RETURN)
    assert good(office, "han", "confirmation", agreed)["disposition"] == "returned"
    last = review(office)["events"][-1]
    assert (last["person"], last["body"]["proposed_by"], last["body"]["risk"]) == ("han", "kim", RETURN["risk"])


@pytest.mark.both_stores
def test_an_appeal_stops_a_return_before_and_after_it_is_agreed_and_both_who_decided_have_no_part_in_it(office):
    taken(office)
    good(office, "kim", "disposition", RETURN)
    good(office, "ri", "appeals", {"ground": "My mother lives here."})
    assert (review(office)["state"], waiting(office)[0]["reviewer"]) == ("open", "")
    assert refused(office, "kim", "take", {}) == "own-appeal"
    good(office, "han", "take", {})
    good(office, "han", "disposition", RETURN)
    assert refused(office, "kim", "confirmation", {"agrees": True, "reason": "As I said."}) == "own-appeal"
    good(office, "ri", "confirmation", {"agrees": True, "reason": "So be it."})
    good(office, "ri", "appeals", {"ground": "Once more."})
    for name in ("kim", "han", "ri"):
        assert refused(office, name, "take", {}) == "own-appeal"


def test_a_regularisation_issues_a_permit_or_neither_is(office):
    taken(office)
    body = ERROR | {"disposition": "regularised"}
    assert refused(office, "kim", "disposition", body) == "not-valid"
    assert refused(office, "kim", "disposition", body | {"permit": "A9"}) == "not-valid"
    assert refused(office, "kim", "disposition", ERROR | {"permit": "A1"}) == "not-valid"
    office.good("gateway", "POST", "/v1/imports", json={"applications": [A1 | {"decision": "refused"}]})
    assert refused(office, "kim", "disposition", body | {"permit": "A1"}) == "not-valid"
    asked = {"name": "Han Sol", "grounds": ["family_visit"], "submitted_on": "2026-10-01", "crossing_points": ["ONS"]}
    office.good("chu", "PUT", "/v1/applications/A2", json=asked)
    good(office, "kim", "disposition", body | {"permit": "A2"})
    assert review(office)["events"][-1]["body"]["permit"] == "A2"
    told = office.good("gateway", "GET", "/v1/changes")["changes"]
    assert [one["application"]["decision"] for one in told if one.get("application")][-1] == "approved"


def test_only_a_reviewer_signed_in_by_name_takes_a_step(office):
    for name in ("chu", "admin", "office"):
        assert refused(office, name, "take", {}) == "wrong-role"
    bearer = {"Authorization": f"Bearer {office.tokens['kim']}"}
    limited = office.http.post("/v1/tokens", json={"scopes": ["read", "write"]}, headers=bearer).json()["token"]
    office.tokens["program"] = limited
    assert refused(office, "program", "take", {}) == "wrong-scope"


def test_the_evidence_is_read_for_a_purpose_only(office):
    assert problem(office.call("kim", "GET", "/v1/reviews/1")) == "purpose-missing"
    assert office.call("kim", "GET", "/v1/reviews/1", headers=WHY).status_code == 200
    reads = office.good("admin", "GET", "/v1/reads")["reads"]
    assert [(read["name"], read["what"], read["why"]) for read in reads] == [("kim", "review 1", "the day's reviews")]
    assert problem(office.call("office", "GET", "/v1/reviews/99")) == "unknown-review"


HAND = [
    "DELETE FROM reviews",
    "DELETE FROM review_events",
    "UPDATE reviews SET evidence = '{}'",
    "UPDATE reviews SET evidence_sha256 = ''",
    "UPDATE reviews SET board = 2",
    'UPDATE review_events SET body = \'{"text":"I confess."}\'',
    "UPDATE review_events SET person = 'han'",
]


@pytest.mark.both_stores
@pytest.mark.parametrize("statement", HAND)
def test_the_store_itself_refuses_to_rewrite_a_review(office, statement):
    taken(office)
    with pytest.raises(StoreError, match=r"never|frozen"), office.store.write() as transaction:
        transaction.reviews._connection.execute(text(statement))
    assert review(office)["intact"]


@pytest.mark.both_stores
def test_what_reviews_say_of_a_person_can_be_erased_and_the_digest_stays(office):
    taken(office)
    before = review(office)
    with office.store.write() as transaction:
        transaction.reviews.erase([1])
    found = review(office)
    assert found["evidence"] == {} and found["intact"] and found["evidence_sha256"] == before["evidence_sha256"]
    assert [event["body"] for event in found["events"]] == [{}, {}]


@pytest.mark.both_stores
def test_a_list_comes_in_parts_soonest_due_first_and_one_point_s_alone(office):
    for at in range(1, 6):
        office.now_s += 60
        office.board.crossing(MONDAY_S + 600 * at)
        office.take(office.board.run(at + 1))
    seen, after = [], ""
    while True:
        page = office.good("office", "GET", "/v1/reviews", params={"after": after, "limit": 4})
        seen += [line["number"] for line in page["reviews"]]
        after = page["next"]
        if not after:
            break
    assert seen == [1, 2, 3, 4, 5, 6]
    assert len(waiting(office, crossing_point="ONS")) == 6 and waiting(office, crossing_point="HRY") == []


@pytest.mark.sqlite_only  # PostgreSQL plans by what a table holds, and here it holds nothing
def test_lists_of_a_hundred_thousand_reviews_are_read_from_an_index_part_by_part(office):
    plans = []
    with office.store.read() as transaction:
        connection = transaction.reviews._connection

        def plan(statement):
            compiled = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
            rows = connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))
            plans.append(" ".join(row[3] for row in rows))

        rows = transaction.reviews
        rows._rows = lambda query: plan(query) or []
        rows.waiting((7, 7), 51)
        rows.waiting((7, 7), 51, "ONS")
        rows.decided((7, 7), 51)
        rows.of_record(1, 1, 1)
        rows.of_permit("A1")
    names = ["reviews_due", "reviews_due_by_point", "reviews_decided", "reviews_by_record", "reviews_by_permit"]
    for found, name in zip(plans, names, strict=True):
        assert f"USING INDEX {name} " in found and "SCAN" not in found and "B-TREE" not in found, found
