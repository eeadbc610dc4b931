"""`office verify --url`: who edits the centre's tables by hand, past the log, is caught; what and where is named."""

import json
import re
import zlib
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.central.store.tables import METADATA
from gateway.office.client import OfficeError
from gateway.office.folder import CROSSINGS, LogFolder
from gateway.office.pull import Pull
from gateway.office.pull_log import pull_folder
from gateway.office.verifying.verify import verify
from tests.central import rights_support, support
from tests.central.conftest import A1, CARD, ONS
from tests.central.test_verify import KEY, MONDAY_S, UID, client, give, pull, sealed


def written(centre):
    centre.good("admin", "PUT", "/v1/crossing-points/ONS", json=ONS)
    centre.good("admin", "PUT", "/v1/policy", json={"assurance": "uid"})
    centre.good("gateway", "POST", "/v1/imports", json={"applications": [A1], "cards": [CARD]})
    body = {"crossing_point": "ONS", "gateway": "gw", "link_key": f"{zlib.crc32(b'ONS'):032x}", "seal_key": KEY.hex()}
    centre.good("admin", "POST", "/v1/boards", json=body)
    board = centre.add_board("ONS")
    for at in range(8):
        seq = board.crossing(MONDAY_S + 900 * at, UID if at % 2 else "", "exit" if at % 4 == 3 else "entry")
        board.outcome(MONDAY_S + 900 * at + 5, seq, "admitted", 1 + at % 2)
    give(centre, board, [sealed(board, 8)], last=8)
    give(centre, board, [sealed(board, 16)], first=9)
    return board


@pytest.fixture(scope="module")
def pulled(tmp_path_factory, shared_database):
    """An honest centre and what the office pulled from it."""
    centre = support.Centre(tmp_path_factory.mktemp("central"), database=shared_database)
    with centre.http:
        written(centre)
        folder = tmp_path_factory.mktemp("office") / "log"
        pull(centre, folder)
        yield centre, folder
    centre.store.close()


def compared(centre, folder):
    return verify(LogFolder(folder), [], client(centre))


@contextmanager
def edited(centre, statement):
    """Let somebody write into a table; afterwards it is as it was."""
    table = statement.replace("INSERT INTO", "UPDATE").replace("DELETE FROM", "UPDATE").split()[1]

    def run(text, rows=None):
        with centre.store.write() as transaction:
            connection = transaction.tree._connection
            found = connection.exec_driver_sql(text, rows) if rows else connection.exec_driver_sql(text)
            return ([tuple(row) for row in found], list(found.keys())) if found.returns_rows else None

    rows, names = run(f"SELECT * FROM {table}")
    run(statement)
    try:
        yield
    finally:
        run(f"DELETE FROM {table}")
        mark = "%s" if str(centre.where).startswith("postgresql:") else "?"
        if rows:
            run(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})", rows)


COPY = (
    "INSERT INTO crossings SELECT board, epoch, 90, order_utc_s, utc_s, offset_quarters, trust, uncertainty, "
    "crossing_point, kind, zone, card_uid, permit, direction, assurance, genuine, recorded_party, board_verdict, "
    "outcome_seq, outcome, party, verdict, reasons, causes, notes, waived, rule_version, 90, source, unchecked, "
    "arrived_s, corrected FROM crossings WHERE seq = 3"
)
CROSSING = "the centre's table of crossings, board 1, epoch 1, record 3"
EDITS = {
    "a verdict": ("UPDATE crossings SET verdict = 1 WHERE seq = 3", CROSSING, "another verdict than the log"),
    "two fields": (
        "UPDATE crossings SET card_uid = '04', party = 3 WHERE seq = 3",
        CROSSING,
        "another card_uid, party than",
    ),
    "a time": ("UPDATE crossings SET utc_s = utc_s + 60 WHERE seq = 3", CROSSING, "another local_time, utc than"),
    "an outcome": ("UPDATE crossings SET outcome_seq = 99 WHERE seq = 3", CROSSING, "another outcome_seq than"),
    "genuineness": ("UPDATE crossings SET genuine = 1 - genuine WHERE seq = 3", CROSSING, "another genuine than"),
    "a recorded party": ("UPDATE crossings SET recorded_party = 7 WHERE seq = 3", CROSSING, "another recorded_party"),
    "a correction": ("UPDATE crossings SET corrected = 2 WHERE seq = 3", CROSSING, "another corrected than"),
    "a number without meaning": ("UPDATE crossings SET verdict = 99 WHERE seq = 3", CROSSING, "another"),
    "a position": ("UPDATE crossings SET position = 99 WHERE seq = 3", CROSSING, "another position than"),
    "a crossing deleted": ("DELETE FROM crossings WHERE seq = 3", CROSSING, "it is in the log and missing here"),
    "a crossing added": (COPY, "the centre's table of crossings, board 1, epoch 1, record 90", "does not know it"),
    "a head set back": ("UPDATE heads SET seq = 8", "the centre's head of board 1, epoch 1", "at record 8, the log"),
    "a head's chain": ("UPDATE heads SET head = order_head", "the centre's head of board 1", "not the chain's head"),
    "a head deleted": ("DELETE FROM heads", "the centre's head of board 1, epoch 1", "missing, and the log holds 16"),
    "a head added": (
        "INSERT INTO heads SELECT 7, 1, seq, head, order_utc_s, times FROM heads",
        "the centre's head of board 7, epoch 1",
        "stands at record 16, the log holds 0",
    ),
    "a count": (
        "UPDATE tally SET persons = persons + 1 WHERE verdict = 'permitted'",
        "the centre's table of counts, ONS, permitted",
        "persons, the log",
    ),
    "a count moved": ("UPDATE tally SET verdict = 'refer' WHERE verdict = 'permitted'", "the centre's table", "0 with"),
    "a count deleted": ("DELETE FROM tally", "the centre's table of counts, ONS", "it says 0 crossings"),
    "a day": ("UPDATE days SET crossings = crossings + 1", "the centre's counts by day, ONS, 2026-10-", "crossings"),
    "a day deleted": ("DELETE FROM days", "the centre's counts by day, ONS", "it says 0 crossings"),
    "a permit called frequent": ("INSERT INTO frequent VALUES ('A1', 9)", "the centre's list of frequent", "9 cross"),
    "an erasure pretended": (
        "INSERT INTO erased VALUES (1, 1, 3, 2, 1)",
        "the centre's list of erased records, board 1, epoch 1, record 3",
        "does not say at position 2",
    ),
    "erased crossings pretended": (
        "INSERT INTO erased_days VALUES ('ONS', 20000, 0, 5, 5)",
        "the centre's counts of erased crossings",
        "sum up to 5",
    ),
    "a record that was pulled": (
        "UPDATE records SET raw = (SELECT raw FROM records WHERE seq = 1) WHERE seq = 5",
        "the centre's board 1, epoch 1, record 5",
        "not what was pulled",
    ),
    "a record deleted": ("DELETE FROM records WHERE seq = 7", "the centre's board 1, epoch 1, record 7", "not what"),
    "a state": ("UPDATE feed SET body = '{}' WHERE position = 8", "the centre's position 8 of the feed", "not what"),
    "a seal's result": ("UPDATE seals SET result = 1 WHERE seq = 16", "the centre's the seal at board 1", "not what"),
    "a salt": ("UPDATE leaves SET salt = NULL WHERE number = 3", "the centre's board 1, epoch 1, record 4", "has lost"),
    "a leaf deleted": ("DELETE FROM leaves WHERE number = 2", "the centre's board 1, epoch 1, record 3", "has lost"),
    "a permit": (
        """UPDATE knowledge SET body = replace(body, '"entries": 1', '"entries": 9') WHERE kind = 'application'""",
        "what the centre knows, application A1",
        "not as the centre wrote it",
    ),
    "a permit, as a change of its own": (
        "UPDATE knowledge SET revision = 99 WHERE kind = 'application'",
        "what the centre knows, application A1",
        "not as the centre wrote it",
    ),
    "a permit that nobody decided": (
        "INSERT INTO knowledge SELECT kind, 'A9', 99, body, mark FROM knowledge WHERE kind = 'application'",
        "what the centre knows, application A9",
        "not as the centre wrote it",
    ),
    "a card": (
        "UPDATE knowledge SET body = replace(body, 'active', 'lost') WHERE kind = 'card'",
        f"what the centre knows, card {UID}",
        "not as the centre wrote it",
    ),
    "a card deleted": ("DELETE FROM knowledge WHERE kind = 'card'", "what the centre knows, revision 4", "is missing"),
    "a policy": (
        "UPDATE knowledge SET body = replace(body, 'uid', 'sun') WHERE kind = 'policy'",
        "what the centre knows, policy",
        "not as the centre wrote it",
    ),
    "a mark": ("UPDATE knowledge SET mark = NULL WHERE kind = 'board'", "what the centre knows, board 1", "not as the"),
    "a change pretended": (
        "INSERT INTO knowledge_past SELECT revision, kind, key FROM knowledge WHERE kind = 'card'",
        f"what the centre knows, card {UID}",
        "set back to an earlier form",
    ),
    "the tree": ("UPDATE tiles SET hashes = salted", "the centre's board 1, epoch 1, record 1", "not what was pulled"),
}


def filled(statement, centre):
    """Write bytes as the database writes them."""
    server = str(centre.where).startswith("postgresql:")
    for name, size in (("order_head", 32), ("salted", 64)):
        zeros = "00" * size
        statement = statement.replace(f"= {name}", f"= '\\x{zeros}'::bytea" if server else f"= x'{zeros}'")
    return statement


def test_an_honest_centre_says_what_was_pulled(pulled):
    report = compared(*pulled)
    assert report.findings == [] and report.unproven == [] and report.compared >= 8 + 1 + 2 + 2


@pytest.mark.parametrize("what", EDITS)
def test_a_table_edited_by_hand_is_caught(pulled, what):
    centre, folder = pulled
    statement, where, why = EDITS[what]
    with edited(centre, filled(statement, centre)):
        found = compared(centre, folder).findings
        assert any(one.where.startswith(where) and why in one.what for one in found), [str(one) for one in found]
        assert verify(LogFolder(folder), []).findings == []  # offline nobody can know
    assert compared(centre, folder).findings == []


@pytest.mark.both_stores
def test_what_came_since_the_pull_is_compared_too(small, tmp_path):
    board = written(small)
    folder = tmp_path / "log"
    pull(small, folder)
    seq = board.crossing(MONDAY_S + 9000, UID)
    give(small, board, [], first=17)
    report = compared(small, folder)
    assert report.findings == [] and "records 17 to 17 have no good seal" in report.unproven[0]
    with edited(small, f"UPDATE crossings SET party = 9 WHERE seq = {seq}"):
        assert "record 17: it has another party" in str(compared(small, folder).first())


def test_a_centre_that_was_set_back_is_said(small, tmp_path, monkeypatch):
    board = written(small)
    asker = client(small)
    before = list(asker.standing())
    board.crossing(MONDAY_S + 9000, UID)
    give(small, board, [], first=17)
    folder = tmp_path / "log"
    pull(small, folder)
    monkeypatch.setattr(asker, "standing", lambda: iter(before))
    [finding] = verify(LogFolder(folder), [], asker).findings
    assert finding.where == "the centre's log" and "it was cut or set back" in finding.what


def test_what_was_erased_since_is_no_finding(small, tmp_path, monkeypatch):
    rights_support.permits(small)
    board = small.add_board("ONS")
    rights_support.crossings(board)
    small.take(board.run())
    folder = tmp_path / "log"
    pull(small, folder)
    small.sign_in("kim", "clerk")
    small.sign_in("pak", "reviewer")
    asker = client(small)
    standing = asker.standing

    def erased_meanwhile():
        yield from standing()
        rights_support.erase(small)

    monkeypatch.setattr(asker, "standing", erased_meanwhile)
    report = verify(LogFolder(folder), [], asker)
    assert report.findings == [] and report.unproven[0].startswith("somebody was erased meanwhile")
    board.crossing(MONDAY_S + 9000)
    small.take(board.run())
    assert compared(small, folder).findings == []
    with edited(small, "UPDATE erased_days SET persons = persons + 1"):
        assert "the centre's counts by day" in str(compared(small, folder).first())
    with edited(small, "DELETE FROM erased WHERE position > 0"):
        assert "the log says that it was erased" in str(compared(small, folder).first())


def test_a_log_that_goes_on_while_it_is_pulled_fits(small, tmp_path, monkeypatch):
    """The crossings come first, then the log: what changed between is in the log alone."""
    board = written(small)
    folder = tmp_path / "log"
    folder.mkdir()
    wish = Pull(client(small), folder / CROSSINGS, folder / f"{CROSSINGS}.state")
    card = {"card_uid": UID, "application_id": "A1", "status": "lost"}

    def others_work():
        board.crossing(MONDAY_S + 9000, UID)
        give(small, board, [sealed(board, 17)], first=17)
        small.good("office", "POST", "/v1/imports", json={"cards": [card]})

    asker, asked = client(small), []
    text = asker.text

    def asking(path):
        asked.append(path)
        if asked.count("/v1/log/checkpoint") == 2:  # the first is before the crossings are pulled
            others_work()
        return text(path)

    monkeypatch.setattr(asker, "text", asking)
    pull_folder(wish, asker, LogFolder(folder), lambda done, total: None)
    assert asked.count("/v1/log/checkpoint") == 2 and verify(LogFolder(folder), []).findings == []
    rows = (folder / CROSSINGS).read_text().splitlines(True)
    (folder / CROSSINGS).write_text("".join(rows[1:]))
    assert "missing in crossings.ndjson" in str(verify(LogFolder(folder), []).first())


def test_every_table_says_who_notices_a_hand_in_it():
    words = Path("gateway/README.md").read_text().split("### Who notices a hand in the store")[1].split("\n#")[0]
    named = [name for line in words.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)]
    assert set(METADATA.tables) <= set(named)


def test_a_centre_that_breaks_off_is_said(pulled, monkeypatch):
    centre, folder = pulled
    whole = client(centre)
    lines = b"".join(whole.standing()).splitlines(True)
    for piece in (lines[0], b"".join(lines[:5]), b"".join(lines[:5])[:-9], b"", b"{}\n"):
        monkeypatch.setattr(whole, "standing", lambda piece=piece: iter([piece]))
        with pytest.raises(OfficeError, match=r"broke off|is not a Checkpost centre"):
            verify(LogFolder(folder), [], whole)
    assert json.loads(lines[-1]) == {"end": len(lines) - 2}
