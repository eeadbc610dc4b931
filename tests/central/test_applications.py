"""Applications: intake that can be repeated, names kept apart, proposals, decisions, letters, turn-around."""

import sqlite3
import threading

import pytest

from gateway.central.access import Access, Caller
from gateway.central.cases.application_figures import figures
from gateway.central.cases.deciding import issue_permit
from gateway.central.cases.intake import At
from gateway.central.store import STORE_NAME, Store
from gateway.central.store.adopting import LAST
from gateway.contract import Application
from gateway.contract.applications import Asked
from tests.central.support import Centre
from tests.central.test_store import lay_old

WHY = {"Checkpost-Purpose": "application A-1"}
ASKED = {
    "person": "P-1",
    "name": "Han Sol",
    "grounds": ["family_visit"],
    "submitted_on": "2026-10-01",
    "valid_from": "2026-11-01",
    "valid_until": "2026-12-31",
    "crossing_points": ["ONS"],
    "entries": 2,
}
TODAY = "2026-10-26"  # by the clock of tests/central/support.py


@pytest.fixture
def desk(centre):
    """A centre with one point and a clerk."""
    return staffed(centre)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory, shared_database):
    """One such centre for the tests that change nothing in it."""
    made = Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    with made.http:
        yield staffed(made)
    made.store.close()


def staffed(centre):
    centre.good("admin", "PUT", "/v1/crossing-points/ONS", json=ONS)
    centre.tokens["clerk"] = Access(centre.store, lambda: 0.0).issue("clerk", "kim")
    return centre


ONS = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north"}


def take(desk, number="A-1", role="clerk", **more):
    return desk.call(role, "PUT", f"/v1/applications/{number}", json=ASKED | more)


def decide(desk, number="A-1", role="clerk", **body):
    return desk.call(role, "POST", f"/v1/applications/{number}/decision", json={"decision": "approved"} | body)


def known(desk):
    """What gateways hear of applications, by number."""
    changes = desk.good("gateway", "GET", "/v1/changes", params={"after": 0, "wait": 0})["changes"]
    return {one["application"]["application_id"]: one["application"] for one in changes if one.get("application")}


def revision(desk):
    return desk.good("gateway", "GET", "/v1/changes", params={"after": 0, "wait": 0})["revision"]


def field(answer):
    assert answer.status_code == 422, answer.text
    return answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["detail"]


def test_the_same_application_again_changes_nothing(desk):
    first = take(desk)
    assert first.json()["proposal"]["decision"] == "approved" and first.json()["age_days"] == 25
    before = revision(desk)
    assert take(desk).json() == first.json() and revision(desk) == before
    assert take(desk, entries=3).json()["revision"] == before + 1
    assert decide(desk).status_code == 200
    assert take(desk, entries=3).status_code == 200
    changed = take(desk, entries=4)
    assert changed.status_code == 409 and "was approved on 2026-10-26" in changed.json()["detail"]


@pytest.mark.parametrize(
    ("more", "pointer", "says"),
    [
        ({"submitted_on": "2026-02-30"}, "#/submitted_on", "no such day"),
        ({"submitted_on": "2027-01-01"}, "#/submitted_on", "still to come"),
        ({"valid_until": "2026-10-31"}, "#/valid_until", "before it begins"),
        ({"crossing_points": ["ONS", "XXX"]}, "#/crossing_points/1", "no crossing point XXX"),
        ({"grounds": ["trade", "trade"]}, "#/grounds", "twice"),
        ({"grounds": ["tourism"]}, "#/grounds/0", "family_visit"),
        ({"person": "P-9", "name": None}, "#/name", "nobody is known as P-9"),
        ({"contract": "C-9", "valid_from": None, "valid_until": None}, "#/contract", "no contract C-9"),
        ({"nationality": "x"}, "#/nationality", "Extra inputs"),
        ({"name": "Han\u0000"}, "#/name", "NUL"),
        ({"name": "Han\u0007"}, "#/name", "pattern"),
    ],
)
def test_what_is_wrong_is_named_by_field_and_nothing_is_kept(unchanged, more, pointer, says):
    before = revision(unchanged)
    found = field(take(unchanged, **more))
    assert found[0] == pointer and says in found[1]
    assert (
        revision(unchanged) == before
        and unchanged.call("admin", "GET", "/v1/persons/P-1", headers=WHY).status_code == 404
    )


@pytest.mark.both_stores
def test_a_name_is_with_the_person_only_and_read_for_a_purpose(desk):
    take(desk, contact="12 Station Road")
    assert "Han Sol" not in str(desk.good("admin", "GET", "/v1/applications")) + str(known(desk))
    for role in ("clerk", "admin", "office"):  # a machine has to say why, too
        assert field(desk.call(role, "GET", "/v1/persons/P-1"))[0] == "header: Checkpost-Purpose"
        assert field(desk.call(role, "GET", "/v1/persons?name=Han"))[0] == "header: Checkpost-Purpose"
        assert field(desk.call(role, "GET", "/v1/applications/A-1/letter"))[0] == "header: Checkpost-Purpose"
    person = {"reference": "P-1", "name": "Han Sol", "contact": "12 Station Road"}
    assert desk.call("clerk", "GET", "/v1/persons/P-1", headers=WHY).json() == person
    assert desk.call("clerk", "GET", "/v1/persons?name=Han", headers=WHY).json() == {"persons": [person]}
    assert desk.call("clerk", "GET", "/v1/persons?name=Kim", headers=WHY).json() == {"persons": []}
    reads = desk.good("admin", "GET", "/v1/reads")["reads"]
    assert [(one["name"], one["what"], one["why"]) for one in reads if "person" in one["what"]] == [
        ("kim", "person P-1", "application A-1"),
        ("kim", "persons by name", "application A-1"),
        ("kim", "persons by name", "application A-1"),  # that nobody was found was read, too
    ]
    assert "name" in field(take(desk, name="Han Bom"))[0]  # another name is corrected at the person, not in passing


def test_a_person_without_a_reference_gets_one_that_says_nothing(desk):
    first = take(desk, person=None).json()["person"]
    assert first.startswith("P-") and len(first) == 12 and "Han" not in first
    assert take(desk, person=None).json()["person"] == first
    assert take(desk, "A-2", person=None).json()["person"] != first


FILE = """application_id,person,name,grounds,submitted_on,crossing_points,entries
A-1,P-1,Han Sol,family_visit,2026-10-01,ONS,unlimited
A-2,P-2,Kim Bom,resettlement trade,2026-10-02,ONS,2

A-3,P-3,,work,2026-10-03,ONS,2
A-4,P-4,"Ri
Nam",work,2026-13-03,ONS,2
A-5,P-5,Pak,work,2026-10-03,ONS,two
A-6,P-6,Cho,work,2026-10-03,ONS
A-7,P-1,Han Sol,training,2026-10-04,XXX,
"""


def send(desk, text, role="clerk"):
    return desk.call(role, "POST", "/v1/applications/csv", content=text.encode(), headers={"content-type": "text/csv"})


def test_of_a_file_the_good_rows_go_in_and_the_broken_ones_are_named(desk):
    first = send(desk, "\ufeff" + FILE).json()
    assert (first["taken"], first["unchanged"]) == (2, 0)
    assert [(row["line"], row["column"]) for row in first["broken"]] == [
        (5, "name"),
        (6, "name"),
        (8, "entries"),
        (9, "-"),
        (10, "crossing_points"),
    ]
    assert all(row["reason"] for row in first["broken"])
    before = revision(desk)
    assert send(desk, FILE).json() == first | {"taken": 0, "unchanged": 2} and revision(desk) == before
    mended = FILE.replace("two", "2").replace("A-3,P-3,,", "A-3,P-3,Seo,")
    assert send(desk, mended).json()["taken"] == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("application_id,grounds\n", "missing: submitted_on"),
        ("application_id,grounds,submitted_on,nationality\n", "not known here: nationality"),
        ("application_id,grounds,grounds,submitted_on\n", "twice: grounds"),
    ],
)
def test_a_file_of_other_columns_is_refused_as_a_whole(unchanged, text, says):
    assert says in field(send(unchanged, text))[1]


def test_a_quote_that_never_ends_is_named_where_it_begins(desk):
    reply = send(desk, 'application_id,name,grounds,submitted_on\nA-1,Han,work,2026-10-01\nA-2,"Kim,work\n').json()
    assert reply["taken"] == 1 and reply["broken"][0]["line"] == 3


@pytest.mark.both_stores
def test_the_queue_is_oldest_first_and_paged_by_key(desk):
    for number, day in (("B", "2026-10-02"), ("A", "2026-10-02"), ("C", "2026-09-01"), ("D", "2026-10-03")):
        assert take(desk, number, submitted_on=day).status_code == 200
    found, after = [], ""
    for _ in range(3):
        page = desk.good("admin", "GET", "/v1/applications", params={"limit": 2, "after": after})
        found.append([(one["application_id"], one["age_days"]) for one in page["applications"]])
        after = page["next"] or ""
        if not after:
            break
    assert found == [[("C", 55), ("A", 24)], [("B", 24), ("D", 23)]]
    assert field(desk.call("admin", "GET", "/v1/applications?after=xyz"))[0] == "query: after"


@pytest.mark.both_stores
def test_a_pending_case_ends_the_proposal_until_it_is_closed(desk):
    take(desk)
    case = "/v1/persons/P-1/cases/EX-7"
    assert desk.call("clerk", "PUT", case, json={"opened_on": "2026-10-02"}).status_code == 204
    waiting = desk.good("admin", "GET", "/v1/applications/A-1")["proposal"]
    assert waiting == {"decision": "", "why": "A case is pending: EX-7."}
    assert desk.call("clerk", "DELETE", case).status_code == 204
    assert desk.good("admin", "GET", "/v1/applications/A-1")["proposal"]["decision"] == "approved"
    assert desk.call("clerk", "DELETE", case).status_code == 404


@pytest.mark.both_stores
def test_an_open_review_of_a_person_s_travel_ends_the_proposal_until_it_is_decided(desk):
    desk.good("admin", "PUT", "/v1/policy", json={"assurance": "uid"})
    held = {"application_id": "OLD", "applicant_ref": "P-1", "decision": "approved", "entries": 1}
    card = {"card_uid": "04000000000001", "application_id": "OLD", "status": "active"}
    desk.good("gateway", "POST", "/v1/imports", json={"applications": [held], "cards": [card]})
    board = desk.add_board("ONS")
    for at in range(2):  # two entries of one: the second is a question
        board.outcome(desk.now_s + at * 7200 + 5, board.crossing(desk.now_s + at * 7200, card["card_uid"]), "admitted")
    desk.take(board.run())
    take(desk)
    take(desk, "A-2", person="P-2", name="Somebody else")
    said = {number: desk.good("admin", "GET", f"/v1/applications/{number}")["proposal"] for number in ("A-1", "A-2")}
    assert said["A-1"] == {"decision": "", "why": "A review is open: 1."} and said["A-2"]["decision"] == "approved"
    desk.sign_in("han", "reviewer")
    body = {"disposition": "our-error", "reason": "The first was no entry.", "appeal": "In writing."}
    why = {"Checkpost-Purpose": "review 1"}
    assert desk.call("han", "POST", "/v1/reviews/1/take", json={}, headers=why).status_code == 200
    statement = {"text": "I was here once.", "heard": True}
    assert desk.call("han", "POST", "/v1/reviews/1/statements", json=statement, headers=why).status_code == 200
    done = desk.call("han", "POST", "/v1/reviews/1/disposition", json=body, headers=why)
    assert done.status_code == 200, done.text
    assert desk.good("admin", "GET", "/v1/applications/A-1")["proposal"]["decision"] == "approved"


def test_a_decision_is_a_clerk_s_and_a_refusal_says_why(desk):
    take(desk)
    for role in ("office", "gateway"):
        assert decide(desk, role=role).status_code == 403
    assert field(decide(desk, decision="refused"))[0] == "#/reason"
    assert field(decide(desk, decision="refused", reason="  "))[0] == "#/reason"
    seen = desk.good("admin", "GET", "/v1/applications/A-1")["revision"]
    assert decide(desk, revision=seen - 1).json()["type"].endswith("changed-since")
    assert known(desk)["A-1"]["decision"] == "pending"
    refused = decide(desk, decision="refused", reason="The host is away.", revision=seen).json()
    assert (refused["decision"], refused["decided_on"], refused["reason"]) == ("refused", TODAY, "The host is away.")
    assert known(desk)["A-1"]["decision"] == "refused" and decide(desk).json()["type"].endswith("decided-already")
    text = desk.call("clerk", "GET", "/v1/applications/A-1/letter", headers=WHY).text
    assert "To: Han Sol" in text and "Reason: The host is away." in text and "somebody else then decides" in text


def test_a_receipt_and_an_approval_say_what_is_so(desk):
    take(desk)
    letter = desk.call("clerk", "GET", "/v1/applications/A-1/letter", headers=WHY).text
    assert "handed in on 2026-10-01, has been received" in letter
    decide(desk)
    letter = desk.call("clerk", "GET", "/v1/applications/A-1/letter", headers=WHY).text
    assert "has been approved" in letter and "Valid from 2026-11-01 until 2026-12-31, at ONS: 2 entries." in letter


def test_a_withdrawal_counts_from_its_instant(desk):
    take(desk)
    decide(desk)
    body = {"reason": "The family moved.", "withdrawn_from": 1_792_962_000}
    gone = desk.good("clerk", "POST", "/v1/applications/A-1/withdrawal", json=body)
    assert (gone["decision"], gone["reason"]) == ("withdrawn", "The family moved.")
    assert known(desk)["A-1"]["withdrawn_from"] == 1_792_962_000
    again = desk.call("clerk", "POST", "/v1/applications/A-1/withdrawal", json=body)
    assert again.json()["type"].endswith("decided-already")


@pytest.mark.both_stores
def test_of_two_clerks_at_once_one_decides(desk):
    take(desk)
    desk.tokens["clerk2"] = Access(desk.store, lambda: 0.0).issue("clerk", "pak")
    bodies = {"clerk": {"decision": "approved"}, "clerk2": {"decision": "refused", "reason": "no"}}
    found = {}

    def run(role):
        found[role] = decide(desk, role=role, **bodies[role]).status_code

    both = [threading.Thread(target=run, args=(role,)) for role in bodies]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=60)
    assert sorted(found.values()) == [200, 409]


@pytest.mark.both_stores
def test_figures_are_by_day_and_ground_and_count_what_came_from_elsewhere(desk):
    for number, ground, day in (("A", "work", "2026-10-06"), ("B", "work", "2026-10-16"), ("C", "trade", "2026-09-26")):
        take(desk, number, grounds=[ground], submitted_on=day)
    take(desk, "D", grounds=["trade"], submitted_on="2026-10-25")
    decide(desk, "A")
    decide(desk, "B")
    decide(desk, "C", decision="refused", reason="no")
    imported = {"application_id": "E", "applicant_ref": "P-5", "purpose": "work", "submitted_on": "2026-10-01"}
    imported |= {"decision": "approved", "decided_on": "2026-10-05"}
    for _ in range(2):  # brought twice, counted once
        desk.good("gateway", "POST", "/v1/imports", json={"applications": [imported]})
    found = desk.good("admin", "GET", "/v1/figures/applications", params={"first": "2026-10-01", "last": "2026-10-31"})
    assert (found["submitted"], found["approved"], found["refused"], found["pending"]) == (4, 3, 1, 1)
    assert [(day["day"], day["approved"], day["refused"]) for day in found["days"]] == [
        ("2026-10-05", 1, 0),
        (TODAY, 2, 1),
    ]
    assert found["busiest_day"]["day"] == TODAY
    assert [tuple(one.values()) for one in found["turnaround"]] == [("trade", 1, 30, 30, 30), ("work", 3, 10, 20, 20)]
    assert [tuple(one.values()) for one in found["waiting"]] == [("trade", 1, 6, 6, "D")]
    earlier = desk.good("admin", "GET", "/v1/figures/applications?first=2026-10-01&last=2026-10-20")
    assert (earlier["approved"], earlier["pending"]) == (1, 3)  # as it stood then
    assert field(desk.call("admin", "GET", "/v1/figures/applications?first=2026-10-31&last=2026-10-01"))


def test_a_permit_for_a_disposition_is_issued_in_one_step(desk):
    asked = Asked.model_validate(ASKED | {"grounds": ["regularised"], "submitted_on": TODAY})
    with desk.store.write() as transaction:
        held = issue_permit(transaction, "R-1", asked, "P-new", At(Caller("reviewer", "pak"), 0, TODAY))
    assert held.row.decision == "approved" and known(desk)["R-1"]["purpose"] == "regularised"
    with desk.store.read() as transaction:
        assert [row.name for row in transaction.applications.decisions("R-1")] == ["pak"]


def test_a_store_of_before_has_its_applications_in_the_queue(tmp_path):
    path = tmp_path / STORE_NAME
    lay_old(path, LAST)
    plain = Application(application_id="A1", decision="pending", submitted_on="2026-10-01")
    decided = {"application_id": "A2", "decision": "approved", "decided_on": "2026-10-02", "purpose": "work"}
    conn = sqlite3.connect(path)
    for at, application in enumerate([plain, plain.model_copy(update=decided)], start=1):
        row = ("application", application.application_id, at, application.model_dump_json())
        conn.execute("INSERT INTO knowledge VALUES (?, ?, ?, ?)", row)
    conn.commit()
    conn.close()
    store = Store(path)
    with store.read() as transaction:
        assert [held.row.application_id for held in transaction.applications.queue("pending", ("", ""), 9)] == ["A1"]
        found = figures(transaction, "2026-10-01", "2026-10-31")
    store.close()
    assert found.approved == 1 and found.pending == 1 and found.turnaround[0].median_days == 1
