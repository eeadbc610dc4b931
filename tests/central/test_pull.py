"""`checkpost office`: the whole log in a file, brought up to date, resumed after any break, replaced in one step."""

import json
import signal
import subprocess
import time

import httpx
import pytest

from gateway.contract.secrets import write_secret
from gateway.office.client import Client, OfficeError
from gateway.office.pull import Pull
from tests.central import support


@pytest.fixture(scope="module")
def full(tmp_path_factory, shared_database):
    """A centre with the whole scenario, taken board by board."""
    centre = support.Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    with centre.http:
        centre.know_points()
        centre.know_permits()
        boards, _, _ = support.written(centre)
        for runs in support.board_by_board(list(boards.values())):
            centre.take(*runs)
        yield centre
    centre.store.close()


class Line(httpx.BaseTransport):
    """The way to a centre in this process; it breaks after `good` answers, and notes what was asked."""

    def __init__(self, centre, good=1000):
        self.centre, self.good, self.asked = centre, good, []

    def handle_request(self, request):
        if len(self.asked) >= self.good:
            raise httpx.ConnectError("the line broke", request=request)
        self.asked.append(int(request.url.params["after"]))
        answer = self.centre.http.request(request.method, str(request.url), headers=dict(request.headers))
        headers = {name: value for name, value in answer.headers.items() if name.startswith("checkpost")}
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)


def pull(centre, file, line=None, every_change=False):
    client = Client("http://127.0.0.1", centre.tokens["office"], line or Line(centre))
    return Pull(client, file, file.with_suffix(".state"), every_change).run(lambda done, total: None)


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def touch(centre):
    """Change the application of a permit that was used: its crossings are judged again."""
    permit = next(row["permit"] for row in centre.crossings() if row["verdict"] == "permitted")
    change = {"application_id": permit, "decision": "refused"}
    assert centre.good("office", "POST", "/v1/imports", json={"applications": [change]})["changed"] == 1


def test_a_pull_holds_the_current_state_of_every_crossing(full, tmp_path):
    file = tmp_path / "crossings.ndjson"
    done = pull(full, file)
    assert lines(file) == full.crossings() and done.lines == done.rows == 2909
    before = file.read_bytes()
    assert pull(full, file).rows == 0 and file.read_bytes() == before
    touch(full)
    again = pull(full, file)
    assert 0 < again.rows < 20 and again.lines == 2909 and lines(file) == full.crossings()


def test_every_change_appends_the_feed(full, tmp_path):
    file = tmp_path / "events.ndjson"
    pull(full, file, every_change=True)
    touch(full)
    pull(full, file, every_change=True)
    assert lines(file) == full.crossings("/v1/feed")


@pytest.mark.parametrize("good", [0, 1, 2])
def test_a_broken_pull_leaves_the_file_and_goes_on_where_it_was(full, tmp_path, good):
    file = tmp_path / "crossings.ndjson"
    pull(full, file)
    before = file.read_bytes()
    file.with_suffix(".state").unlink()  # from the beginning, three pages
    broken = Line(full, good)
    with pytest.raises(OfficeError, match="cannot be reached"):
        pull(full, file, broken)
    assert file.read_bytes() == before
    with file.with_name(file.name + ".part").open("a") as part:
        part.write('{"position": 99')  # the power failed within a line
    line = Line(full)
    pull(full, file, line)
    # Without one whole page nothing is known; else it goes on behind the last line.
    assert lines(file) == full.crossings() and len(line.asked) == 3 - good
    assert not file.with_name(file.name + ".part").exists()


@pytest.mark.parametrize("damage", ["file", "state", "other log", "file gone"])
def test_a_file_that_does_not_fit_its_state_is_pulled_anew(full, tmp_path, damage, monkeypatch):
    file = tmp_path / "crossings.ndjson"
    pull(full, file)
    if damage == "file":
        file.write_text("".join(file.read_text().splitlines(keepends=True)[:-5]))
    elif damage == "file gone":
        file.unlink()
    elif damage == "state":
        file.with_suffix(".state").write_text("{")
    else:
        monkeypatch.setattr(full.app.state.parts.office, "log_id", "another")
    assert pull(full, file).rows == 2909 and lines(file) == full.crossings()


def test_two_pulls_of_one_file_do_not_mix(full, tmp_path):
    file = tmp_path / "crossings.ndjson"

    class Meddling(Line):
        def handle_request(self, request):
            with pytest.raises(OfficeError, match="Another pull"):
                pull(full, file)
            return super().handle_request(request)

    assert pull(full, file, Meddling(full)).lines == 2909


def test_a_pull_while_crossings_arrive_misses_none(centre, tmp_path):
    centre.know_points()
    centre.know_permits()
    boards, _, _ = support.written(centre)
    batches = support.board_by_board(list(boards.values()))

    class Busy(Line):
        def handle_request(self, request):
            for runs in [next(batches, None)]:
                if runs:
                    centre.take(*runs)
            return super().handle_request(request)

    file = tmp_path / "crossings.ndjson"
    pull(centre, file, Busy(centre))
    while next(batches, None):
        pass
    pull(centre, file)
    assert lines(file) == centre.crossings()


def test_the_command_pulls_from_a_process_and_survives_a_kill(served, tmp_path):
    boards, _, _ = support.written(served)
    for runs in support.board_by_board(list(boards.values())):
        served.take(*runs)
    file, part = tmp_path / "crossings.ndjson", tmp_path / "crossings.ndjson.part"
    access = ["--url", served.url, "--token-file", served.data / "tokens.json", "--to", file]
    for _ in range(3):
        killed = subprocess.Popen(list(map(str, [support.CHECKPOST, "office", "pull", *access])), stdout=-3, stderr=-3)
        while not part.exists() and killed.poll() is None:
            time.sleep(0.001)
        killed.send_signal(signal.SIGKILL)
        killed.wait(timeout=180)
        assert not file.exists() or len(lines(file)) == 2909
    done = served.office("pull", "--to", file)
    assert done.returncode == 0 and "2909 crossings" in done.stdout, done.stderr
    assert lines(file) == served.crossings()
    assert served.office("table", "--to", tmp_path / "table.json").returncode == 0
    assert json.loads((tmp_path / "table.json").read_text()) == support.expected_table()


def test_mistakes_are_one_sentence(served, tmp_path):
    file = tmp_path / "crossings.ndjson"
    token = tmp_path / "token"
    write_secret(token, b"wrong\n")

    def said(**more):
        options = {"--url": served.url, "--token-file": served.data / "tokens.json", "--to": file} | more
        command = [support.CHECKPOST, "office", "pull", *(str(part) for pair in options.items() for part in pair)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, done.stderr
        return done.stderr

    assert "does not accept this token" in said(**{"--token-file": token})
    assert "cannot be read" in said(**{"--token-file": tmp_path / "none"})
    assert "cannot be reached" in said(**{"--url": "http://127.0.0.1:9"})
    assert "no address of a centre" in said(**{"--url": "nowhere"})
    assert "cannot be read or written" in said(**{"--to": tmp_path / "none" / "file"})
