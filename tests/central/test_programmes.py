"""Programmes: what comes late, places that two clerks cannot pass, permits that follow their contract, settlement."""

import threading

import pytest

from gateway.central.access import Access
from gateway.central.cases.certificates import MAX_CERTIFICATE
from tests.central.support import Centre

WHY = {"Checkpost-Purpose": "contract C-1"}
TODAY = "2026-10-26"  # by the clock of tests/central/support.py
PLAN = {"trainees": 2, "workers": 1, "submitted_on": "2026-10-20"}
CONTRACT = {
    "department": "textiles",
    "kind": "trainee",
    "person": "P-1",
    "institution": "Second Cotton Mill",
    "concluded_on": "2026-10-01",
    "starts_on": "2027-03-01",
    "ends_on": "2028-02-29",
}
HEALTH = {"done_on": "2026-10-02", "done_by": "District clinic 2"}
PDF = b"%PDF-1.7\n of a certificate"


@pytest.fixture
def mill(centre):
    """A centre with two clerks, a plan of two trainees and one worker, and three persons."""
    for name in ("kim", "pak"):
        centre.tokens[name] = Access(centre.store, lambda: 0.0).issue("clerk", name)
    for at in (1, 2, 3):
        centre.good("kim", "PUT", f"/v1/persons/P-{at}", json={"name": f"Person {at}"})
    centre.good("kim", "PUT", "/v1/programmes/2027/textiles", json=PLAN)
    return centre


def contract(mill, number="C-1", health=True, **more):
    made = mill.call("kim", "PUT", f"/v1/contracts/{number}", json=CONTRACT | more)
    if made.status_code == 200 and health:
        made = mill.call("kim", "POST", f"/v1/contracts/{number}/health-check", json=HEALTH)
    return made


def apply(mill, number, contract_id, person="P-1"):
    asked = {"person": person, "grounds": ["training"], "submitted_on": "2026-10-05", "contract": contract_id}
    return mill.call("kim", "PUT", f"/v1/applications/{number}", json=asked)


def approve(mill, number, role="kim"):
    return mill.call(role, "POST", f"/v1/applications/{number}/decision", json={"decision": "approved"})


def filled(mill, count=3):
    """As many contracts as persons, each with an application."""
    for at in range(1, count + 1):
        assert contract(mill, f"C-{at}", person=f"P-{at}").status_code == 200
        assert apply(mill, f"A-{at}", f"C-{at}", f"P-{at}").status_code == 200


def plan(mill):
    return mill.good("kim", "GET", "/v1/programmes/2027")["plans"][0]


def test_a_plan_after_the_year_before_is_late_and_changing_it_late_is_too(mill):
    assert (plan(mill)["due_on"], plan(mill)["late"]) == ("2026-12-31", False)
    late = mill.good("kim", "PUT", "/v1/programmes/2026/mines", json=PLAN | {"submitted_on": "2026-01-01"})
    assert late["late"] and late["due_on"] == "2025-12-31"
    mill.good("kim", "PUT", "/v1/programmes/2026/rail", json=PLAN | {"submitted_on": "2025-12-31"})
    same = mill.good("kim", "PUT", "/v1/programmes/2026/rail", json=PLAN | {"submitted_on": "2026-05-01"})
    assert not same["late"] and same["changed_on"] == "2025-12-31"  # handed in again as it was
    more = mill.good("kim", "PUT", "/v1/programmes/2026/rail", json=PLAN | {"workers": 2, "submitted_on": "2026-05-01"})
    assert more["late"] and (more["submitted_on"], more["changed_on"]) == ("2025-12-31", "2026-05-01")


def test_a_department_with_contracts_and_no_plan_is_named(mill):
    contract(mill, department="mines")
    assert mill.good("kim", "GET", "/v1/programmes/2027")["missing"] == ["mines"]
    apply(mill, "A-1", "C-1")
    refused = approve(mill, "A-1")
    assert refused.status_code == 409 and "mines has no plan for 2027" in refused.json()["detail"]


@pytest.mark.both_stores
def test_a_contract_concluded_less_than_four_months_ahead_is_late(mill):
    assert not contract(mill, starts_on="2027-02-01").json()["late"]
    assert contract(mill, "C-2", starts_on="2027-01-31").json()["late"]
    contract(mill, "C-3")
    found = mill.good("admin", "GET", "/v1/contracts", params={"late": True})["contracts"]
    assert [(one["contract_id"], one["due_on"], one["concluded_on"]) for one in found] == [
        ("C-2", "2026-09-30", "2026-10-01")
    ]
    page = mill.good("admin", "GET", "/v1/contracts", params={"year": 2027, "limit": 2})
    rest = mill.good("admin", "GET", "/v1/contracts", params={"year": 2027, "limit": 2, "after": page["next"]})
    assert [one["contract_id"] for one in page["contracts"] + rest["contracts"]] == ["C-2", "C-1", "C-3"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"ends_on": "2027-02-28"}, "#/ends_on"),
        ({"concluded_on": "2026-10-27"}, "#/concluded_on"),
        ({"starts_on": "2027-02-29"}, "#/starts_on"),
        ({"person": "P-9"}, "#/person"),
        ({"kind": "guest"}, "#/kind"),
        ({"health": "good"}, "#/health"),
    ],
)
def test_what_is_wrong_with_a_contract_is_named(shared, more, pointer):
    refused = shared.call("admin", "PUT", "/v1/contracts/C-9", json=CONTRACT | more)
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == pointer


@pytest.fixture(scope="module")
def shared(tmp_path_factory, shared_database):
    """One centre for the tests that change nothing in it."""
    made = Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    with made.http:
        made.good("admin", "PUT", "/v1/persons/P-1", json={"name": "Person 1"})
        yield made
    made.store.close()


def test_an_approval_waits_for_the_health_check_and_the_diploma(mill):
    contract(mill, health=False, higher=True)
    apply(mill, "A-1", "C-1")
    refused = approve(mill, "A-1").json()
    assert refused["type"].endswith("not-ready") and len(refused["missing"]) == 2
    mill.good("kim", "POST", "/v1/contracts/C-1/health-check", json=HEALTH)
    diploma = {"person": "P-1", "title": "Engineer", "institution": "Institute of Technology"}
    mill.good("kim", "PUT", "/v1/diplomas/D-1", json=diploma)
    assert approve(mill, "A-1").json()["missing"] == ["a placement at a higher institution needs a verified diploma"]
    said = {"verified_on": "2026-10-03", "against": "the register of the institute"}
    found = mill.good("pak", "POST", "/v1/diplomas/D-1/verification", json=said)
    assert (found["verified_by"], found["against"]) == ("pak", "the register of the institute")
    assert mill.good("kim", "PUT", "/v1/diplomas/D-1", json=diploma) == found  # the same again stays verified
    changed = mill.good("kim", "PUT", "/v1/diplomas/D-1", json=diploma | {"title": "Doctor"})
    assert changed["verified_on"] is None and approve(mill, "A-1").status_code == 409
    mill.good("pak", "POST", "/v1/diplomas/D-1/verification", json=said)
    assert approve(mill, "A-1").status_code == 200
    assert mill.good("admin", "GET", "/v1/contracts/C-1")["state"] == "approved"


def test_beyond_the_quota_an_approval_is_refused_with_the_figures(mill):
    filled(mill)
    assert plan(mill)["over_quota"] and plan(mill)["trainees"] == {"places": 2, "asked": 3, "approved": 0}
    assert [approve(mill, f"A-{at}").status_code for at in (1, 2, 3)] == [200, 200, 409]
    refused = approve(mill, "A-3").json()
    assert refused["type"].endswith("quota-reached") and (refused["places"], refused["approved"]) == (2, 2)
    assert refused["detail"] == (
        "textiles has 2 places for trainees in 2027, and 2 are approved: this would be number 3."
    )
    assert mill.good("admin", "GET", "/v1/applications/A-3")["decision"] == "pending"
    smaller = mill.call("kim", "PUT", "/v1/programmes/2027/textiles", json=PLAN | {"trainees": 1})
    assert smaller.status_code == 409 and "2 approved trainees" in smaller.json()["detail"]
    mill.good("kim", "POST", "/v1/contracts/C-1/cancellation", json={"reason": "The mill closed."})
    gone = mill.good("admin", "GET", "/v1/applications/A-1")
    assert gone["decision"] == "withdrawn" and "The mill closed." in gone["reason"]
    assert approve(mill, "A-3").status_code == 200 and plan(mill)["trainees"]["approved"] == 2


@pytest.mark.both_stores
def test_two_clerks_at_once_cannot_pass_the_quota(mill):
    mill.good("kim", "PUT", "/v1/programmes/2027/textiles", json=PLAN | {"trainees": 3})
    for at in range(1, 9):
        mill.good("kim", "PUT", f"/v1/persons/P-{at}", json={"name": f"Person {at}"})
    filled(mill, 8)
    found, together = [], threading.Barrier(2)

    def run(role, numbers):
        together.wait(timeout=60)
        found.extend(approve(mill, number, role).status_code for number in numbers)

    halves = {"kim": ["A-1", "A-2", "A-3", "A-4"], "pak": ["A-5", "A-6", "A-7", "A-8"]}
    both = [threading.Thread(target=run, args=half) for half in halves.items()]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=60)
    assert sorted(found) == [200] * 3 + [409] * 5 and plan(mill)["trainees"]["approved"] == 3


def test_a_permit_lives_as_long_as_its_contract(mill):
    filled(mill, 1)
    approve(mill, "A-1")
    permit = mill.good("admin", "GET", "/v1/applications/A-1")
    assert (permit["valid_from"], permit["valid_until"]) == ("2027-03-01", "2028-02-29")
    contract(mill, health=False, ends_on="2027-08-31")
    after = mill.good("admin", "GET", "/v1/applications/A-1")
    assert after["valid_until"] == "2027-08-31" and after["revision"] > permit["revision"]
    for more in ({"kind": "worker"}, {"department": "mines"}, {"starts_on": "2026-12-01"}):
        assert contract(mill, **more).json()["type"].endswith("place-taken")
    assert contract(mill, person="P-2").json()["errors"][0]["pointer"] == "#/person"
    second = apply(mill, "A-9", "C-1")
    assert second.json()["errors"][0]["pointer"] == "#/contract" and "A-1" in second.json()["detail"]
    assert apply(mill, "A-9", "C-1", "P-2").json()["errors"][0]["detail"] == "the contract C-1 is another person's"


def attach(mill, content, **query):
    headers = {"content-type": "application/octet-stream"}
    return mill.call("kim", "PUT", "/v1/contracts/C-1/certificate", content=content, params=query, headers=headers)


@pytest.mark.both_stores
def test_a_certificate_is_asked_for_at_the_end_and_attached(mill):
    past = {"concluded_on": "2025-01-01", "starts_on": "2025-09-01", "ends_on": "2026-08-31"}
    mill.good("kim", "PUT", "/v1/programmes/2025/textiles", json=PLAN | {"submitted_on": "2024-12-01"})
    contract(mill, **past)
    apply(mill, "A-1", "C-1")
    assert attach(mill, PDF).json()["type"].endswith("contract-not-approved")
    approve(mill, "A-1")
    assert mill.good("admin", "GET", "/v1/contracts/C-1")["certificate_asked_on"] == "2026-08-31"
    figures = "/v1/figures/programmes?first=2026-01-01&last=2026-12-31"
    assert mill.good("admin", "GET", figures)["certificates_asked"] == 1
    assert attach(mill, b"GIF89a").status_code == 415 and attach(mill, b"").status_code == 422
    assert attach(mill, PDF + bytes(MAX_CERTIFICATE)).status_code == 413
    done = attach(mill, PDF, kind="appraisal").json()
    assert (done["kind"], done["media_type"], done["size_bytes"]) == ("appraisal", "application/pdf", len(PDF))
    assert done["attached_by"] == "kim" and attach(mill, PDF, kind="appraisal").json() == done
    held = mill.good("admin", "GET", "/v1/contracts/C-1")
    assert held["certificate_asked_on"] is None and held["certificate"] == "appraisal"
    assert mill.call("kim", "GET", "/v1/contracts/C-1/certificate").status_code == 422  # it names its person
    found = mill.call("kim", "GET", "/v1/contracts/C-1/certificate", headers=WHY)
    assert found.content == PDF and found.headers["content-type"] == "application/pdf"
    assert (
        mill.good("admin", "GET", figures)["certificates_asked"],
        mill.good("admin", "GET", figures)["certificates_attached"],
    ) == (0, 1)


COST = {"travelled_on": "2025-03-01", "territory": "transit", "currency": "KPW", "minor_units": 333, "paid_by": "host"}


@pytest.mark.both_stores
def test_a_year_is_settled_in_one_report_that_stays(mill):
    for number, more in {
        "T-1": {},
        "T-2": {"territory": "host", "paid_by": "sending", "minor_units": 10_001},
        "T-3": {"territory": "sending", "minor_units": 7},
        "T-4": {"currency": "CNY", "minor_units": 100, "host_permille": 333},
        "T-5": {"travelled_on": "2024-12-31"},
    }.items():
        mill.good("kim", "PUT", f"/v1/costs/{number}", json=COST | more)
    found = mill.good("kim", "GET", "/v1/settlements/2025")
    yuan, won = found["currencies"]
    assert (yuan["total"]["host_bears"], yuan["total"]["sending_bears"]) == (33, 67)
    assert yuan["balance"] == {"owes": "sending", "minor_units": 67}
    assert [row["minor_units"] for row in won["rows"]] == [7, 10_001, 333] and won["total"]["minor_units"] == 10_341
    assert won["balance"] == {"owes": "host", "minor_units": 10_001 + 166 - 340}
    assert mill.call("kim", "POST", "/v1/settlements/2026/closure").json()["type"].endswith("year-not-over")
    closed = mill.good("kim", "POST", "/v1/settlements/2025/closure")
    assert (closed["closed_on"], closed["closed_by"]) == (TODAY, "kim") and closed["currencies"] == found["currencies"]
    for number, more in (("T-1", {"minor_units": 334}), ("T-6", {}), ("T-1", {"travelled_on": "2026-03-01"})):
        late = mill.call("kim", "PUT", f"/v1/costs/{number}", json=COST | more)
        assert late.status_code == 409 and late.json()["type"].endswith("year-settled")
    assert mill.good("kim", "PUT", "/v1/costs/T-1", json=COST)["host_minor_units"] == 166  # the same again
    assert mill.good("pak", "POST", "/v1/settlements/2025/closure") == closed
    assert mill.call("kim", "PUT", "/v1/costs/T-9", json=COST | {"minor_units": 1.5}).status_code == 422
