"""The pages of stations and exchange, without a browser: what a form does, what is refused, and beside which field."""

import re

import pytest
from sqlalchemy import Engine, event

from gateway.central.store.reception import Where
from tests.central.conftest import A1
from tests.central.support import Centre, emptied

TABLES = ("stays", "stay_events", "travel_passes", *(f"exchange_{name}" for name in ("cases", "messages", "batches")))
PASSWORDS = {name: f"the long sentence of {name}" for name in ("kim", "ri")}


class Desk:
    """A browser of one clerk who signed in and said why they read."""

    def __init__(self, centre, name):
        self.http = centre.http
        self.http.cookies.clear()
        self.http.post("/sign-in", data={"name": name, "password": PASSWORDS[name], "back": "/stations"})
        self.http.cookies.set("checkpost-purpose", "the%20morning%27s%20work")
        self.mark = re.search(r'name="csrf" value="(\w+)"', self.get("/exchange/open")).group(1)

    def get(self, path):
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path, **fields):
        return self.http.post(path, data={"csrf": self.mark, **fields}, follow_redirects=False)

    def done(self, path, **fields):
        answer = self.post(path, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]


def wrong(answer):
    return re.findall(r'id="[\w-]*?(\w+)-wrong" role="alert">', answer.text)


@pytest.fixture(scope="module")
def laid(tmp_path_factory, shared_database):
    made = Centre(tmp_path_factory.mktemp("central"), open_page=False, database=shared_database)
    with made.http:
        for name, password in PASSWORDS.items():
            made.good("admin", "PUT", f"/v1/people/{name}", json={"role": "clerk", "password": password})
        made.good("admin", "POST", "/v1/imports", json={"applications": [A1]})
        made.good("admin", "PUT", "/v1/stations/KIL", json={"name": "Kilju", "beds": 1, "blankets": 5})
        yield made
    made.store.close()


@pytest.fixture
def desk(laid):
    emptied(laid, *TABLES)
    return Desk(laid, "kim")


def test_an_arrival_is_taken_in_checked_released_and_given_a_pass(desk):
    given = {"station": "KIL", "person": "R-1", "application_id": "A1", "arrived_on": "2026-10-01", "blankets": "2"}
    stay = desk.done("/stations/arrival", **given)
    assert "1" in desk.get("/stations") and "10 days over" in desk.get("/stations/stays?station=KIL")
    desk.done(f"{stay}/checks", medical="yes", medical_on="2026-10-02")
    desk.done(f"{stay}/release")
    desk.done(f"{stay}/pass", number="T-1", zone="south-hamgyong-line")
    page = desk.get(stay)
    assert "T-1" in page and "yes, 2026-10-02" in page and page.count("<li><b>") == 4
    assert wrong(desk.post(f"{stay}/pass", zone="north")) == ["number"]


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(desk):
    assert wrong(desk.post("/stations/arrival", station="KIL", blankets="many")) == ["person", "arrived_on", "blankets"]
    stay = desk.done("/stations/arrival", station="KIL", person="R-1", arrived_on="2026-10-20", blankets="1")
    refused = desk.post(f"{stay}/release", reason="a hospital waits")
    assert (refused.status_code, wrong(refused)) == (422, ["decided_by"])
    assert "a hospital waits</textarea>" in refused.text
    assert desk.post(f"{stay}/nothing").status_code == 404


def test_who_is_gone_is_listed_so_and_taken_back(desk):
    stay = desk.done("/stations/arrival", station="KIL", person="R-1", arrived_on="2026-10-20", blankets="1")
    desk.done(f"{stay}/departure", left_on="2026-10-25", note="not at the evening count")
    assert "accuses nobody" in desk.get(stay) and "R-1" in desk.get("/stations/stays?state=left")
    number = stay.rsplit("/", 1)[1]
    (review,) = re.findall(
        r'/reviews/(\d+)">\d+</a></th>.*?<td class="extra">a stay</td>', desk.get("/reviews"), re.DOTALL
    )
    asked = desk.get(f"/reviews/{review}")
    assert "Somebody is gone from a reception station without a release" in asked
    assert f'It is about the stay <a href="{stay}">{number}</a>' in asked and "stay:" not in asked
    desk.done(f"{stay}/retraction", why="was at the doctor's")
    assert "R-1" in desk.get("/stations/stays")


def test_a_message_about_a_person_is_approved_by_another_and_leaves_in_a_file(laid, desk):
    case = desk.done("/exchange/open", subject="an address", owner="kim", person="P-1", answer_days="30")
    assert wrong(desk.post(f"{case}/message", kind="out", text="Where?")) == ["ground"]
    desk.done(f"{case}/message", kind="out", text="Where?", ground="agreement of 1953")
    assert "It may leave" not in desk.get(case)  # nobody approves what they wrote
    number = re.search(r'id="message-(\d+)">\s*<p class="soft">To the other', desk.get(case)).group(1)
    alone = desk.post(f"{case}/approval", number=number, approve="yes")
    assert alone.status_code == 409 and "somebody else has to approve" in alone.text
    second = Desk(laid, "ri")
    assert wrong(second.post(f"{case}/approval", number=number, approve="no")) == ["reason"]
    second.done(f"{case}/approval", number=number, approve="yes")
    assert second.done("/exchange/files/send", form="csv") == "/exchange/files"
    assert "Where?" in second.get("/exchange/files/1")
    again = second.post("/exchange/files/send", form="csv")
    assert again.status_code == 409 and "Nothing may leave" in again.text


def test_a_file_of_answers_is_named_row_by_row_on_its_page(desk):
    case = desk.done("/exchange/open", subject="how many", owner="kim", answer_days="30", case_id="X-1")
    desk.done(f"{case}/message", kind="out", text="How many wait?")
    desk.done("/exchange/files/send", form="json")
    rows = b"case_id,answer_id,answered_on,text\nX-1,T-1,2026-10-26,Forty.\nX-9,T-2,2026-10-26,Whose?\n"
    file = {"file": ("answers.csv", rows)}
    answer = desk.http.post("/exchange/files/take", data={"csrf": desk.mark, "form": "csv"}, files=file)
    assert "1 new, 0 known, 1 left out" in answer.text and "there is no case X-9" in answer.text
    assert "Forty." in desk.get(case)
    desk.done(f"{case}/closing", closing="answered")
    assert "how many" in desk.get("/exchange/closed") and "how many" not in desk.get("/exchange")


def test_every_list_goes_by_an_index(laid):
    if str(laid.where).startswith("postgresql:"):
        pytest.skip("PostgreSQL plans by what a table holds, and here it holds little")
    asked = []
    note = lambda conn, cursor, sql, values, context, many: asked.append((sql, values))  # noqa: E731
    event.listen(Engine, "before_cursor_execute", note)
    try:
        with laid.store.read() as transaction:
            for where in (Where("here"), Where("here", "KIL"), Where("released", "KIL")):
                transaction.reception.page(where, ("2026-01-01", "S"), 50)
            transaction.exchange.overdue("2026-01-01", "", ("2025-01-01", "X"), 50)
            transaction.exchange.in_time("2026-01-01", "", ("2025-01-01", "X"), 50)
            transaction.exchange.closed("", ("2025-01-01", "2025-01-01", "X"), 50)
            transaction.exchange.waiting(7, 50)
            transaction.exchange_batches.before(7, 50)
            plans = [
                (
                    sql,
                    " ".join(
                        row[3] for row in transaction._connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, values)
                    ),
                )
                for sql, values in list(asked)
                if sql.startswith("SELECT")
            ]
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(plans) == 8
    for sql, plan in plans:
        assert plan.startswith("SEARCH") and "TEMP B-TREE" not in plan, (sql, plan)
