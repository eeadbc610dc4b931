"""`checkpost office arrivals`, `remind` and `exchange`, against a centre in a process of its own."""

import hashlib
import time

from tests.central.support import Served

CLERKS = ("kim", "ri")
PERSONAL = {"text": "Where does P-1 live?", "ground": "agreement of 1953, article 4"}
ARRIVALS = "stay_id,station,person,arrived_on\nS-1,KIL,R-1,2020-01-01\nS-2,XXX,R-2,2020-01-01\n"


def test_the_office_s_work_from_the_command_line(tmp_path, database):
    served = Served(tmp_path / "central", database)
    try:
        for name in CLERKS:
            person = {"role": "clerk", "password": f"the long sentence of {name}"}
            served.good("admin", "PUT", f"/v1/people/{name}", json=person)
            served.tokens[name] = served.good(
                "", "POST", "/v1/sessions", json={"name": name} | {"password": person["password"]}
            )["token"]
        station_and_arrivals(served, tmp_path)
        out_and_in(served, tmp_path)
    finally:
        served.kill()


def station_and_arrivals(served, folder):
    served.good("admin", "PUT", "/v1/stations/KIL", json={"name": "Kilju", "beds": 10, "blankets": 20})
    file = folder / "arrivals.csv"
    file.write_text(ARRIVALS)
    for said in ("1 new, 0 known.", "0 new, 1 known."):
        done = served.office("arrivals", file)
        assert (done.returncode, done.stdout.strip()) == (1, said)
        assert "line 3, column station: there is no station XXX" in done.stderr


def out_and_in(served, folder):
    served.good(
        "kim", "PUT", "/v1/exchange/cases/EX-1", json={"subject": "an address", "owner": "kim", "person": "P-1"}
    )
    assert served.office("exchange send", "--to", folder).stdout == "Nothing may leave.\n"
    number = served.good("kim", "POST", "/v1/exchange/cases/EX-1/messages", json=PERSONAL)["number"]
    assert served.office("exchange send", "--to", folder).stdout == "Nothing may leave.\n"
    served.good("ri", "POST", f"/v1/exchange/cases/EX-1/messages/{number}/approval", json={})
    sent = served.office("exchange send", "--to", folder, "--format", "json")
    file = folder / "exchange-out-1.json"
    assert hashlib.sha256(file.read_bytes()).hexdigest() in sent.stdout
    again = folder / "again"
    again.mkdir()
    assert served.office("exchange fetch", "1", "--to", again).returncode == 0
    assert (again / file.name).read_bytes() == file.read_bytes()
    today = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 9 * 3600))
    answers = folder / "answers.csv"
    answers.write_text(f"case_id,answer_id,answered_on,text\nEX-1,T-1,{today},In Onsong.\nEX-9,T-2,{today},Whose?\n")
    for new, known in ((1, 0), (0, 1)):
        taken = served.office("exchange take", answers)
        assert (taken.returncode, taken.stdout) == (1, f"{new} new, {known} known; kept as file 2.\n")
        assert "line 3, column case_id: there is no case EX-9" in taken.stderr
    assert served.office("remind", "--mark").stdout == ""
