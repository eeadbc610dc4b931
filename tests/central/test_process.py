"""The centre as a process: ready line, orderly end, mistakes in one sentence, a kill that loses and doubles nothing."""

import contextlib
import json
import subprocess
import threading
import time

import httpx

from gateway.central.api.gateways import MAX_WAIT_S
from tests.central import support


def run(*arguments):
    command = [support.CHECKPOST, "central", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100)


def one_sentence(done):
    assert done.returncode == 1 and "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_init_twice_keeps_the_tokens(tmp_path):
    assert run("init", "--data", tmp_path).returncode == 0
    tokens = (tmp_path / "tokens.json").read_text()
    assert set(json.loads(tokens)) == {"admin", "office"}
    assert (tmp_path / "tokens.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "central.db").stat().st_mode & 0o777 == 0o600
    assert run("init", "--data", tmp_path).returncode == 0
    assert (tmp_path / "tokens.json").read_text() == tokens


def test_mistakes_are_one_sentence(tmp_path, served):
    assert "central init" in one_sentence(run("run", "--data", tmp_path / "none"))
    assert f"port {served.port}" in one_sentence(run("run", "--data", served.data, "--port", served.port))
    assert "clock" in one_sentence(run("run", "--data", served.data, "--port", 0, "--clock", tmp_path / "none"))
    assert "--time-zone: Asia/Nowhere" in one_sentence(run("run", "--data", served.data, "--time-zone", "Asia/Nowhere"))
    (tmp_path / "file").write_text("")
    assert "file" in one_sentence(run("init", "--data", tmp_path / "file"))


def test_the_centre_ends_when_standard_input_closes_also_with_a_long_poll_open(served):
    revision = served.good("gateway", "GET", "/v1/changes")["revision"]
    page = served.good("gateway", "GET", "/v1/changes", params={"after": revision})
    assert page["changes"] == [] or page["more"]
    newest = served.good("admin", "POST", "/v1/imports", json={})["revision"]
    waiting = threading.Thread(
        target=lambda: served.call("gateway", "GET", "/v1/changes", params={"after": newest, "wait": MAX_WAIT_S})
    )
    waiting.start()
    time.sleep(0.3)  # until the poll is with the centre
    started = time.monotonic()
    assert served.stop() == 0 and time.monotonic() - started < MAX_WAIT_S - 1
    waiting.join()


def test_killed_at_any_moment_nothing_is_lost_or_doubled(served):
    boards, spans, _ = support.written(served)
    batches = list(support.in_tap_order(boards, spans[:400], 10))
    for number, runs in enumerate(batches):
        if number % 8 == 3:  # killed while the batch is on its way
            threading.Timer(0.002 * (number % 5), served.process.kill).start()
            with contextlib.suppress(httpx.TransportError):  # as for a gateway: was the batch taken or not?
                served.take(*runs)
            served.kill()
            served.start()
        served.take(*runs)
    seen = served.crossings("/v1/feed")
    assert [row["position"] for row in seen] == sorted({row["position"] for row in seen})
    keys = [(row["board"], row["epoch"], row["seq"]) for row in served.crossings()]
    assert len(keys) == len(set(keys)) == 400
    held = {row["board"]: row["seq"] for row in served.good("office", "GET", "/v1/held")["held"]}
    assert held == {boards[point].number: last for point, _, last in spans[:400]}
