"""Contracts, diplomas and costs as CSV: row by row in, out again the same, and nothing gets round a kind's rules."""

import pytest

from tests.central.support import Centre

CONTRACTS = """contract_id,department,kind,person,institution,higher,concluded_on,starts_on,ends_on
C-1,mines,trainee,P-1,Institute of Technology,yes,2026-09-20,2027-02-01,2028-01-31
C-2,mines,worker,P-2,"Mill, second",no,2026-09-20,2027-03-01,2028-01-31
"""
DIPLOMAS = """diploma_id,person,title,institution,issued_on
D-1,P-1,Engineer,Institute,2024-06-30
D-2,P-2,Smith,School,
"""
COSTS = """cost_id,contract,travelled_on,territory,currency,minor_units,paid_by,host_permille
T-1,C-1,2026-10-03,transit,KPW,12345,host,
T-2,,2026-10-04,host,KPW,300,sending,250
"""
WHY = {"Checkpost-Purpose": "next year's plan"}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Centre(tmp_path_factory.mktemp("files"))
    with made.http:
        for number in ("P-1", "P-2"):
            made.good("admin", "PUT", f"/v1/persons/{number}", json={"name": f"Person {number}"})
        made.sign_in("kim", "clerk")
        yield made
    made.store.close()


def take(office, kind, text, who="office"):
    headers = {"content-type": "text/csv; charset=utf-8"}
    return office.call(who, "POST", f"/v1/files/{kind}", content=text.encode(), headers=headers)


def counts(answer):
    body = answer.json()
    return body["taken"], body["unchanged"], [(row["line"], row["column"]) for row in body["broken"]]


def given(office, kind, year):
    answer = office.call("kim", "GET", f"/v1/files/{kind}", params={"year": year}, headers=WHY)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_what_goes_in_comes_out_the_same_and_goes_in_again_without_a_change(office):
    for kind, text, year in (("contracts", CONTRACTS, 2027), ("diplomas", DIPLOMAS, 2026), ("costs", COSTS, 2026)):
        assert counts(take(office, kind, text)) == (2, 0, []), kind
        out = given(office, kind, year)
        assert counts(take(office, kind, out)) == (0, 2, []), kind
        assert set(out.split("\r\n")[0].split(",")) == set(text.split("\n")[0].split(",")), kind
    assert given(office, "costs", 2025).count("\n") == 1  # the names of the columns alone


def test_a_broken_row_is_named_and_the_others_go_in(office):
    rows = (
        "cost_id,travelled_on,territory,currency,minor_units,paid_by,contract\n"
        "T-7,2026-10-05,transit,KPW,-5,host,\n"
        "T-8,2026-13-05,transit,KPW,5,host,\n"
        "T-9,2026-10-05,transit,KPW,5,host,C-NONE\n"
        "T-10,2099-10-05,transit,KPW,5,host,\n"
        "T-11,2026-10-05,transit,KPW,5,host,C-1\n"
    )
    found = take(office, "costs", rows)
    assert counts(found) == (1, 0, [(2, "minor_units"), (3, "travelled_on"), (4, "contract"), (5, "travelled_on")])
    late = CONTRACTS.replace("2027-02-01", "2029-02-01").replace("yes", "perhaps")
    assert counts(take(office, "contracts", late)) == (0, 1, [(2, "higher")])
    assert "missing: person" in take(office, "diplomas", "diploma_id,title,institution\nD,x,y\n").json()["detail"]


def test_a_file_gets_round_no_rule(office):
    settled = "cost_id,travelled_on,territory,currency,minor_units,paid_by\nT-OLD,2025-10-03,transit,KPW,7,host\n"
    assert counts(take(office, "costs", settled)) == (1, 0, [])
    office.good("admin", "POST", "/v1/settlements/2025/closure")
    again = take(office, "costs", settled.replace(",7,", ",8,"))
    assert counts(again) == (0, 0, [(2, "cost_id")]) and "2025 is settled" in again.json()["broken"][0]["reason"]
    alone = office.call("kim", "GET", "/v1/files/contracts", params={"year": 2027})
    assert alone.status_code == 422 and alone.json()["type"].endswith("purpose-missing")
    assert take(office, "contracts", CONTRACTS, "gateway").status_code == 403
    with office.store.read() as transaction:
        reads = transaction.people.reads(0, 1000)
    assert any(one.what == "file of contracts of 2027" and one.name == "kim" for one in reads)
