"""A gateway with its console, as a process: boards are answered while many watch, and the page says what is wrong."""

import subprocess
import threading

import httpx
import pytest

from checkpost import record
from tests.console.support import PIN
from tests.gateway.site import CHECKPOST, Site
from tests.gateway.support import CARD, MORNING_S

WATCHERS = 50
_CROSSING = record.Crossing(bytes.fromhex(CARD), record.ENTRY, 1, record.UID)
QUESTION = record.Record(record.CROSSING, 1, MORNING_S, 36, record.SYNCED, 2, _CROSSING.pack()).pack()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site"))
    made.configure(http_port=0)
    yield made
    made.close()


def person(site, *words, pin=""):
    command = [CHECKPOST, "gateway", "person", *words, "--config", str(site.config)]
    return subprocess.run(command, input=pin, capture_output=True, text=True)


def sign_in(url):
    http = httpx.Client(base_url=url, timeout=120)
    assert http.post("/sign-in", data={"name": "Han Sol", "pin": PIN, "back": "/"}).status_code == 303
    return http


def test_people_are_added_listed_and_removed(site):
    added = person(site, "add", "Han Sol", pin=f"{PIN}\n")
    assert (added.returncode, added.stdout) == (0, "Han Sol can sign in.\n")
    assert "new PIN" in person(site, "add", "han sol", pin=f"{PIN}\n").stdout
    assert person(site, "add", "Ri", pin="123456\n").returncode == 1
    assert person(site, "add", "Kim Nari", pin="731952\n").returncode == 0
    assert [line.split("  ")[1] for line in person(site, "list").stdout.splitlines()] == ["Kim Nari", "han sol"]
    assert person(site, "remove", "kim nari").returncode == 0
    missing = person(site, "remove", "kim nari")
    assert missing.returncode == 1 and "Nobody here is called" in missing.stderr


@pytest.fixture(scope="module")
def url(site):
    """The console of the gateway, which runs from here on."""
    person(site, "add", "Han Sol", pin=f"{PIN}\n")
    return site.start_gateway()["console"]


def watch(http, ready, crossings, found):
    """Listen until a crossing comes."""
    with http.stream("GET", "/events") as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.startswith("event: state"):
                ready.release()
            elif line.startswith("event: crossing"):
                found.append(line)
                crossings.release()
                return


def test_a_question_is_answered_while_fifty_watch_and_all_see_the_crossing(site, url):
    board = site.boards["ONS"]
    site.until(lambda: board.up() and board.policy and board.roster_last)
    http = sign_in(url)
    told, seen, found = threading.Semaphore(0), threading.Semaphore(0), []
    clients = [httpx.Client(base_url=url, cookies=http.cookies, timeout=180) for _ in range(WATCHERS)]
    for client in clients:
        threading.Thread(target=watch, args=(client, told, seen, found), daemon=True).start()
    for _ in clients:
        assert told.acquire(timeout=180)
    for _ in range(5):
        number = board.ask(QUESTION)
        site.until(lambda number=number: number in board.answers)
    board.journal.crossing(MORNING_S, CARD)
    board.wake()
    for _ in clients:
        assert seen.acquire(timeout=180)
    assert len(found) == WATCHERS


def test_a_full_disk_is_said_on_the_page_and_the_boards_are_still_answered(site, url):
    http = sign_in(url)
    site.fill_disk("gateway", full=True)
    try:
        for _ in range(60):
            answer = http.post("/sign-in", data={"name": "Han Sol", "pin": PIN})
            if answer.status_code == 503:
                break
        assert "The gateway's store does not answer" in answer.text and "Tell the technician" in answer.text
        assert http.get("/").status_code == 200
        number = site.boards["ONS"].ask(QUESTION)
        site.until(lambda: number in site.boards["ONS"].answers)
    finally:
        site.fill_disk("gateway", full=False)
    assert http.post("/sign-in", data={"name": "Han Sol", "pin": PIN, "back": "/"}).status_code == 303
