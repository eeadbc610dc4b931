"""The pages of applications and programmes, as forms: what they take, what they refuse, and what they write down."""

import re

import pytest

from gateway.central.pages import applications, programmes
from tests.central.support import Centre

ONS = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north"}
PDF = b"%PDF-1.7\n"


class Pages:
    """Somebody of the office in a browser without a screen: `mark` is what their forms carry."""

    def __init__(self, centre):
        self.centre, self.http = centre, centre.http
        self.mark = self.http.get("/purpose").text.split('name="csrf" value="')[1].split('"')[0]
        self.post("/purpose", purpose="applications of the day", back="/")

    def get(self, path):
        answer = self.http.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return re.sub(r"\s+", " ", answer.text)

    def post(self, path, files=None, **fields):
        return self.http.post(path, data={"csrf": self.mark} | fields, files=files)


@pytest.fixture(scope="module")
def pages(tmp_path_factory, shared_database):
    """One centre in development; each test works on numbers of its own."""
    made = Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    with made.http:
        made.good("admin", "PUT", "/v1/crossing-points/ONS", json=ONS)
        yield Pages(made)
    made.store.close()


def take(pages, number, day, **more):
    asked = {"name": f"Person {number}", "grounds": ["family_visit"], "submitted_on": day} | more
    return pages.centre.good("admin", "PUT", f"/v1/applications/{number}", json=asked)


def test_an_application_is_decided_and_the_next_one_follows(pages):
    for number, day in (("Q-1", "2026-09-01"), ("Q-2", "2026-09-02"), ("Q-3", "2026-09-03")):
        seen = take(pages, number, day)
    assert pages.http.get("/applications/next").url.path == "/applications/Q-1"
    page = pages.get("/applications/Q-1")
    assert "Proposed: approve" in page and "55 days ago" in page and "Person Q-1" not in page
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    after = pages.post("/applications/Q-1/decision", decision="approved", revision=revision)
    assert after.url.path == "/applications/Q-2" and "Q-1 is approved." in after.text
    silent = pages.post("/applications/Q-2/decision", decision="refused", reason=" ")
    assert (
        silent.status_code == 422 and "a refusal needs a reason" in silent.text and 'aria-invalid="true"' in silent.text
    )
    after = pages.post("/applications/Q-2/decision", decision="refused", reason="The host is away.")
    assert after.url.path == "/applications/Q-3" and "Q-2 is refused." in after.text
    stale = pages.post("/applications/Q-3/decision", decision="approved", revision=str(seen["revision"] - 1))
    assert stale.status_code == 409 and "changed since you saw it" in stale.text
    assert "Reason: The host is away." in pages.get("/applications/Q-2/letter")
    assert "To: Person Q-2" in pages.get("/applications/Q-2/letter")
    gone = pages.post("/applications/Q-1/withdrawal", reason="The family moved.")
    assert gone.url.path == "/applications/Q-1" and "The family moved." in gone.text
    assert "Withdraw the permit" not in gone.text
    reads = {one["what"] for one in pages.centre.good("admin", "GET", "/v1/reads")["reads"]}
    assert {"application Q-1", "letter of Q-2"} <= reads


def test_a_form_that_is_sent_twice_is_one_application(pages):
    number = re.search(r'name="application_id" value="(A-\w+)"', pages.get("/applications/new"))[1]
    form = {"application_id": number, "name": "Kim Bom", "grounds": ["work", "trade"], "submitted_on": "2026-10-20"}
    form |= {"crossing_points": "ONS", "entries": "3"}
    for _ in range(2):
        assert f"Taken in as {number}" in pages.post("/applications/new", **form).text
    found = pages.centre.good("admin", "GET", f"/v1/applications/{number}")
    assert (found["grounds"], found["crossing_points"]) == (["work", "trade"], ["ONS"])
    persons = pages.centre.good("admin", "GET", "/v1/persons?name=Kim", headers={"Checkpost-Purpose": "test"})
    assert len(persons["persons"]) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"grounds": []}, "grounds"),
        ({"name": ""}, "name"),
        ({"submitted_on": "2030-01-01"}, "submitted_on"),
        ({"valid_from": "2026-12-01", "valid_until": "2026-11-01"}, "valid_until"),
        ({"entries": "two"}, "entries"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(pages, more, field):
    form = {"application_id": "F-1", "name": "Kim", "grounds": ["work"], "submitted_on": "2026-10-20"} | more
    refused = pages.post("/applications/new", contact="12 Station Road", **form)
    assert refused.status_code == 422 and f'id="{field}-wrong"' in refused.text
    assert 'value="12 Station Road"' in refused.text and 'value="F-1"' in refused.text


def test_a_file_s_broken_rows_are_listed(pages):
    rows = "application_id,name,grounds,submitted_on\nL-1,Han,work,2026-10-01\nL-2,Han,wark,2026-10-01\n"
    done = pages.post("/applications/file", files={"rows": ("a.csv", rows.encode())})
    text = re.sub(r"\s+", " ", done.text)
    assert "1 taken in, 0 known already, 1 left out" in text and "<td>grounds</td>" in text
    for broken in (b"\xff\xfe", b"a,b\n"):
        refused = pages.post("/applications/file", files={"rows": ("a.csv", broken)})
        assert refused.status_code == 422 and 'id="rows-wrong"' in refused.text


def test_the_queue_and_its_figures_say_what_waits(pages):
    take(pages, "W-1", "2026-08-01", grounds=["trade"])
    queue = pages.get("/applications")
    assert "longer than 30 days" in queue and queue.index("W-1") < queue.index("L-1")
    assert "Everything" not in queue and pages.get("/applications?decision=approved&after=2099-01-01~x")
    figures = pages.get("/applications/figures?first=2026-08-01&last=2026-10-26")
    assert "Applications, 2026-08-01 to 2026-10-26" in figures and ">86<" in figures
    assert "lies before" in pages.get("/applications/figures?first=2026-10-26&last=2026-08-01")
    assert pages.http.get("/applications/none").status_code == 404


def test_a_plan_is_entered_and_its_places_are_said_in_words(pages):
    form = {"year": "2027", "department": "textiles", "trainees": "1", "workers": "0", "submitted_on": "2026-10-20"}
    pages.post("/programmes/plan", **form)
    for at in (1, 2):
        pages.centre.good("admin", "PUT", f"/v1/persons/M-{at}", json={"name": f"Person {at}"})
        contract = {"contract_id": f"C-{at}", "person": f"M-{at}", "department": "textiles", "kind": "trainee"}
        contract |= {"institution": "Mill", "concluded_on": "2026-10-01", "starts_on": "2027-01-10"}
        entered = pages.post("/programmes/contracts/new", ends_on="2027-12-31", **contract)
        assert entered.url.path == f"/programmes/contracts/C-{at}" and "late: it was due on 2026-09-10" in entered.text
    year = pages.get("/programmes?year=2027")
    assert "0 of 1 approved" in year and "2 ask: 1 too many" in year and "2 of them concluded late" in year
    refused = pages.post("/programmes/plan", **(form | {"trainees": "-1"}))
    assert refused.status_code == 422 and 'id="trainees-wrong"' in refused.text
    assert "C-1" in pages.get("/programmes/contracts?late=on")
    wrong = pages.post("/programmes/contracts/new", contract_id="C-3", person="M-9", kind="trainee")
    assert wrong.status_code == 422 and 'id="institution-wrong"' in wrong.text


def test_a_contract_s_page_takes_what_belongs_to_it(pages):
    body = {"department": "mines", "kind": "worker", "institution": "Academy", "higher": True}
    body |= {"concluded_on": "2026-01-01", "starts_on": "2026-06-01", "ends_on": "2026-10-01", "person": "N-1"}
    pages.centre.good("admin", "PUT", "/v1/persons/N-1", json={"name": "Pak"})
    plan = {"trainees": 0, "workers": 1, "submitted_on": "2025-12-01"}
    pages.centre.good("admin", "PUT", "/v1/programmes/2026/mines", json=plan)
    pages.centre.good("admin", "PUT", "/v1/contracts/N", json=body)
    path = "/programmes/contracts/N"
    assert "Before an approval: its health check" in pages.get(path)
    pages.post(path, do="health", done_by="District clinic 2", done_on="2026-05-01")
    pages.post(path, do="diploma", diploma_id="D-1", person="N-1", title="Engineer", institution="Institute")
    done = pages.post(path, do="verify", diploma_id="D-1", against="the register", verified_on="2026-05-02")
    assert "against the register" in done.text and "Before an approval" not in done.text
    take(pages, "N-A", "2026-05-03", person="N-1", name=None, grounds=["work"], contract="N")
    pages.post("/applications/N-A/decision", decision="approved")
    assert "asked for since 2026-10-01" in pages.get(path) and ">N<" in pages.get("/programmes/contracts?ended=on")
    refused = pages.post(path, do="attach", kind="appraisal", files={"file": ("a.gif", b"GIF89a")})
    assert refused.status_code == 415 and "PDF, a PNG or a JPEG" in refused.text
    pages.post(path, do="attach", kind="appraisal", files={"file": ("a.pdf", PDF)})
    assert pages.http.get(f"{path}/certificate").content == PDF
    assert pages.post(path, do="cancel", reason="").status_code == 422
    gone = pages.post(path, do="cancel", reason="The academy closed.")
    assert "<b>cancelled</b>" in gone.text and "The academy closed." in pages.get("/applications/N-A")


def test_a_cost_is_typed_as_people_write_it_and_a_year_is_settled(pages):
    cost = {
        "cost_id": "T-1",
        "travelled_on": "2025-03-01",
        "currency": "KPW",
        "territory": "transit",
        "paid_by": "host",
    }
    done = pages.post("/programmes/cost", amount="1,234.57", **cost)
    assert done.url.path == "/programmes/settlement" and "1,234.57" in done.text and "617.29" in done.text
    for amount in ("12.345", "-1", "1e3", ""):
        refused = pages.post("/programmes/cost", amount=amount, **(cost | {"cost_id": "T-2"}))
        assert refused.status_code == 422 and 'id="amount-wrong"' in refused.text, amount
    settled = pages.post("/programmes/settlement", year="2025")
    assert "Settled on 2026-10-26 by development" in settled.text and "Enter a cost" not in settled.text
    late = pages.post("/programmes/cost", amount="1", **(cost | {"cost_id": "T-3"}))
    assert late.status_code == 422 and "is settled" in late.text


def test_the_first_page_is_told_what_waits(pages):
    parts = pages.centre.app.state.parts
    (queue,) = applications.waiting(parts, 0)
    assert queue.count >= queue.overdue > 0 and queue.oldest[0].path.startswith("/applications/")
    found = {one.text: one.count for one in programmes.waiting(parts, 0)}
    assert found["Contracts concluded late"] == 2
