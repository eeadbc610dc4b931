"""The frame of the pages: who may open what, why personal data are read, and forms that nobody else can send."""

import re
from typing import Annotated

import pytest
from fastapi import Depends, Response

from gateway.central.access import ADMIN, AUDITOR, CLERK, PAGE_ROLES
from gateway.central.cases.keys import FIRST, joined, numbers
from gateway.central.pages.areas import AREAS
from gateway.central.pages.frame import TEMPLATES, Frame
from gateway.central.pages.gate import Gate
from gateway.central.pages.keyset import cut
from gateway.central.pages.visit import Visit, local_path
from gateway.central.problems import Problem
from tests.central.support import Centre

PASSWORD = "a long sentence of one's own"
Reader = Annotated[Visit, Depends(Gate(CLERK, ADMIN, reads=True))]
Clerk = Annotated[Visit, Depends(Gate(CLERK))]


def build(frame):
    """An area of two pages that keeps what it is sent."""
    router = frame.router()

    @router.get("/things")
    def things(visit: Reader) -> Response:
        visit.note("things", 3)
        return frame.page(visit, "trouble.html", detail="three things")

    @router.post("/things")
    def take(visit: Clerk) -> Response:
        if not visit.form["text"]:
            raise Problem(422, "not-valid", "A thing needs words.")
        return frame.page(visit, "trouble.html", detail=f"{visit.form.every('text')} {visit.form.files}")

    return router


@pytest.fixture
def office(tmp_path, database):
    made = Centre(tmp_path, open_page=False, database=database)
    with made.http:
        made.app.include_router(build(Frame(AREAS)))
        for role in (CLERK, AUDITOR, "technician"):
            made.good("admin", "PUT", f"/v1/people/{role}-1", json={"role": role, "password": PASSWORD})
        yield made
    made.store.close()


def sign_in(office, name, password=PASSWORD, back="/"):
    return office.http.post("/sign-in", data={"name": name, "password": password, "back": back}, follow_redirects=False)


def mark(office):
    """The mark of the forms of whoever is signed in."""
    return office.http.get("/purpose").text.split('name="csrf" value="')[1].split('"')[0]


def say_why(office, purpose="review 7", **more):
    return office.http.post("/purpose", data={"csrf": mark(office), "purpose": purpose, "back": "/things"} | more)


def test_a_person_signs_in_with_name_and_password_and_sees_what_the_role_may(office):
    failed = sign_in(office, "clerk-1", "wrong")
    assert failed.status_code == 401 and "Name and password do not fit." in failed.text and "clerk-1" in failed.text
    assert not office.http.cookies
    welcome = sign_in(office, "clerk-1", back="/things")
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/things")
    assert {"HttpOnly", "SameSite=strict"} <= set(welcome.headers["set-cookie"].split("; "))
    assert "Sign out clerk-1" in office.http.get("/").text
    held = office.http.cookies["checkpost"]
    assert office.http.get("/v1/table", headers={"Authorization": f"Bearer {held}"}).status_code == 403
    office.good("admin", "PUT", "/v1/people/clerk-1", json={"role": "auditor", "password": PASSWORD})
    assert office.http.get("/", follow_redirects=False).headers["location"] == "/sign-in"


def test_no_form_is_taken_from_another_origin_over_plain_http_either(office):
    sign_in(office, "clerk-1")
    fields = {"csrf": mark(office), "text": "a", "purpose": "review 7", "name": "auditor-1", "password": PASSWORD}
    for path in ("/things", "/sign-in", "/purpose", "/preferences", "/sign-out"):
        for origin in ("http://evil.example", "null"):
            answer = office.http.post(path, data=fields, headers={"Origin": origin}, follow_redirects=False)
            assert answer.status_code == 403 and "sent from another page" in answer.text, path
    assert "Sign out clerk-1" in office.http.get("/").text
    own = {"Origin": f"http://{office.http.base_url.netloc.decode()}"}
    assert office.http.post("/things", data=fields, headers=own).status_code == 200


def test_the_pages_have_nothing_for_a_technician_and_an_area_nothing_for_another_role(office):
    assert "nothing for the role technician" in sign_in(office, "technician-1").text
    sign_in(office, "auditor-1")
    refused = office.http.get("/things")
    assert refused.status_code == 403 and "auditor-1 has the role auditor" in refused.text


def test_a_program_s_token_opens_no_page(office):
    session = office.good("", "POST", "/v1/sessions", json={"name": "clerk-1", "password": PASSWORD})["token"]
    bearer = {"Authorization": f"Bearer {session}"}
    limited = office.http.post("/v1/tokens", json={"scopes": ["read"]}, headers=bearer).json()["token"]
    assert office.http.post("/sign-in", data={"token": limited}).status_code == 403


def test_personal_data_are_shown_for_a_purpose_only_and_it_is_written_down(office):
    sign_in(office, "clerk-1")
    asked = office.http.get("/things?after=3", follow_redirects=False)
    assert asked.headers["location"] == "/purpose?back=/things%3Fafter%3D3"
    assert "Say in 3 to 200 letters" in say_why(office, "x").text
    shown = say_why(office, "review 7 für Frau Ö")
    assert shown.url.path == "/things" and "three things" in shown.text and "review 7 für Frau Ö" in shown.text
    (read,) = office.good("admin", "GET", "/v1/reads")["reads"]
    assert (read["name"], read["what"], read["why"], read["rows"]) == ("clerk-1", "things", "review 7 für Frau Ö", 3)
    office.http.post("/sign-out")
    sign_in(office, "clerk-1")
    assert "What do you need" in office.http.get("/things").text  # the next session says why anew


def test_a_form_counts_only_with_the_mark_of_its_session(office):
    sign_in(office, "clerk-1")
    for wrong in ({}, {"csrf": ""}, {"csrf": "0" * 32}):
        refused = office.http.post("/things", data={"text": "a"} | wrong)
        assert refused.status_code == 403 and "before this session began" in refused.text
        assert "[&#39;a" not in refused.text  # it was not taken
    empty = office.http.post("/things", data={"text": " "})
    assert empty.status_code == 403 and "session that is over" in empty.text
    good = {"csrf": mark(office), "text": ["a", "b"]}
    foreign = office.http.post("/things", data=good, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403 and "sent from another page" in foreign.text
    assert "three" not in foreign.text
    assert "[&#39;a&#39;, &#39;b&#39;]" in office.http.post("/things", data=good).text
    sent = office.http.post("/things", data=good | {"text": "a"}, files={"rows": b"1,2"})
    assert "b&#39;1,2&#39;" in sent.text
    wrong = office.http.post("/things", data=good | {"text": " "})
    assert (
        wrong.status_code == 422 and "A thing needs words." in wrong.text and "problem+json" not in str(wrong.headers)
    )


def test_each_area_has_a_letter_and_a_path_of_its_own():
    keys = [area.key for area in AREAS]
    assert len(set(keys)) == len(keys) and not set(keys) & set("jknw?")
    assert len({area.path for area in AREAS}) == len(AREAS)
    assert all(set(area.roles) <= set(PAGE_ROLES) for area in AREAS)


def test_a_list_goes_on_after_the_key_of_its_last_row():
    part = cut([(7, 1), (7, 2), (8, 1)], 2, lambda row: joined(*row))
    assert (part.rows, part.next) == ([(7, 1), (7, 2)], "7.2") and numbers(part.next, FIRST) == (7, 2)
    assert cut([(7, 1)], 2, str).next == ""
    for odd in ("", "7", "7.x", "7.2.3", "٣.1", "-1.2", "7." + "9" * 17):
        assert numbers(odd, FIRST) == FIRST


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "x", "/\n"])
def test_a_form_leads_nowhere_else(path):
    assert local_path(path) == "/"


def test_no_page_takes_a_key_that_leads_elsewhere_on_every_page():
    taken = {area.key for area in AREAS} | set("jkuw?")
    assert len(taken) == len(AREAS) + 5
    pages = [path for path in TEMPLATES.rglob("*.html") if path.name != "frame.html"]
    clashes = {(path.name, key) for path in pages for key in re.findall(r'data-key="(\w)"', path.read_text())}
    assert {(name, key) for name, key in clashes if key in taken} == set()
