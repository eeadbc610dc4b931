"""What only PostgreSQL has: months, several processes on one store, and the ways from and to SQLite."""

import json
import re
import threading
from datetime import UTC, datetime

import httpx
import pytest

from gateway.central import backup as backups
from gateway.central.app import build
from gateway.central.signing import KEY_NAME
from gateway.central.store import STORE_NAME, Store, StoreError
from gateway.commands.central import init
from gateway.errors import OperatorError
from tests.central import support
from tests.central.rush import rush
from tests.central.support import Served, TestClient

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
MONDAY_S = 1_792_962_000
CROSSINGS, WRITERS = 1200, 4  # `python -m tests.central.rush` has 100,000


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def names(postgres, database):
    found = postgres.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'", database)
    return sorted(name for (name,) in found)


@pytest.fixture
def four(tmp_path, database):
    """A centre of four processes on one database."""
    made = Served(tmp_path / "central", database, processes=4)
    yield made
    if made.process.poll() is None:
        made.stop()


def test_four_processes_come_to_the_scenarios_exact_result(four):
    four.know_points()
    four.know_permits()
    boards, _, keys = support.written(four)
    sending = [
        threading.Thread(target=lambda own=board: [four.take(*runs) for runs in support.board_by_board([own])])
        for board in boards.values()
    ]
    for thread in sending:
        thread.start()
    for thread in sending:
        thread.join()
    held = {(row["board"], row["seq"]): row for row in four.crossings()}
    assert [(held[key]["verdict"], held[key]["reasons"], held[key]["notes"]) for key in keys] == support.expected()
    assert len(held) == len(keys)
    assert four.good("office", "GET", "/v1/table") == support.expected_table()
    assert four.stop() == 0


def test_four_processes_count_as_one(four):
    """Whichever process a scrape meets, it says what all of them were asked."""
    for _ in range(20):  # each over a connection of its own
        assert httpx.get(f"{four.url}/healthz", timeout=60).status_code == 200
    headers = {"Authorization": f"Bearer {four.tokens['office']}"}
    for before in range(6):
        text = httpx.get(f"{four.url}/metrics", headers=headers, timeout=60).text
        assert 'checkpost_requests_total{method="GET",route="/healthz",status="200"} 20.0' in text
        asked = re.search(r'checkpost_requests_total{method="GET",route="/metrics",status="200"} (\d+)', text)
        assert (int(asked[1]) if asked else 0) == before
        assert text.count("checkpost_feed_position 0.0") == 1


def test_who_reads_while_four_write_misses_nothing(four):
    assert rush(four, CROSSINGS, WRITERS) == CROSSINGS


def test_a_change_through_one_process_is_heard_by_another(database, small):
    heard = threading.Event()
    other = Store(database, heard.set)
    other.listen()
    assert heard.wait(60)  # once, for what came while nobody listened
    heard.clear()
    small.good("admin", "PUT", "/v1/policy", json={"assurance": "sun"})
    assert heard.wait(60)
    other.close()


def test_what_one_process_is_told_counts_at_another(database, small):
    """Nothing is kept in a process: a session, a code, a board's records are the store's."""
    other = TestClient(
        build(small.data, lambda: small.now_s * 1000, True, database=database), raise_server_exceptions=False
    )
    here = small.http
    code = small.good("admin", "POST", "/v1/gateways/second/codes", json={})["code"]
    assert [http.post("/v1/enrolments", json={"code": code}).status_code for http in (other, here)] == [200, 401]
    small.sign_in("kim", "clerk")
    session = {"Authorization": f"Bearer {small.tokens['kim']}"}
    assert other.get("/v1/table", headers=session).status_code == 200
    assert here.delete("/v1/sessions", headers=session).status_code == 204
    assert other.get("/v1/table", headers=session).status_code == 401
    board = small.add_board("ONS")
    for at in range(4):
        board.crossing(MONDAY_S + at)
    gateway = {"Authorization": f"Bearer {small.tokens['gateway']}"}
    for first, http in enumerate((here, other, here, other), start=1):
        taken = http.post("/v1/batches", json={"runs": [board.run(first, first)]}, headers=gateway).json()
        assert taken["held"] == [{"board": 1, "epoch": 1, "seq": first}] and taken["new"] == 1
    assert other.post("/v1/batches", json={"runs": [board.run()]}, headers=gateway).json()["known"] == 4


def test_words_of_any_kind_are_found_among_others(database):
    bodies = {word: {"said": word} for word in ("", "NULL", "a,b", '"', "\\", '\\"', "{}", " x y ", "신의주")}
    store = Store(database)
    with store.write() as transaction:
        transaction.knowledge.put("card", bodies)
    with store.read() as transaction:
        assert transaction.knowledge.get("card", [*bodies, "another"]) == bodies
    store.close()


def test_months_are_made_ahead_and_hold_what_came_in_them(database, postgres):
    store = Store(database)
    name = database.split("/")[3].split("?")[0]
    for now, first in (("2026-11-30T23:59:59", 1), ("2026-12-01T00:00:00", 2), ("2027-03-05T00:00:00", 3)):
        with store.write() as transaction:
            transaction.log.add_records(1, 1, first, [bytes(32)], at(now))
    store.close()
    assert names(postgres, name) == sorted(
        f"{table}_{month}"
        for table in ("records", "crossings")
        for month in ("2026_11", "2026_12", "2027_01", "2027_03", "2027_04")
    )
    assert [
        postgres.execute(f"SELECT seq FROM records_{month}", name) for month in ("2026_11", "2026_12", "2027_03")
    ] == [
        [(1,)],
        [(2,)],
        [(3,)],
    ]


def test_a_backup_goes_from_postgresql_to_a_file_and_back(small, database, postgres, tmp_path):
    board = small.add_board("ONS")
    board.crossing(MONDAY_S, "04000000000001")
    board.crossing(MONDAY_S + 900)
    small.take(board.run())
    before = small.crossings("/v1/feed")
    lines = small.call("office", "GET", "/v1/exports/crossings.ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == small.crossings()
    made = backups.make(small.data, tmp_path / "backup", 1, database)
    assert (made.records, made.crossings) == (2, 2)
    assert backups.drill(tmp_path / "backup", None) == made
    empty = postgres.fresh("restored")
    assert backups.restore(tmp_path / "backup", tmp_path / "again", None, False, empty) == made
    assert not (tmp_path / "again" / STORE_NAME).exists()
    restored = Store(empty)
    with restored.read() as transaction:
        assert [position for position, _ in transaction.log.feed(0, 9)] == [row["position"] for row in before]
        assert transaction.tree.size() == made.leaves and restored.log_id == made.log
    with pytest.raises(StoreError, match="holds something already"):
        restored.take_over(tmp_path / "backup" / STORE_NAME)
    restored.close()


def test_another_data_folder_cannot_make_another_key_for_the_same_log(small, database, tmp_path):
    with pytest.raises(OperatorError, match="whose key is not in"):
        init(tmp_path / "other", database)
    assert not (tmp_path / "other" / KEY_NAME).exists()
    init(small.data, database)


def test_a_url_that_leads_nowhere_is_said_without_its_password(database):
    for url in ("postgresql://checkpost:secret@127.0.0.1:1/none", "postgresql://a:secret@[bad", "mysql://a:secret@b/c"):
        with pytest.raises(StoreError) as found:
            Store(url)
        assert "secret" not in str(found.value)
