"""Exports: three forms of one snapshot, the same counts as the interface; packed bodies; what did not change; pace."""

import csv
import io
import json
import subprocess
import sys

import duckdb
import pytest
import zstandard

from gateway.central.exports import MAX_OPEN
from gateway.central.limit import MAX_BODY
from gateway.central.pace import Pace
from gateway.office.convert import convert, lines_of
from tests.central import support
from tests.central.test_pull import Line, pull

MONDAY_S = 1_792_962_000


@pytest.fixture(scope="module")
def full(tmp_path_factory, shared_database):
    centre = support.Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    with centre.http:
        centre.know_points()
        centre.know_permits()
        boards, spans, _ = support.written(centre)
        for runs in support.in_tap_order(boards, spans[:600], 100):
            centre.take(*runs)
        yield centre
    centre.store.close()


def export(centre, form):
    answer = centre.call("office", "GET", f"/v1/exports/crossings.{form}")
    assert answer.status_code == 200, answer.text
    assert (answer.headers["checkpost-crossings"], answer.headers["checkpost-position"]) == ("600", "600")
    return answer


def test_the_three_forms_say_the_same(full, tmp_path):
    rows = full.crossings()
    assert [json.loads(line) for line in export(full, "ndjson").text.splitlines()] == rows
    table = list(csv.DictReader(io.StringIO(export(full, "csv").text)))
    assert [row["card_uid"] for row in table] == [row["card_uid"] for row in rows]
    assert [row["reasons"].split() for row in table] == [row["reasons"] for row in rows]
    assert set(table[0]) == set(rows[0]) | {"corrected"}  # said only of those that were
    file = tmp_path / "crossings.parquet"
    file.write_bytes(export(full, "parquet").content)
    found = duckdb.sql(f"SELECT board, seq, reasons, local_time, epoch_ms(utc) // 1000 FROM '{file}'").fetchall()
    assert [one[:4] for one in found] == [(row["board"], row["seq"], row["reasons"], row["local_time"]) for row in rows]
    counted = duckdb.sql(f"SELECT crossing_point, verdict, count(*) FROM '{file}' GROUP BY ALL").fetchall()
    points = full.good("office", "GET", "/v1/table")["by_crossing_point"]
    assert {(point, verdict): count for point, verdict, count in counted} == {
        (point, verdict): count
        for point, row in points.items()
        for verdict, count in row.items()
        if verdict != "reasons"
    }


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_pull_in_another_form_goes_on_from_its_lines(full, tmp_path, form):
    file = tmp_path / f"crossings.{form}"
    for _ in range(2):
        done = pull(full, lines_of(file), Line(full))
        convert(lines_of(file), file, form, done.lines)
    assert file.read_bytes() == export(full, form).content


def test_no_more_exports_than_there_are_connections_for(full):
    exports = full.app.state.parts.exports
    begun = [exports.begin("ndjson") for _ in range(MAX_OPEN)]
    assert full.call("office", "GET", "/v1/exports/crossings.csv").status_code == 503
    begun[0].pieces.close()
    assert exports.begin("csv").position == 600  # forgotten at once: nobody reads it
    for one in begun[1:]:
        assert b"".join(one.pieces).count(b"\n") == 600
    assert exports._open == 0
    assert export(full, "csv")


@pytest.mark.parametrize(
    "path",
    ["/v1/crossings", "/v1/feed?after=590", "/v1/table", "/v1/exports/crossings.csv", "/v1/exports/crossings.parquet"],
)
def test_what_did_not_change_is_not_sent_again(full, path):
    first = full.call("office", "GET", path)
    tag = first.headers["etag"]
    again = full.call("office", "GET", path, headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert full.call("office", "GET", path, headers={"if-none-match": '"x"'}).content


def test_statistics_count_by_local_day(full):
    found = full.good("office", "GET", "/v1/statistics", params={"first": "2026-10-19", "last": "2027-01-19"})["counts"]
    wanted = {}
    for row in full.crossings():
        key = row["crossing_point"], row["local_time"][:10], row["verdict"]
        crossings, persons = wanted.get(key, (0, 0))
        wanted[key] = crossings + 1, persons + row["party"]
    assert {
        (one["crossing_point"], one["day"], one["verdict"]): (one["crossings"], one["persons"]) for one in found
    } == wanted
    for query in (
        {"first": "2026-01-02", "last": "2026-01-01"},
        {"first": "2026-13-01", "last": "2026-13-01"},
        {"first": "2020-01-01", "last": "2026-01-01"},
        {"first": "x", "last": "y"},
    ):
        answer = full.call("office", "GET", "/v1/statistics", params=query)
        assert answer.status_code == 422 and answer.json()["errors"]


def test_the_story_of_a_crossing_is_proven(full):
    row = next(row for row in full.crossings() if row["outcome"])
    path = f"/v1/crossings/{row['board']}/{row['epoch']}/{row['seq']}"
    story = full.good("office", "GET", path)
    assert [one["kind"] for one in story["leaves"]] == ["record", "record", "state"]
    assert story["leaves"][2]["position"] == row["position"] and len(story["proofs"]) == 3
    assert {one["root"] for one in story["proofs"]} == {story["proofs"][0]["root"]}
    assert full.call("office", "GET", "/v1/crossings/1/1/4000000").status_code == 404


def test_a_packed_batch_is_taken(small):
    board = small.add_board("ONS")
    board.crossing(MONDAY_S)
    packed = zstandard.compress(json.dumps({"runs": [board.run()]}).encode())

    def send(body, encoding="zstd"):
        headers = {"content-type": "application/json", "content-encoding": encoding}
        return small.call("gateway", "POST", "/v1/batches", content=body, headers=headers)

    assert send(packed).json()["new"] == 1
    for body, encoding, status in (
        (b"nothing", "zstd", 400),
        (packed[:-4], "zstd", 422),
        (packed, "gzip", 415),
        (zstandard.compress(bytes(MAX_BODY + 1)), "zstd", 413),
    ):
        answer = send(body, encoding)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert len(small.crossings()) == 1


def test_metrics_name_routes_and_no_addresses(small):
    small.call("office", "GET", "/v1/crossings/1/1/77")
    small.call("", "GET", "/v1/nothing/04AABBCC")
    text = small.call("office", "GET", "/metrics").text
    route = '{method="GET",route="/v1/crossings/{board}/{epoch}/{seq}",status="404"}'
    assert f"checkpost_requests_total{route} 1.0" in text and "04AABBCC" not in text
    assert "checkpost_log_leaves 0.0" in text and "checkpost_seals_wrong 0.0" in text


def test_who_asks_too_often_is_told_when_to_come_back(small):
    now = [0.0]
    pace = Pace(lambda: now[0], per_s=2, burst=3)
    assert [pace.wait_s("a") for _ in range(4)] == [0, 0, 0, 0.5] and pace.wait_s("b") == 0
    now[0] = 1.0
    assert [pace.wait_s("a") for _ in range(3)] == [0, 0, 0.5]
    object.__setattr__(small.app.state.parts, "pace", pace)
    pace._buckets["office office"] = 0.0, 1.0
    refused = small.call("office", "GET", "/v1/table")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["type"].endswith("too-many-requests")


def test_the_command_writes_each_form(served, tmp_path):
    boards, spans, _ = support.written(served)
    for runs in support.in_tap_order(boards, spans[:40], 20):
        served.take(*runs)
    for form in ("csv", "parquet"):
        file = tmp_path / f"crossings.{form}"
        done = served.office("pull", "--to", file, "--format", form)
        assert done.returncode == 0 and "40 crossings" in done.stdout, done.stderr
        assert duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall() == [(40,)]
    folder = tmp_path / "log"
    folder.mkdir()
    done = served.office("pull", "--to", folder)
    assert done.returncode == 0 and "office verify" in done.stdout, done.stderr
    verify = [support.CHECKPOST, "office", "verify", folder]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0 and "Everything fits." in done.stdout, done.stdout + done.stderr
    asked = served.office("verify", folder)
    assert asked.returncode == 0 and "rows of the centre's tables with the log" in asked.stdout, asked.stderr
    alone = subprocess.run([*verify, "--url", "http://127.0.0.1:1"], capture_output=True, text=True, timeout=180)
    assert alone.returncode == 1 and "belong together" in alone.stderr
    strict = subprocess.run([*verify, "--strict", "--json"], capture_output=True, text=True, timeout=180)
    assert strict.returncode == 1 and json.loads(strict.stdout)["unproven"], sys.version
    log = folder / "log.ndjson"
    log.write_text(log.read_text().replace('"raw":"21', '"raw":"22', 1))
    done = subprocess.run(verify, capture_output=True, text=True, timeout=180)
    assert done.returncode == 1 and "DOES NOT FIT, first: leaf" in done.stderr
