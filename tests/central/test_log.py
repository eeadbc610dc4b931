"""The proven log: every record, state and seal is a leaf; proofs through the interface; a witness sees a rollback."""

import asyncio
import shutil
import zlib
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpost import chain, seal
from gateway.central.app import build
from gateway.central.backfill import backfill
from gateway.central.bell import Bell
from gateway.central.proof import checkpoint, leaf, merkle, note
from gateway.central.proof.note import COSIGNATURE, ED25519, Note, Signer, Verifier
from gateway.central.store import STORE_NAME, Store, StoreError
from gateway.central.witness import Witness, WitnessError

MONDAY_S = 1_792_962_000
UID = "04000000000001"
KEY = bytes(range(32))
PARTY = Signer("party", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))


@pytest.fixture
def board(small):
    body = {"crossing_point": "ONS", "gateway": "gw", "link_key": f"{zlib.crc32(b'ONS'):032x}", "seal_key": KEY.hex()}
    assert small.good("admin", "POST", "/v1/boards", json=body)["board"] == 1
    return small.add_board("ONS")


def sealed(board, seq, generation=0, key=KEY):
    """The board's own seal after a record."""
    head = chain.extend(chain.start(board.number, board.epoch), b"".join(board.raws[:seq]))
    found = seal.seal(seal.key_at(key, generation), board.number, board.epoch, seq, head)
    place = {"board": board.number, "epoch": board.epoch, "seq": seq}
    return place | {"generation": generation, "seal": found.hex()}


def give(centre, board, *seals, first=1, last=None):
    body = {"runs": [board.run(first, last)], "seals": list(seals)}
    return centre.good("gateway", "POST", "/v1/batches", json=body)


def text(centre, path, **query):
    answer = centre.call("office", "GET", path, params=query)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain"), answer.text
    return answer.text


def state(centre, **query):
    key = Verifier.parse(text(centre, "/v1/log/key"))
    return checkpoint.checked(text(centre, "/v1/log/checkpoint", **query), key)


def leaves(centre):
    return centre.good("office", "GET", "/v1/log/leaves")["leaves"]


@pytest.mark.both_stores
def test_every_record_and_state_and_seal_is_a_leaf_of_its_own(small, board):
    board.crossing(MONDAY_S, UID)
    board.outcome(MONDAY_S + 5, 1, "admitted")
    give(small, board, sealed(board, 2))
    found = leaves(small)
    assert [(one["kind"], one.get("seq"), one.get("position")) for one in found] == [
        ("record", 1, None),
        ("record", 2, None),
        ("seal", 2, None),
        ("state", None, 1),
    ]
    assert found[2]["found"]["result"] == "good"
    assert bytes.fromhex(found[1]["raw"]) == board.raws[1]
    for one, raw in zip(found, board.raws, strict=False):
        entry = leaf.record_entry(1, 1, one["seq"], raw)
        assert leaf.hash_of(entry.kind, bytes.fromhex(one["salt"]), entry.content).hex() == one["hash"]
    signed, _ = state(small)
    assert (signed.size, signed.root) == (4, merkle.fold([bytes.fromhex(one["hash"]) for one in found]))
    give(small, board, sealed(board, 2))  # sent again
    assert leaves(small) == found


@pytest.mark.both_stores
def test_proofs_through_the_interface(small, board):
    for at in range(40):
        board.crossing(MONDAY_S + at)
    give(small, board, last=7)
    old, _ = state(small)
    give(small, board)
    new, _ = state(small)
    path = small.good("office", "GET", "/v1/log/consistency", params={"first": old.size})["path"]
    steps = [bytes.fromhex(step) for step in path]
    merkle.check_consistency(old.size, new.size, old.root, new.root, steps)
    for at in (0, 5, new.size - 1):
        shown = small.good("office", "GET", "/v1/log/inclusion", params={"leaf": at})
        steps = [bytes.fromhex(step) for step in shown["path"]]
        merkle.check_inclusion(bytes.fromhex(shown["hash"]), at, new.size, steps, new.root)
    for path in (
        "inclusion?leaf=99",
        "inclusion?leaf=0&size=99",
        "consistency?first=99",
        "consistency?first=9&second=99",
    ):
        assert small.call("office", "GET", f"/v1/log/{path}").status_code == 404
    page = small.good("office", "GET", "/v1/log/leaves", params={"after": 3, "limit": 5})
    assert [one["leaf"] for one in page["leaves"]] == [3, 4, 5, 6, 7] and page["more"] and page["size"] == new.size


@pytest.mark.parametrize(
    ("spoilt", "result"),
    [({}, "good"), ({"seal": "00" * 8}, "wrong"), ({"generation": 3}, "wrong"), ({"generation": 2**24 - 1}, "wrong")],
)
def test_seals_are_checked_with_the_boards_key(small, board, spoilt, result):
    for at in range(5):
        board.crossing(MONDAY_S + at)
    give(small, board, sealed(board, 3, generation=2) | spoilt, sealed(board, 5, generation=2))
    found = [one for one in leaves(small) if one["kind"] == "seal"]
    assert [(one["seq"], one["found"]["result"]) for one in found] == [(3, result), (5, "good")]


def test_seals_of_a_board_without_a_key_or_of_records_that_are_not_held(small):
    bare = small.add_board("ONS")
    bare.crossing(MONDAY_S)
    bare.crossing(MONDAY_S + 1)
    give(small, bare, sealed(bare, 1), sealed(bare, 2), last=1)
    found = [one for one in leaves(small) if one["kind"] == "seal"]
    assert [(one["seq"], one["found"]["result"]) for one in found] == [(1, "no-key")]


@pytest.mark.both_stores
def test_a_seal_key_stays_the_one_that_it_was(small, board):
    body = {"crossing_point": "ONS", "gateway": "gw", "link_key": f"{zlib.crc32(b'ONS'):032x}", "seal_key": "ff" * 32}
    refused = small.call("admin", "POST", "/v1/boards", json=body)
    assert refused.status_code == 409 and refused.json()["type"].endswith("seal-key-differs")
    assert "seal_key" not in small.call("gateway", "GET", "/v1/changes").text
    opened = small.good("admin", "POST", "/v1/boards/1/epochs", json={"seal_key": "ee" * 32})
    assert opened["epoch"] == 2
    renewed = type(board)(1, 2)
    renewed.crossing(MONDAY_S)
    give(small, renewed, sealed(renewed, 1, key=b"\xee" * 32))
    assert leaves(small)[1]["found"]["result"] == "good"


@pytest.mark.both_stores
def test_a_second_party_cosigns_and_the_checkpoint_carries_it(small, board):
    assert small.call("office", "GET", "/v1/log/checkpoint", params={"cosigned": True}).status_code == 404
    board.crossing(MONDAY_S)
    give(small, board)
    found, signed = state(small)

    def send(cosignature, status):
        body = str(Note(signed.text, (*signed.signatures, cosignature)))
        headers = {"content-type": "text/plain"}
        answer = small.call("office", "POST", "/v1/log/cosignatures", content=body.encode(), headers=headers)
        assert answer.status_code == status, answer.text

    send(PARTY.cosign(signed.text, 5), 403)
    wrong = {"vkey": str(Signer("party", ED25519, Ed25519PrivateKey.generate()).verifier)}
    for name, body in (("other", {"vkey": str(PARTY.verifier)}), ("party", wrong), ("party", {"vkey": "x"})):
        assert small.call("admin", "PUT", f"/v1/log/cosigners/{name}", json=body).status_code == 422
    small.good("admin", "PUT", "/v1/log/cosigners/party", json={"vkey": str(PARTY.verifier)})
    send(note.Signature("party", PARTY.verifier.key_id, bytes(72)), 403)
    send(PARTY.cosign(signed.text, 5), 204)
    board.crossing(MONDAY_S + 1)
    give(small, board)
    assert state(small)[0].size > found.size
    again, cosigned = state(small, cosigned=True)
    assert again == found and note.cosigned_at(PARTY.verifier.check(cosigned)) == 5


def test_a_cosigned_checkpoint_of_another_log_is_not_taken(small, board):
    small.good("admin", "PUT", "/v1/log/cosigners/party", json={"vkey": str(PARTY.verifier)})
    headers = {"content-type": "text/plain"}
    for body, status in ((b"x", 422), (str(forged(small)).encode(), 409)):
        answer = small.call("office", "POST", "/v1/log/cosignatures", content=body, headers=headers)
        assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


def forged(centre):
    """A checkpoint with the centre's own key over leaves that it never had."""
    signer = centre.app.state.parts.proofs._signer
    words = checkpoint.Checkpoint(signer.verifier.name, 0, b"\x01" * 32).text()
    return Note(words, (signer.sign(words), PARTY.cosign(words, 5)))


@pytest.mark.sqlite_only
def test_a_store_that_is_set_back_or_rewritten_is_seen_by_the_witness(small, board, tmp_path):
    the, file = small.app.state.parts, tmp_path / "elsewhere" / "witness"
    file.parent.mkdir()
    witness = Witness(file, the.proofs, small.store)
    witness.check()  # there is none yet
    board.crossing(MONDAY_S, UID)
    give(small, board)
    shutil.copytree(small.data, tmp_path / "backup", ignore=shutil.ignore_patterns("elsewhere", "backup"))
    board.crossing(MONDAY_S + 1, UID)
    give(small, board)
    witness.note()
    witness.check()
    with pytest.raises(WitnessError, match=r"holds 2 leaves of a log that had 4 already.*central restore"):
        build(tmp_path / "backup", lambda: 0, False, file)
    with small.store.write() as transaction:
        tile = bytearray(transaction.tree.tile(0, 0))
        tile[0] ^= 1
        transaction.tree._connection.exec_driver_sql("UPDATE tiles SET hashes = ?", (bytes(tile),))
    with pytest.raises(WitnessError, match="rewritten"):
        witness.check()
    file.write_text("nothing")
    with pytest.raises(WitnessError, match="cannot be used"):
        witness.check()


@pytest.mark.sqlite_only
def test_a_store_that_is_set_back_while_it_is_served_leaves_the_witness_as_it_was(small, board, tmp_path, monkeypatch):
    lines = []
    file = tmp_path / "witness"
    witness = Witness(file, small.app.state.parts.proofs, small.store)
    monkeypatch.setattr(witness, "_log", SimpleNamespace(error=lambda *_, **more: lines.append(more["why"])))
    board.crossing(MONDAY_S, UID)
    give(small, board)
    assert witness.keep() == "" and not lines
    seen = file.read_text()
    with small.store.write() as transaction:
        for table in ("tiles", "leaves"):
            transaction.tree._connection.exec_driver_sql(f"DELETE FROM {table}")
    assert "cut or set back" in witness.keep(witness.keep())
    assert file.read_text() == seen and len(lines) == 1  # said once
    backfill(small.store)
    board.crossing(MONDAY_S + 1, UID)
    give(small, board)
    assert "rewritten" in witness.keep() and file.read_text() == seen


def test_the_witness_goes_on_once_the_store_answers_again(small, board, tmp_path, monkeypatch):
    file = tmp_path / "witness"
    proofs, store = small.app.state.parts.proofs, small.store
    witness = Witness(file, proofs, store)
    board.crossing(MONDAY_S, UID)
    give(small, board)

    def away():
        raise StoreError("The central store cannot be read.")

    async def followed():
        bell = Bell()
        bell.hang()
        with monkeypatch.context() as failing:
            failing.setattr(store, "read", away)
            assert witness.keep() == "The central store cannot be read."
            following = asyncio.create_task(witness.follow(bell))
            await until(lambda: said, following)
        await until(file.exists, following)
        following.cancel()

    async def until(holds, following):
        """Turn the loop until something holds; whoever never gets there fails here, not at the end of all tests."""
        async with asyncio.timeout(60):
            while not holds():
                assert not following.done(), following
                await asyncio.sleep(0)

    said = []
    monkeypatch.setattr(witness, "_log", SimpleNamespace(error=lambda *_, **more: said.append(more["why"])))
    monkeypatch.setattr("gateway.central.witness.PAUSE_S", 0)
    asyncio.run(followed())
    assert file.read_text() == proofs.checkpoint()


def test_processes_that_write_one_witness_put_right_what_another_wrote_late(small, board, tmp_path):
    file, proofs = tmp_path / "witness", small.app.state.parts.proofs
    board.crossing(MONDAY_S, UID)
    give(small, board)
    late = proofs.checkpoint()
    board.crossing(MONDAY_S + 1, UID)
    give(small, board)
    witness = Witness(file, proofs, small.store)
    witness.note()
    file.write_text(late)  # by a process that had read the store before, and was slow
    witness.note()
    assert file.read_text() == proofs.checkpoint()


@pytest.mark.sqlite_only
def test_a_store_from_before_the_tree_gets_one(small, board):
    for at in range(3):
        board.crossing(MONDAY_S + at)
    give(small, board)
    with small.store.write() as transaction:
        for table in ("tiles", "leaves"):
            transaction.tree._connection.exec_driver_sql(f"DELETE FROM {table}")
    again = build(small.data, lambda: 0, False)
    with Store(small.data / STORE_NAME).read() as transaction:
        kinds = [row.kind for row in transaction.tree.leaves(0, 99)]
    assert kinds == [leaf.RECORD] * 3 + [leaf.STATE] * 3
    assert again.state.parts.proofs.checkpoint() == text(small, "/v1/log/checkpoint")


def test_an_epoch_may_bring_a_new_link_key_and_asked_again_it_is_the_same_epoch(small, board):
    keys = {"seal_key": "ee" * 32, "link_key": "ab" * 16}
    opened = small.good("admin", "POST", "/v1/boards/1/epochs", json=keys)
    assert (opened["epoch"], opened["link_key"]) == (2, "ab" * 16)
    assert small.good("admin", "POST", "/v1/boards/1/epochs", json=keys) == opened
    other = {"crossing_point": opened["crossing_point"], "lane": "9", "gateway": opened["gateway"]}
    small.good("admin", "POST", "/v1/boards", json=other | {"link_key": "cd" * 16})
    taken = small.call("admin", "POST", "/v1/boards/1/epochs", json={"link_key": "cd" * 16})
    assert taken.status_code == 409 and taken.json()["type"].endswith("link-key-in-use")
