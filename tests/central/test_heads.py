"""HEAD answers as GET does, without its body, and ends also where a GET would go on."""

import pytest

MONDAY_S = 1_792_962_000
PATHS = [
    "/",
    "/v1/crossings",
    "/v1/feed?after=0",
    "/v1/table",
    "/v1/log/checkpoint",
    "/v1/log/standing",
    "/v1/exports/crossings.csv",
    "/v1/exports/crossings.parquet",
    "/v1/crossings/9/9/9",
    "/openapi.json",
    "/metrics",
    "/nowhere",
]


@pytest.fixture
def held(small):
    board = small.add_board("ONS")
    board.crossing(MONDAY_S)
    small.take(board.run())
    return small


def test_a_head_is_that_of_the_get(held):
    for path in PATHS:
        got, head = (held.call("office", method, path) for method in ("GET", "HEAD"))
        assert head.status_code == got.status_code and head.content == b"", path
        volatile = ("content-length",) if path == "/metrics" else ()  # it counts this very request
        names = [name for name in got.headers if name not in volatile]
        assert {name: head.headers.get(name) for name in names} == {name: got.headers[name] for name in names}, path


def test_a_stream_of_news_has_an_end_too(held):
    head = held.call("office", "HEAD", "/v1/events")
    assert head.status_code == 200 and head.headers["content-type"].startswith("text/event-stream")


def test_what_cannot_be_got_has_no_head(held):
    assert held.call("office", "HEAD", "/v1/batches").status_code == 405
    assert held.call("", "HEAD", "/v1/crossings").status_code == 401


def test_exports_that_only_their_heads_were_asked_of_are_let_go(held):
    for _ in range(10):
        assert held.call("office", "HEAD", "/v1/exports/crossings.ndjson").status_code == 200
    assert held.app.state.parts.exports._open == 0
