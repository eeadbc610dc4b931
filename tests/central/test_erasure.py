"""Erasure: every byte is gone from store, feed, exports, logs and backups, and every proof holds as before."""

import json
import zlib

import pytest

from checkpost.dates import parse_date
from gateway.central import backup
from gateway.central.app import build
from gateway.central.store.holdings import HOLDINGS
from gateway.central.store.tables import METADATA
from tests.central.rights_support import (
    GROUND,
    IDENTIFIERS,
    MONDAY_S,
    OTHER_UID,
    PURPOSE,
    UID,
    ask,
    crossings,
    erase,
    people,
    permits,
    traces,
)
from tests.central.test_verify import KEY, checked, give, pull, sealed


@pytest.fixture
def board(small):
    people(small)
    permits(small)
    key = {"crossing_point": "ONS", "gateway": "gw", "link_key": f"{zlib.crc32(b'ONS'):032x}", "seal_key": KEY.hex()}
    small.good("admin", "POST", "/v1/boards", json=key)
    made = small.add_board("ONS")
    crossings(made)
    return made


@pytest.fixture
def sealed_log(small, board):
    """Eight records: a seal before the person's, one behind the first half of them, one at the end."""
    give(small, board, [sealed(board, 2), sealed(board, 4)], last=5)
    give(small, board, [sealed(board, 8)], first=6)
    return small


@pytest.fixture
def left(small, database, request):
    """Look for words in the centre's files, and in those of its database where that is a server's."""

    def look(*words):
        found = traces(small.data, *words)
        if database:
            server = request.getfixturevalue("postgres")
            server.execute("CHECKPOINT")
            found += traces(server.folder / "data" / "base", *words)
        return found

    return look


def everything(centre):
    """What the office can ask for, as text."""
    paths = ("/v1/crossings", "/v1/feed", "/v1/exports/crossings.ndjson", "/v1/exports/crossings.csv", "/v1/table")
    texts = [centre.call("office", "GET", path).text for path in paths]
    texts.append(centre.call("office", "GET", "/v1/log/leaves").text)
    texts.append(centre.call("admin", "GET", "/v1/changes").text)
    texts.append(centre.call("rim", "GET", "/v1/reads").text)
    texts.append(centre.call("rim", "GET", "/v1/erasures", headers={"Checkpost-Purpose": "to see what was done"}).text)
    return "\n".join(texts)


@pytest.mark.both_stores
def test_nothing_of_a_person_is_left_in_files_feed_exports_or_logs(sealed_log, left):
    small = sealed_log
    small.app.state.parts.cards.block(
        UID, "lost", MONDAY_S + 10**6, small.app.state.parts.access.caller(small.tokens["kim"])
    )
    small.good("pak", "POST", "/v1/access", json={"person": UID, "purpose": f"Where was {UID} seen, he asks."})
    parquet = small.call("office", "GET", "/v1/exports/crossings.parquet")
    assert parquet.status_code == 200 and left() and all(word in everything(small) for word in (UID,))
    done = erase(small)
    assert (done["persons"], done["records"], done["compacted"]) == (1, 4, True)
    assert left() == []
    assert [word for word in IDENTIFIERS if word.lower() in everything(small).lower()] == []
    assert OTHER_UID in everything(small)
    assert small.call("office", "GET", "/v1/crossings/1/1/3").json()["type"].endswith(":erased")


def test_the_log_verifies_before_and_after_and_names_the_gap(sealed_log, tmp_path):
    folder = tmp_path / "log"
    pull(sealed_log, folder)
    before = checked(folder)
    assert before.findings == [] and before.unproven == [] and before.erased == 0
    erase(sealed_log)
    pull(sealed_log, folder)
    after = checked(folder)
    assert after.findings == [] and after.unproven == [] and after.records == before.records
    assert after.bridged == [
        "board 1, epoch 1, records 3 to 4: 3, 4 erased; the chain goes on from the seal at 4",
        "board 1, epoch 1, records 5 to 8: 5, 6 erased; the chain goes on from the seal at 8",
    ]
    assert after.crossings == 2 and traces(folder) == []
    fresh = tmp_path / "fresh"
    pull(sealed_log, fresh)
    assert checked(fresh).findings == [] and checked(fresh).bridged == after.bridged


def test_what_was_altered_under_the_pretext_of_an_erasure_is_caught(sealed_log, tmp_path):
    erase(sealed_log)
    with sealed_log.store.write() as transaction:
        transaction.tree.forget_salts([transaction.tree.find(1, (1, 1, 7))])
    pull(sealed_log, tmp_path / "log")
    first = checked(tmp_path / "log").first()
    assert first.where == "board 1, epoch 1, record 7" and "no erasure names it" in first.what


def test_what_counts_is_counted_on(sealed_log):
    asked = {"first": "2026-10-26", "last": "2026-10-26"}
    before = (
        sealed_log.good("office", "GET", "/v1/table"),
        sealed_log.good("office", "GET", "/v1/statistics", params=asked),
    )
    erase(sealed_log)
    after = (
        sealed_log.good("office", "GET", "/v1/table"),
        sealed_log.good("office", "GET", "/v1/statistics", params=asked),
    )
    assert after[0] == before[0] and after[1]["counts"] == before[1]["counts"]
    answer = sealed_log.call("office", "GET", "/v1/crossings")
    assert answer.headers["Checkpost-Crossings"] == "2"
    gone = [row for row in answer.json()["crossings"] if row.get("erased")]
    assert [(row["board"], row["epoch"], row["seq"]) for row in gone] == [(1, 1, 3), (1, 1, 5)]


def test_later_records_and_seals_go_on_behind_an_erasure_that_no_seal_covered(small, board, left, tmp_path):
    give(small, board, [sealed(board, 2)], last=6)
    erase(small)
    give(small, board, [sealed(board, 6), sealed(board, 8)], first=5)  # sent again with what was erased since
    assert [seal["found"]["result"] for seal in leaves(small, "seal")] == ["good", "good", "good"]
    assert left(UID) == []
    pull(small, tmp_path / "log")
    report = checked(tmp_path / "log")
    assert report.findings == [] and report.unproven == []


def leaves(centre, kind):
    found = centre.good("office", "GET", "/v1/log/leaves")["leaves"]
    return [leaf for leaf in found if leaf["kind"] == kind]


def test_an_erasure_is_in_the_log_with_who_and_why(sealed_log):
    erase(sealed_log)
    body = json.loads(leaves(sealed_log, "erasure")[0]["body"])
    assert (body["by"], body["approved_by"], body["why"]) == ("kim", "pak", GROUND)
    assert len(body["leaves"]) == len([leaf for leaf in leaves(sealed_log, "record") if "salt" not in leaf]) + 3


def program(centre, name):
    """A token that a person made for a program of their own."""
    return centre.good(name, "POST", "/v1/tokens", json={"scopes": ["read", "write"]})["token"]


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("kim", 403, "second-person"),
        ("pak's program", 403, "needs-a-person"),
        ("office", 403, "needs-a-person"),
        ("gateway", 403, "wrong-role"),
    ],
)
def test_one_person_alone_erases_nobody(sealed_log, name, status, kind):
    sealed_log.tokens["pak's program"] = program(sealed_log, "pak")
    number = ask(sealed_log, "kim").json()["number"]
    answer = sealed_log.call(name, "POST", f"/v1/erasures/{number}/approval")
    assert answer.status_code == status and answer.json()["type"].endswith(kind)
    assert UID in everything(sealed_log)


@pytest.mark.parametrize("ground", ["", "          ", "because", f"{UID} asked for it", "A-PERSON-77 asked for it"])
def test_without_a_ground_or_with_a_name_in_it_nothing_is_asked_for(sealed_log, ground):
    assert ask(sealed_log, "kim", ground=ground).status_code == 422
    asked = sealed_log.good("admin", "GET", "/v1/erasures")
    assert asked["orders"] == []


def test_no_machine_asks_nobody_unknown_is_erased_and_no_order_counts_twice(sealed_log):
    sealed_log.tokens["program"] = program(sealed_log, "kim")
    for machine in ("office", "program"):
        assert ask(sealed_log, machine).json()["type"].endswith("needs-a-person")
    assert ask(sealed_log, "kim", key="R-NOBODY").status_code == 404
    erase(sealed_log)
    assert sealed_log.call("rim", "POST", "/v1/erasures/1/approval").json()["type"].endswith("order-closed")
    assert ask(sealed_log, "kim").status_code == 404  # nobody is known by that any more


def test_while_a_question_is_open_nobody_is_erased_and_its_evidence_goes_with_the_person(sealed_log, left):
    cards = sealed_log.app.state.parts.cards
    cards.block(UID, "lost", None, sealed_log.app.state.parts.access.caller(sealed_log.tokens["office"]))
    number = ask(sealed_log, "kim").json()["number"]
    answer = sealed_log.call("pak", "POST", f"/v1/erasures/{number}/approval")
    assert answer.status_code == 409 and "a question is open" in answer.json()["detail"]
    card = {"card_uid": UID, "application_id": "A-PERSON-77", "status": "active"}
    sealed_log.good("gateway", "POST", "/v1/imports", json={"cards": [card]})  # found again: the questions fall away
    sealed_log.good("pak", "POST", f"/v1/erasures/{number}/approval")
    assert left() == []


def test_an_order_that_is_refused_erases_nothing_and_names_nobody(sealed_log):
    number = ask(sealed_log, "kim").json()["number"]
    refused = sealed_log.good("pak", "POST", f"/v1/erasures/{number}/refusal")
    assert (refused["state"], refused["subject"], refused["closed_by"]) == ("refused", "", "pak")
    assert UID in everything(sealed_log)


def test_retention_erases_who_is_over_and_nobody_else(sealed_log, left):
    erasures = sealed_log.app.state.parts.erasures
    office = sealed_log.app.state.parts.access.caller(sealed_log.tokens["office"])
    last_s = (parse_date("2026-12-31") + 1096) * 86_400  # three years after the permit's end
    erasures._utc_s = lambda: last_s
    assert erasures.retention(office).persons == 0
    erasures._utc_s = lambda: last_s + 86_400
    done = erasures.retention(office)
    assert (done.persons, done.records) == (1, 4) and left() == []
    assert OTHER_UID in everything(sealed_log)  # a permit without an end is not over
    assert json.loads(leaves(sealed_log, "erasure")[0]["body"])["by"] == "office"
    assert sealed_log.call("kim", "POST", "/v1/retention").status_code == 403


def test_a_restored_backup_brings_nobody_back(sealed_log, database, tmp_path):
    kept = tmp_path / "kept"
    backup.make(sealed_log.data, kept / "b1", 5, database)
    erase(sealed_log)
    backup.make(sealed_log.data, kept / "b2", 6, database)  # each night: what was erased stands beside every backup
    for name in ("b1", "b2"):
        backup.drill(kept / name, None)
    backup.restore(kept / "b1", tmp_path / "again", None, accept_loss=False)
    assert traces(tmp_path / "again") == [] and traces(kept / "b1") != []
    again = build(tmp_path / "again", lambda: 0, False).state.parts
    with again.office._store.read() as transaction:
        assert transaction.tally.crossings() == 4 and transaction.erasing.crossings() == 2


def test_what_gateways_bring_again_after_a_restore_stays_erased(small, board, database, tmp_path):
    give(small, board, [], last=2)
    kept = tmp_path / "kept"
    backup.make(small.data, kept / "b1", 5, database)
    give(small, board, [], first=3)
    erase(small)
    backup.make(small.data, kept / "b2", 6, database)
    backup.restore(kept / "b1", tmp_path / "again", None, accept_loss=True)
    parts = build(tmp_path / "again", lambda: 1_793_000_000_000, False).state.parts
    from gateway.contract import Batch

    parts.ledger.take(Batch.model_validate({"runs": [board.run(1)]}), "gw")
    parts.erasures.compact()
    assert traces(tmp_path / "again") == []
    with parts.office._store.read() as transaction:
        assert transaction.log.head(1, 1).seq == 8 and transaction.erasing.crossings() == 2


def test_backups_older_than_the_policy_go(small, board, database, tmp_path):
    give(small, board, [])
    kept = tmp_path / "kept"
    for day in (1, 20, 40):
        backup.make(small.data, kept / str(day), day * 86_400, database)
    assert [path.name for path in backup.drop_old(kept, 35, 40 * 86_400)] == ["1"]
    assert sorted(path.name for path in kept.iterdir() if path.is_dir()) == ["20", "40"]


SECRET = "Sun-hee Kwak"  # in every column of which an erasure says what becomes of it
AT = {"person": "REF-SUNHEE-77", "application": "A-PERSON-77", "card": UID, "contract": "C-9", "stay": "S-9"}
AT |= {"case": "EX-9", "batch": 41, "review": 51, "step": 51}
OVER = {"state": "over", "closed_on": "2026-11-01", "waits": 0}


def row_of(holding):
    """A row of the person in a table: whatever is over, so that nothing stands against an erasure."""
    key, row = [column.name for column in holding.table.primary_key], {}
    for column in holding.table.columns:
        kind = column.type.python_type
        secret = column.name in holding.becomes or not holding.becomes
        words = {str: SECRET if secret and column.name not in OVER else "2026-11-01", int: 7, bytes: SECRET.encode()}
        row[column.name] = OVER.get(column.name, words[kind])
    row |= {name: AT[kind] for name, kind in holding.by.items()}
    row |= {holding.gives[1]: AT[holding.gives[0]]} if holding.gives else {}
    return row | ({key[0]: 51} if row.get(key[0]) == 7 else {})


@pytest.mark.both_stores
def test_a_person_is_gone_from_every_table_of_the_office_and_what_counts_stays(sealed_log, left):
    with sealed_log.store.write() as transaction:
        for holding in HOLDINGS:
            if holding.table.name != "applications":  # the import brought its row
                transaction.holdings._connection.execute(holding.table.insert(), [row_of(holding)])
    held = sealed_log.good("kim", "POST", "/v1/access", json={"person": UID, "purpose": PURPOSE})
    assert {holding.heading for holding in HOLDINGS} <= {area["name"] for area in held["areas"] if area["rows"]}
    assert held["needed"] == [] and "content" not in json.dumps(held)
    before = counts(sealed_log)
    erase(sealed_log)
    assert left(*IDENTIFIERS, SECRET) == []
    assert counts(sealed_log) == before
    assert sealed_log.call("kim", "POST", "/v1/access", json={"person": UID, "purpose": PURPOSE}).status_code == 404


@pytest.mark.both_stores
def test_where_a_text_about_others_names_the_person_a_mark_stands(sealed_log, left):
    sealed_log.good("admin", "PUT", "/v1/persons/REF-SUNHEE-77", json={"name": SECRET})
    case = {"subject": "who waits at the bridge", "owner": "kim"}
    sealed_log.good("kim", "PUT", "/v1/exchange/cases/EX-1", json=case)
    path = "/v1/exchange/cases/EX-1/messages"
    said = f"Han Sol came with {SECRET.lower()} ({UID}); Kwak's cousin, {SECRET}na, did not."
    sealed_log.good("kim", "POST", path, json={"text": said, "kind": "note"})
    number = sealed_log.good("kim", "POST", path, json={"text": said, "ground": GROUND})["number"]
    sealed_log.good("pak", "POST", f"{path}/{number}/approval", json={"approve": True})
    sent = sealed_log.good("kim", "POST", "/v1/exchange/batches", json={"form": "csv"})
    held = sealed_log.good("kim", "POST", "/v1/access", json={"person": UID, "purpose": PURPOSE})
    places = [row for area in held["areas"] if area["name"] == "Texts that name the person" for row in area["rows"]]
    assert len(places) == 2 and said not in json.dumps(held)
    erase(sealed_log)
    story = sealed_log.call("kim", "GET", "/v1/exchange/cases/EX-1", headers={"Checkpost-Purpose": PURPOSE}).json()
    kept = "Han Sol came with (erased 1) ((erased 1)); Kwak's cousin, Sun-hee Kwakna, did not."
    assert [one["text"] for one in story["thread"]].count(kept) == 2
    assert left(UID, f"{SECRET} ", f"{SECRET},", f"{SECRET} (") == []
    file = sealed_log.call(
        "kim", "GET", f"/v1/exchange/batches/{sent['number']}/file", headers={"Checkpost-Purpose": PURPOSE}
    )
    assert file.status_code == 410 and sealed_log.good("office", "GET", "/v1/exchange/batches")["batches"][0]["sha256"]


@pytest.mark.both_stores
def test_what_guards_wrote_in_a_review_of_a_person_goes_too_and_does_not_come_again(sealed_log, left):
    step = {"store": 1, "event": 1, "review": 1, "kind": "refer", "board": 1, "epoch": 1, "seq": 3, "at_s": MONDAY_S}
    step |= {"person": "Lee", "step": "statement", "text": f"I am {SECRET}."}
    bring = "/v1/reviews/steps"
    sealed_log.good("gateway", "POST", bring, json={"steps": [step]})
    assert left(SECRET) != []
    erase(sealed_log)
    assert left(SECRET) == []
    late = step | {"event": 2}  # it waited at a gateway that had not heard of the erasure
    assert sealed_log.good("gateway", "POST", bring, json={"steps": [step, late]}) == {"new": 1, "known": 1}
    assert left(SECRET) == []


def counts(centre):
    """How many rows there are in the tables that figures count."""
    with centre.store.read() as transaction:
        run = transaction.holdings._connection.execute
        counted = [one for one in HOLDINGS if one.becomes]
        return {one.table.name: len(run(one.table.select()).all()) for one in counted}


# Tables that hold nothing of a traveller: keys, hashes, counts, places, sums, and the office's own people.
IMPERSONAL = {
    "about", "tokens", "people", "heads", "tally", "tiles", "seal_keys", "seals", "erasures", "cosigners",
    "cosignatures", "erased", "erased_days", "chain_marks", "stations", "travel_costs", "plans", "settled_years",
    "exchange_asks", "exchange_reminders", "gaps", "holes", "days", "situation_reports", "gateway_keys",
    "board_numbers",
}  # fmt: skip
ORDERS = {"erasure_orders"}  # an open one names its person until it is closed


def test_every_table_is_answered_for(small):
    held = {name for holder in small.app.state.parts.erasures._holders for name in holder.tables}
    assert set(METADATA.tables) - held - IMPERSONAL - ORDERS == set(), "say in rights/holders.py who erases its rows"
