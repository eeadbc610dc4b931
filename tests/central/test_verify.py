"""`office verify`: a gateway that lies and a database edited by hand are each caught, and named."""

import json
import re
import zlib

import httpx
import pytest

from checkpost import chain, record, seal
from gateway.central.backfill import backfill
from gateway.central.proof.note import Verifier
from gateway.office.client import Client, OfficeError
from gateway.office.cosign import cosign, signer_of
from gateway.office.folder import CHECKPOINTS, CROSSINGS, LEAVES, LogFolder
from gateway.office.pull import CountsDiffer, Pull
from gateway.office.pull_log import pull_folder, pull_log
from gateway.office.verifying.verify import verify

MONDAY_S = 1_792_962_000
UID = "04000000000001"
KEY = bytes(range(32))


class Line(httpx.BaseTransport):
    """The way to a centre in this process."""

    def __init__(self, centre):
        self.centre = centre

    def handle_request(self, request):
        headers = {name: value for name, value in request.headers.items() if name in ("authorization", "content-type")}
        url = str(request.url)
        answer = self.centre.http.request(request.method, url, headers=headers, content=request.read())
        headers = {name: value for name, value in answer.headers.items() if name.startswith("checkpost")}
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)


def client(centre):
    return Client("http://127.0.0.1", centre.tokens["office"], Line(centre))


@pytest.fixture
def board(small):
    body = {"crossing_point": "ONS", "gateway": "gw", "link_key": f"{zlib.crc32(b'ONS'):032x}", "seal_key": KEY.hex()}
    small.good("admin", "POST", "/v1/boards", json=body)
    made = small.add_board("ONS")
    for at in range(8):
        seq = made.crossing(MONDAY_S + 900 * at, UID if at % 2 else "", "exit" if at % 4 == 3 else "entry")
        made.outcome(MONDAY_S + 900 * at + 5, seq, "admitted", 1 + at % 2)
    return made


def sealed(board, seq):
    """What the real board says, whatever a gateway makes of it."""
    head = chain.extend(chain.start(board.number, board.epoch), b"".join(board.raws[:seq]))
    found = seal.seal(KEY, board.number, board.epoch, seq, head)
    return {"board": board.number, "epoch": board.epoch, "seq": seq, "generation": 0, "seal": found.hex()}


def give(centre, board, seals, first=1, last=None):
    body = {"runs": [board.run(first, last)], "seals": seals}
    return centre.good("gateway", "POST", "/v1/batches", json=body)


def pull(centre, folder):
    folder.mkdir(exist_ok=True)
    wish = Pull(client(centre), folder / CROSSINGS, folder / "crossings.state")
    return pull_folder(wish, client(centre), LogFolder(folder), lambda done, total: None)[1]


def checked(folder, *cosigners):
    return verify(LogFolder(folder), list(cosigners))


@pytest.fixture
def honest(small, board):
    """The first half under one seal, the second under another."""
    give(small, board, [sealed(board, 8)], last=8)
    give(small, board, [sealed(board, 16)], first=9)
    return small


def test_an_honest_log_fits(honest, tmp_path):
    pull(honest, tmp_path / "log")
    report = checked(tmp_path / "log")
    assert report.findings == [] and report.unproven == []
    assert (report.records, report.seals, report.crossings, report.checkpoints) == (16, 2, 8, 1)


def test_a_pull_goes_on_and_each_checkpoint_continues_the_last(small, board, tmp_path):
    give(small, board, [sealed(board, 8)], last=8)
    first = pull(small, tmp_path / "log")
    with (tmp_path / "log" / LEAVES).open("a") as file:
        file.write('{"leaf": 99')  # the power failed within a line
    give(small, board, [], first=9)
    assert pull(small, tmp_path / "log").size > first.size
    report = checked(tmp_path / "log")
    assert report.findings == [] and report.checkpoints == 2
    assert report.unproven == ["board 1, epoch 1: records 9 to 16 have no good seal yet"]
    pull(small, tmp_path / "log")
    assert checked(tmp_path / "log").checkpoints == 2


def lie(board, how):
    """What a lying gateway makes of a board's records: a chain that holds, and records in their numbers."""
    liar = type(board)(board.number, board.epoch)
    raws = list(board.raws)
    if how == "drops":
        del raws[4:6]
    elif how == "invents":
        raws[6:6] = [record.Record(record.CROSSING, 1, MONDAY_S, 36, 2, 0, bytes(14) + b"\x01" + bytes(4)).pack()]
    elif how == "reorders":
        raws[4:8] = [*raws[6:8], *raws[4:6]]
    else:
        raws[6] = raws[4]
    for seq, raw in enumerate(raws, start=1):
        said = record.unpack(raw)
        said.seq = seq
        liar.raws.append(said.pack())
    return liar


@pytest.mark.parametrize("how", ["drops", "invents", "reorders", "alters"])
def test_a_gateway_that_lies_is_caught_by_the_boards_seals(small, board, tmp_path, how):
    give(small, board, [sealed(board, 4)], last=4)
    liar = lie(board, how)
    give(small, liar, [sealed(board, 14)], first=5)
    pull(small, tmp_path / "log")
    first = checked(tmp_path / "log").first()
    assert first.where == "board 1, epoch 1, records 5 to 14" and "the board's seal at 14 does not fit" in first.what


def test_a_gateway_that_keeps_the_newest_records_and_seals_back_is_named(small, board, tmp_path):
    give(small, board, [sealed(board, 4)], last=4)
    give(small, lie(board, "invents"), [], first=5, last=9)
    pull(small, tmp_path / "log")
    report = checked(tmp_path / "log")
    assert report.unproven == ["board 1, epoch 1: records 5 to 9 have no good seal yet"]


EDITS = {
    "a record altered": (
        "UPDATE records SET raw = (SELECT raw FROM records WHERE seq = 1) WHERE seq = 5",
        "board 1, epoch 1, record 5",
        "altered since",
    ),
    "a record deleted": ("DELETE FROM records WHERE seq = 7", "board 1, epoch 1, record 7", "content is gone"),
    "a verdict altered": (
        "UPDATE feed SET body = replace(body, '\"permitted\"', '\"refer\"') WHERE position = 2",
        "position 2 of the feed",
        "altered since",
    ),
    "a state deleted": ("DELETE FROM feed WHERE position = 8", "position 8 of the feed", "content is gone"),
    "a seal's result altered": ("UPDATE seals SET result = 0, head = x'00'", "the seal at board 1", "altered since"),
    "a salt taken away": ("UPDATE leaves SET salt = NULL WHERE number = 3", "board 1, epoch 1, record 4", "no erasure"),
    "a leaf moved": ("UPDATE leaves SET seq = 90 WHERE number = 2", "board 1, epoch 1, record 90", "content is gone"),
    "a leaf deleted": ("DELETE FROM leaves WHERE number = 2", "a record that nothing is left of", "no erasure"),
}


def edit(centre, statement):
    with centre.store.write() as transaction:
        transaction.tree._connection.exec_driver_sql(statement)


@pytest.mark.parametrize("what", EDITS)
def test_a_database_edited_by_hand_is_caught(honest, tmp_path, what):
    statement, where, why = EDITS[what]
    edit(honest, statement)
    folder = tmp_path / "log"
    folder.mkdir()
    pull_log(client(honest), LogFolder(folder), lambda done, total: None)
    first = checked(folder).first()
    assert first and first.where.startswith(where) and why in first.what, first


MOVED = {
    "a crossing deleted": (
        "DELETE FROM crossings WHERE seq = 3",
        "board 1, epoch 1, record 3",
        "is in the log and missing",
    ),
    "a crossing hidden": (
        "UPDATE crossings SET position = 999 WHERE seq = 3",
        "board 1, epoch 1, record 3",
        "is in the log and missing",
    ),
    "a state deleted": ("DELETE FROM feed WHERE position = 8", "position 8 of the feed", "content is gone"),
}


@pytest.mark.parametrize("what", MOVED)
def test_what_the_centre_counts_and_does_not_give_is_named(honest, tmp_path, what):
    statement, where, why = MOVED[what]
    folder = tmp_path / "log"
    pull(honest, folder)
    before = (folder / CROSSINGS).read_bytes()
    edit(honest, statement)
    fresh = tmp_path / "fresh"
    with pytest.raises(CountsDiffer, match="counts 8 crossings, but gave 7"):
        pull(honest, fresh)
    first = checked(fresh).first()
    assert first and first.where.startswith(where) and why in first.what, first
    (folder / "crossings.state").unlink()
    with pytest.raises(CountsDiffer):
        pull(honest, folder)
    assert (folder / CROSSINGS).read_bytes() == before and checked(folder).findings


def test_a_pull_whose_counts_fit_again_leaves_no_evidence_lying_about(honest, tmp_path):
    edit(honest, "UPDATE tally SET crossings = crossings + 1")
    with pytest.raises(CountsDiffer):
        pull(honest, tmp_path / "log")
    edit(honest, "UPDATE tally SET crossings = crossings - 1")
    pull(honest, tmp_path / "log")
    assert not list((tmp_path / "log").glob("*.differs")) and not checked(tmp_path / "log").findings


def test_a_crossing_edited_by_hand_shows_once_it_is_judged_again(honest, tmp_path):
    edit(honest, f"UPDATE crossings SET direction = 1, party = 9 WHERE seq = 3 AND card_uid = '{UID}'")
    card = {"card_uid": UID, "application_id": "A1", "status": "lost"}
    honest.good("office", "POST", "/v1/imports", json={"cards": [card]})
    pull(honest, tmp_path / "log")
    first = checked(tmp_path / "log").first()
    assert first.where == "board 1, epoch 1, record 3"
    assert first.what == "the feed shows another direction, party than the board recorded"


def test_a_log_that_was_rewritten_with_its_tree_no_longer_continues_what_was_pulled(small, board, tmp_path):
    give(small, board, [], last=8)
    folder = tmp_path / "log"
    pull(small, folder)
    for table in ("tiles", "leaves"):
        edit(small, f"DELETE FROM {table}")
    edit(small, "UPDATE records SET raw = (SELECT raw FROM records WHERE seq = 1) WHERE seq = 5")
    with pytest.raises(OfficeError, match="it was cut or set back"):
        pull(small, folder)
    backfill(small.store)
    give(small, board, [], first=9)
    with pytest.raises(OfficeError, match="was rewritten"):
        pull(small, folder)
    assert checked(folder).findings == []  # what was pulled before is still good evidence


def test_files_edited_by_hand_are_caught(honest, tmp_path):
    folder = tmp_path / "log"
    pull(honest, folder)
    good = {name: (folder / name).read_text() for name in (LEAVES, CROSSINGS, CHECKPOINTS)}

    def first(name, text):
        (folder / name).write_text(text)
        try:
            return str(checked(folder).first())
        finally:
            (folder / name).write_text(good[name])

    leaves, rows = good[LEAVES].splitlines(True), good[CROSSINGS].splitlines(True)
    assert "its end is missing" in first(LEAVES, "".join(leaves[:-1]))
    assert "lines were lost" in first(LEAVES, "".join(leaves[:3] + leaves[4:]))
    assert "leaf 4, " in first(LEAVES, "".join([*leaves[:4], leaves[4].replace('"salt":"', '"salt":"00'), *leaves[5:]]))
    changed = json.loads(leaves[4]) | {"hash": "00" * 32}
    assert "altered" in first(LEAVES, "".join([*leaves[:4], json.dumps(changed) + "\n", *leaves[5:]]))
    assert "missing in crossings.ndjson" in first(CROSSINGS, "".join(rows[1:]))
    assert "stands there twice" in first(CROSSINGS, "".join([*rows, rows[0]]))
    assert "newest state" in first(CROSSINGS, "".join([rows[0].replace("entry", "exit"), *rows[1:]]))
    assert "it is no crossing" in first(CROSSINGS, "".join(["[]\n", *rows]))
    with pytest.raises(OfficeError, match="does not fit"):
        first(CHECKPOINTS, re.sub(r"\\n(\d+)\\n", r"\\n1\1\\n", good[CHECKPOINTS], count=1))
    with pytest.raises(OfficeError, match="is no leaf"):
        first(LEAVES, "x\n")
    assert "None" in first(LEAVES, good[LEAVES])


def test_a_second_party_signs_only_what_continues(small, board, tmp_path):
    folder, party = tmp_path / "party", tmp_path / "log"
    folder.mkdir()
    signer = signer_of(folder, "party")
    with pytest.raises(OfficeError, match="None of the signatures is of a cosigner that the centre knows"):
        cosign(client(small), folder, signer, 1_699_999_940)  # not let in yet: nothing is wrong with the token
    small.good("admin", "PUT", "/v1/log/cosigners/party", json={"vkey": str(signer.verifier)})
    give(small, board, [sealed(board, 8)], last=8)
    first = cosign(client(small), folder, signer, 1_700_000_000)
    assert first.size > 0 == first.before and first.vkey == str(signer_of(folder, "party").verifier)
    pull(small, party)
    assert checked(party, signer.verifier).cosigned == 1
    give(small, board, [sealed(board, 16)], first=9)
    pull(small, party)
    report = checked(party, Verifier.parse(first.vkey))
    assert report.unproven == ["party signed an earlier checkpoint, not yet the newest one"]
    second = cosign(client(small), folder, signer, 1_700_000_060)
    assert second.before == first.size
    stranger = signer_of(tmp_path, "stranger").verifier
    assert "none of them is signed by stranger" in str(checked(party, stranger).first())
    kept = (folder / "cosigned").read_text()
    edit(small, "DELETE FROM tiles")
    with pytest.raises(OfficeError, match="cut or set back"):
        cosign(client(small), folder, signer, 1_700_000_120)
    assert (folder / "cosigned").read_text() == kept


def test_a_log_with_another_key_is_another_log(honest, tmp_path):
    pull(honest, tmp_path / "log")
    honest.app.state.parts.proofs._signer = signer_of(tmp_path, "another")
    with pytest.raises(OfficeError, match="another key"):
        pull(honest, tmp_path / "log")


def test_what_is_no_pulled_log(tmp_path):
    with pytest.raises(OfficeError, match="has no key"):
        checked(tmp_path)
