"""The exchange with the other side: who may send what, what was sent, what came back, and who is reminded."""

import csv
import hashlib
import io
import json
from datetime import UTC, datetime

import pytest

from gateway.central.cases.batches import BatchOffice
from gateway.central.cases.exchange import Exchange
from gateway.central.officetime import OfficeTime
from gateway.central.store.tables_exchange import EXCHANGE_BATCHES
from tests.central.rights_support import PERSON, UID
from tests.central.support import Centre, emptied

WHY = {"Checkpost-Purpose": "the morning's letters"}
ABOUT = {"subject": "an address", "owner": "kim", "person": "P-1"}
OPEN = {"subject": "how many wait at the bridge", "owner": "kim"}
PERSONAL = {"text": "Where does P-1 live?", "ground": "agreement of 1953, article 4"}
HERS = {"card_uid": UID, "application_id": "A-PERSON-77", "status": "active"}
TABLES = ("cases", "asks", "messages", "batches", "reminders")
NOON_S = 43_200


class Clock:
    """The office's clock, which these tests move."""

    def __init__(self):
        self.set("2026-01-01")

    def set(self, day):
        self.utc_ms = (int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) + NOON_S) * 1000


@pytest.fixture(scope="module")
def laid(tmp_path_factory, shared_database):
    """One centre for all tests here, with two clerks and a reviewer who signed in."""
    made = Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    made.clock = Clock()
    time = OfficeTime(lambda: made.clock.utc_ms)
    parts = made.app.state.parts
    object.__setattr__(parts, "exchange", Exchange(made.store, time))
    object.__setattr__(parts, "batches", BatchOffice(made.store, time))
    with made.http:
        for name, role in (("kim", "clerk"), ("ri", "clerk"), ("pak", "reviewer")):
            person = {"role": role, "password": f"the long sentence of {name}"}
            made.good("admin", "PUT", f"/v1/people/{name}", json=person)
            signed = {"name": name, "password": person["password"]}
            made.tokens[name] = made.good("", "POST", "/v1/sessions", json=signed)["token"]
        yield made
    made.store.close()


@pytest.fixture
def office(laid):
    emptied(laid, *(f"exchange_{table}" for table in TABLES), "person_cases", "reads")
    laid.clock.set("2026-01-01")
    return laid


def put(office, case="EX-1", who="kim", **body):
    return office.good(who, "PUT", f"/v1/exchange/cases/{case}", json=body)


def write(office, case="EX-1", who="kim", **body):
    return office.good(who, "POST", f"/v1/exchange/cases/{case}/messages", json=body)


def approve(office, number, who="ri", case="EX-1", **body):
    path = f"/v1/exchange/cases/{case}/messages/{number}/approval"
    return office.call(who, "POST", path, json={"approve": True} | body)


def send(office, form="csv"):
    return office.call("kim", "POST", "/v1/exchange/batches", json={"form": form})


def content(office, number):
    return office.call("kim", "GET", f"/v1/exchange/batches/{number}/file", headers=WHY).content


def answer(office, rows, form="csv"):
    if form == "json":
        return office.good("kim", "POST", "/v1/exchange/answers/json", json={"rows": rows})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["case_id", "answer_id", "answered_on", "text"])
    writer.writeheader()
    writer.writerows(rows)
    headers = {"content-type": "text/csv"}
    return office.good("kim", "POST", "/v1/exchange/answers/csv", content=text.getvalue(), headers=headers)


def case_of(office, case="EX-1"):
    return office.good("kim", "GET", f"/v1/exchange/cases/{case}", headers=WHY)["case"]


def asked(office, case="EX-1", day="2026-01-01", **body):
    """Open a case about nobody and send it on a day."""
    office.clock.set(day)
    put(office, case, **OPEN | body)
    write(office, case, text="How many wait?")
    assert send(office).status_code == 200


def kind(answer):
    return answer.json()["type"].rsplit(":", 1)[1]


def test_nobody_approves_what_they_wrote_themselves(office):
    put(office, **ABOUT)
    number = write(office, **PERSONAL)["number"]
    assert (kind(approve(office, number, "kim")), kind(send(office))) == ("second-person-needed", "nothing-to-send")
    token = office.good("kim", "POST", "/v1/tokens", json={"scopes": ["write"]})["token"]
    office.tokens["kim's program"] = token
    office.tokens["ri's program"] = office.good("ri", "POST", "/v1/tokens", json={"scopes": ["write"]})["token"]
    for machine in ("admin", "office", "kim's program", "ri's program"):
        assert kind(approve(office, number, machine)) == "person-needed"
    assert kind(send(office)) == "nothing-to-send"
    assert approve(office, number, "pak").json()["waits_for"] == "batch"
    assert send(office).json()["rows"] == 1


def test_nothing_personal_is_written_without_a_ground_or_by_a_machine(office):
    put(office, **ABOUT)
    path = "/v1/exchange/cases/EX-1/messages"
    for ground in ("", "   "):
        problem = office.call("kim", "POST", path, json=PERSONAL | {"ground": ground}).json()
        assert [error["pointer"] for error in problem["errors"]] == ["#/ground"]
    office.tokens["program"] = office.good("kim", "POST", "/v1/tokens", json={"scopes": ["write"]})["token"]
    for machine in ("office", "program"):
        assert kind(office.call(machine, "POST", path, json=PERSONAL)) == "person-needed"
    put(office, "EX-2", **OPEN)
    problem = office.call("kim", "POST", "/v1/exchange/cases/EX-2/messages", json={"text": "P-1", "personal": True})
    assert problem.status_code == 422


def test_a_case_about_a_person_is_personal_whatever_its_message_says_of_itself(office):
    put(office, **ABOUT)
    assert write(office, personal=False, **PERSONAL)["waits_for"] == "approval"
    put(office, "EX-2", **OPEN)
    write(office, "EX-2", text="How many wait?")
    later = office.call("kim", "PUT", "/v1/exchange/cases/EX-2", json=OPEN | {"person": "P-1"})
    assert kind(later) == "case-differs"
    rows = list(csv.DictReader(io.StringIO(content(office, send(office).json()["number"]).decode())))
    assert [(row["case_id"], row["person"]) for row in rows] == [("EX-2", "")]


@pytest.mark.parametrize(
    "text",
    [
        "Where does Han Sol live?",
        "May P-77 come?",
        "Of A-PERSON-77: is it yours?",
        "Who had the card 04c0ffee123456, please?",
        "R-HERE.",
        "Han\nSol came.",
        "Han Sol씨에게는 무엇이 있습니까?",
        "P-77은 언제 옵니까?",
        "박영희의 집은 어디입니까?",
    ],
)
def test_a_text_that_names_somebody_is_personal_though_its_case_is_about_nobody(office, text):
    known(office)
    put(office, **OPEN)
    body = {"text": text, "personal": False}
    problem = office.call("kim", "POST", "/v1/exchange/cases/EX-1/messages", json=body).json()
    assert [error["pointer"] for error in problem["errors"]] == ["#/ground"]
    assert kind(office.call("office", "POST", "/v1/exchange/cases/EX-1/messages", json=body)) == "person-needed"
    assert write(office, ground="agreement of 1953, article 4", **body)["waits_for"] == "approval"
    assert kind(send(office)) == "nothing-to-send"
    assert write(office, kind="note", **body)["waits_for"] == ""


def test_words_that_name_nobody_leave(office):
    known(office)
    put(office, **OPEN)
    assert (
        write(office, text="How many of the Han family, or P-7, wait since 04? 박영은 누구입니까?")["waits_for"]
        == "batch"
    )


def known(office):
    """A person with a name and a stay, an application, a card."""
    office.good("admin", "PUT", "/v1/persons/P-77", json={"name": "Han Sol"})
    office.good("admin", "PUT", "/v1/persons/P-78", json={"name": "박영희"})
    office.good("gateway", "POST", "/v1/imports", json={"applications": [PERSON], "cards": [HERS]})
    office.good("admin", "PUT", "/v1/stations/S1", json={"name": "Station 1", "beds": 9, "blankets": 9})
    stay = {"station": "S1", "person": "R-HERE", "arrived_on": "2026-01-01"}
    office.good("kim", "PUT", "/v1/stays/S-1", json=stay)


def test_what_a_second_person_refuses_never_leaves_and_says_why(office):
    put(office, **ABOUT)
    number = write(office, **PERSONAL)["number"]
    assert approve(office, number, approve=False).status_code == 422
    assert approve(office, number, approve=False, reason="nobody needs to know").json()["refused_by"] == "ri"
    assert kind(approve(office, number, "pak")) == "nothing-to-approve"
    assert kind(send(office)) == "nothing-to-send"


def test_what_was_sent_is_kept_byte_for_byte_and_leaves_once(office):
    put(office, **ABOUT)
    approve(office, write(office, **PERSONAL)["number"])
    put(office, "EX-2", **OPEN)
    write(office, "EX-2", text='A "quoted" word,\nand a second line: 회령')
    write(office, "EX-2", kind="note", text="for us alone")
    made = send(office).json()
    raw = content(office, made["number"])
    assert (hashlib.sha256(raw).hexdigest(), len(raw)) == (made["sha256"], made["size"])
    rows = list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
    assert [row["text"] for row in rows] == [PERSONAL["text"], 'A "quoted" word,\nand a second line: 회령']
    assert rows[0]["person"] == "P-1" and rows[0]["answer_by"] == "2026-01-31"
    assert "an address" not in raw.decode() and "article 4" not in raw.decode()
    assert kind(send(office, "json")) == "nothing-to-send"
    assert content(office, made["number"]) == raw
    reads = [read["what"] for read in office.good("admin", "GET", "/v1/reads")["reads"]]
    assert [what for what in reads if "file" in what] == ["exchange file 1"] * 2


def test_a_file_that_was_touched_is_not_given_out(office):
    asked(office)
    with office.store.write() as transaction:
        transaction._connection.execute(EXCHANGE_BATCHES.update().values(content=b"\0"))
    answered = office.call("kim", "GET", "/v1/exchange/batches/1/file", headers=WHY)
    assert kind(answered) == "batch-damaged"


def test_answers_are_taken_row_by_row_and_the_same_file_changes_nothing(office):
    asked(office)
    put(office, "EX-2", **OPEN)
    office.clock.set("2026-02-10")
    good = {"case_id": "EX-1", "answer_id": "T-1", "answered_on": "2026-02-09", "text": "Forty."}
    rows = [
        good,
        good | {"answer_id": "T-2", "case_id": "EX-9"},
        good | {"answer_id": "T-3", "case_id": "EX-2"},
        good | {"answer_id": "T-4", "answered_on": "2025-12-31"},
        good | {"answer_id": "T-5", "answered_on": "2026-02-11"},
        good | {"answer_id": "T-6", "answered_on": "2026-02-30"},
        good | {"text": "Fifty."},
        good | {"answer_id": "T-7", "text": ""},
    ]
    columns = ["case_id", "case_id", "answered_on", "answered_on", "answered_on", "answer_id", "text"]
    first = answer(office, rows)
    assert (first["new"], first["known"]) == (1, 0)
    assert [row["column"] for row in first["broken"]] == columns
    assert [row["line"] for row in first["broken"]] == [3, 4, 5, 6, 7, 8, 9]
    found = case_of(office)
    assert (found["state"], found["answered_on"], found["days_overdue"]) == ("answered", "2026-02-09", 0)
    again = answer(office, rows)
    assert (again["new"], again["known"], again["batch"]) == (0, 1, first["batch"])
    as_json = answer(office, rows, "json")
    assert [row["column"] for row in as_json["broken"]] == columns and as_json["known"] == 1
    thread = office.good("kim", "GET", "/v1/exchange/cases/EX-1", headers=WHY)["thread"]
    assert [(one["kind"], one["their_number"]) for one in thread if one["kind"] == "in"] == [("in", "T-1")]


def test_the_longest_overdue_stands_on_top_until_it_ends(office):
    asked(office, "EX-old", "2025-01-10", answer_days=300)
    asked(office, "EX-b", "2025-06-01")
    asked(office, "EX-a", "2025-06-01")
    asked(office, "EX-new", "2026-05-01")
    office.clock.set("2026-05-13")
    put(office, "EX-draft", **OPEN)
    seen, after = [], ""
    while after or not seen:
        page = office.good("kim", "GET", "/v1/exchange/cases", params={"limit": 2, "after": after}, headers=WHY)
        seen += page["cases"]
        after = page["next"]
    assert [one["case_id"] for one in seen] == ["EX-old", "EX-a", "EX-b", "EX-new", "EX-draft"]
    assert (seen[0]["days_open"], seen[0]["days_overdue"], seen[3]["days_overdue"]) == (488, 188, 0)
    assert office.app.state.parts.exchange.oldest().case_id == "EX-old"
    answer(office, [{"case_id": "EX-old", "answer_id": "T-1", "answered_on": "2026-05-13", "text": "At last."}])
    assert office.app.state.parts.exchange.oldest().case_id == "EX-a"
    office.good("ri", "POST", "/v1/exchange/cases/EX-old/closing", json={"reason": "answered"})
    [ended] = office.good("kim", "GET", "/v1/exchange/cases", params={"state": "closed"}, headers=WHY)["cases"]
    assert (ended["case_id"], ended["closed_on"], ended["days_open"]) == ("EX-old", "2026-05-13", 488)


def test_reminders_are_listed_until_they_are_marked_and_each_once(office):
    asked(office, answer_days=10)
    office.clock.set("2026-01-25")
    [due] = office.good("kim", "GET", "/v1/exchange/reminders", headers=WHY)["reminders"]
    assert (due["step"], due["to"], due["days_overdue"]) == (1, "kim", 14)
    path = "/v1/exchange/cases/EX-1/reminders"
    assert kind(office.call("kim", "POST", path, json={"step": 2})) == "reminder-not-due"
    for _ in range(2):
        assert office.good("office", "POST", path, json={"step": 1})["reminded"] == 1
    assert office.good("kim", "GET", "/v1/exchange/reminders", headers=WHY)["reminders"] == []
    office.clock.set("2026-03-10")
    [due] = office.good("kim", "GET", "/v1/exchange/reminders", headers=WHY)["reminders"]
    assert (due["step"], due["to"]) == (4, "head of office")
    answer(office, [{"case_id": "EX-1", "answer_id": "T-1", "answered_on": "2026-03-10", "text": "Forty."}])
    assert office.good("kim", "GET", "/v1/exchange/reminders", headers=WHY)["reminders"] == []
    assert kind(office.call("kim", "POST", path, json={"step": 4})) == "reminder-not-due"


def test_a_second_question_has_its_own_days_and_a_follow_up_has_not(office):
    asked(office)
    office.clock.set("2026-01-20")
    write(office, text="We still wait.")
    send(office)
    assert case_of(office)["due_on"] == "2026-01-31"
    answer(office, [{"case_id": "EX-1", "answer_id": "T-1", "answered_on": "2026-01-20", "text": "Which bridge?"}])
    write(office, text="The northern one.")
    send(office)
    found = case_of(office)
    assert (found["state"], found["sent_on"], found["due_on"]) == ("sent", "2026-01-20", "2026-02-19")
    figures = office.good("kim", "GET", "/v1/exchange/figures", params={"first": "2026-01-01", "last": "2026-12-31"})
    assert (figures["sent"], figures["answered"], figures["never_answered"]) == (2, 1, 1)


def test_what_waits_in_a_case_that_ended_does_not_leave(office):
    put(office, **OPEN)
    write(office, text="How many wait?")
    office.good("ri", "POST", "/v1/exchange/cases/EX-1/closing", json={"reason": "they told us by telephone"})
    assert kind(send(office)) == "nothing-to-send"
    path = "/v1/exchange/cases/EX-1/messages"
    assert kind(office.call("kim", "POST", path, json={"text": "And yet?"})) == "case-closed"


def test_an_owner_is_somebody_and_a_pending_case_is_known_to_the_queue(office):
    problem = office.call("kim", "PUT", "/v1/exchange/cases/EX-1", json=OPEN | {"owner": "nobody"}).json()
    assert [error["pointer"] for error in problem["errors"]] == ["#/owner"]
    assert put(office, **ABOUT) == put(office, **ABOUT)
    put(office, **ABOUT | {"owner": "ri"})
    with office.store.read() as transaction:
        assert transaction.persons.pending_cases(["P-1"]) == {"P-1": ["EX-1"]}
    office.good("ri", "POST", "/v1/exchange/cases/EX-1/closing", json={"reason": "opened twice"})
    with office.store.read() as transaction:
        assert transaction.persons.pending_cases(["P-1"]) == {}
    thread = office.good("kim", "GET", "/v1/exchange/cases/EX-1", headers=WHY)["thread"]
    assert [one["text"] for one in thread] == ["Opened for kim.", "Changed: owner kim to ri.", "Closed: opened twice"]


def test_the_json_file_says_its_layout_and_its_number(office):
    put(office, **OPEN)
    write(office, text="회령에서 몇 명?")
    made = send(office, "json").json()
    found = json.loads(content(office, made["number"]))
    assert (found["layout"], found["batch"], found["rows"][0]["text"]) == ("checkpost exchange 1", 1, "회령에서 몇 명?")
