"""`checkpost office applications`, `queue`, `approve`, `refuse` and `settlement`, against a centre that is served."""

import json
import threading

import pytest
import uvicorn
from typer.testing import CliRunner

from gateway.commands.office import app
from gateway.contract.secrets import write_secret
from tests.central.support import Centre

FILE = """application_id,name,grounds,submitted_on
A-1,Han Sol,family_visit,2026-10-01
A-2,Kim Bom,trade,2026-10-02
A-3,,work,2026-10-03
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory, shared_database):
    """A centre on a port of this machine; `run(role, command, ...)` gives a command's result."""
    folder = tmp_path_factory.mktemp("central")
    centre = Centre(folder, database=shared_database)
    server = uvicorn.Server(uvicorn.Config(centre.app, port=0, log_config=None, lifespan="off"))
    serving = threading.Thread(target=server.run)
    serving.start()
    while not server.started:
        assert serving.is_alive()
        serving.join(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    def run(role, *arguments):
        token = folder / "token"
        write_secret(token, centre.tokens[role].encode())
        words = list(map(str, arguments))
        commands = 2 if words[0] == "programmes" else 1
        access = ["--url", url, "--token-file", str(token)]
        return CliRunner().invoke(app, [*words[:commands], *access, *words[commands:]])

    centre.run = run
    yield centre
    server.should_exit = True
    serving.join(timeout=60)
    centre.store.close()


def test_applications_go_in_by_file_and_are_decided_from_the_command_line(office, tmp_path):
    file = tmp_path / "applications.csv"
    file.write_text(FILE)
    for said in ("2 taken in, 0 known already, 1 left out.", "0 taken in, 2 known already, 1 left out."):
        done = office.run("office", "applications", file)
        assert done.exit_code == 1 and done.stdout.splitlines()[0] == said
        assert f"{file}, line 4, column name: neither a person nor a name is given; give a name" in done.output
    assert office.run("office", "queue").stdout.splitlines() == [
        "A-1  2026-10-01  25 days  family_visit  approve",
        "A-2  2026-10-02  24 days  trade  weigh",
    ]
    (line,) = office.run("office", "queue", "--json", "--limit", "1").stdout.splitlines()
    assert json.loads(line)["proposal"]["decision"] == "approved"
    machine = office.run("office", "approve", "A-1")
    assert "does not accept this token" in str(machine.exception)  # a machine decides nothing
    assert office.run("admin", "approve", "A-1").stdout == "A-1 is approved.\n"
    assert "was approved" in str(office.run("admin", "approve", "A-1").exception)
    assert "--reason" in str(office.run("admin", "refuse", "A-2", "--reason", " ").exception)
    refused = office.run("admin", "refuse", "A-2", "--reason", "The partner has closed.")
    assert refused.stdout == "A-2 is refused.\n" and office.run("office", "queue").stdout == "Nothing waits.\n"
    reads = office.good("admin", "GET", "/v1/reads")["reads"]
    assert {(one["what"], one["why"]) for one in reads} == {
        ("pending applications after none", "to decide applications"),
        ("application A-1", "to go on after this: decided"),
        ("application A-2", "to go on after this: decided"),
    }


def test_a_settlement_is_written_as_both_sides_read_it(office, tmp_path):
    cost = {"travelled_on": "2025-03-01", "territory": "transit", "currency": "KPW", "paid_by": "host"}
    office.good("admin", "PUT", "/v1/costs/T-1", json=cost | {"minor_units": 333})
    done = office.run("office", "settlement", "2025", "--to", tmp_path / "report.csv")
    assert done.stdout.splitlines()[1] == "KPW: the sending side owes 167."
    assert (tmp_path / "report.csv").read_text().splitlines() == [
        "year,currency,territory,costs,minor_units,sending_bears,host_bears,sending_paid,host_paid",
        "2025,KPW,sending,0,0,0,0,0,0",
        "2025,KPW,host,0,0,0,0,0,0",
        "2025,KPW,transit,1,333,167,166,0,333",
        "2025,KPW,all,1,333,167,166,0,333",
    ]


def test_costs_go_in_and_out_as_files(office, tmp_path):
    file, out = tmp_path / "costs.csv", tmp_path / "out.csv"
    head = "cost_id,travelled_on,territory,currency,minor_units,paid_by"
    file.write_text(f"{head}\nF-1,2024-03-01,transit,KPW,5,host\nF-2,2024-03-01,transit,KPW,none,host\n")
    done = office.run("office", "programmes", "take", "costs", file)
    assert done.exit_code == 1 and done.stdout.splitlines()[0] == "1 taken in, 0 known already, 1 left out."
    assert f"{file}, line 3, column minor_units: not a whole number: 'none'" in done.output
    assert office.run("office", "programmes", "fetch", "costs", "--year", 2024, "--to", out).exit_code == 0
    assert "F-1" in out.read_text() and "F-2" not in out.read_text()
    again = office.run("office", "programmes", "take", "costs", out)
    assert again.stdout.splitlines()[0] == "0 taken in, 1 known already, 0 left out."
