"""The commands of a desk, with a reader that is a rig on a bench."""

import json
from random import Random

import pytest
from typer.testing import CliRunner

from checkpost import cardkeys
from tests.core import vectors
from tests.support.card import UID, CardRig, fresh_card
from virtualboard.chips.lookalikes import chip_clone
from workbench import card_commands
from workbench.card_commands import CardTrouble, app, read_keys
from workbench.cards import derive
from workbench.readers import ReaderTrouble

MASTERS = bytes(16), bytes(range(16))


class RigReader:
    """A desk's reader; `cuts` are the APDUs at which the card leaves, one for each time it is laid down."""

    def __init__(self, rig):
        self.rig = rig
        self.cuts = []
        self.closed = False

    def find(self, limit_s=120):
        """Lay the card down."""
        self.rig.present()
        self.rig.cut_at = self.cuts.pop(0) if self.cuts else 0
        return self.rig.card.uid

    def exchange(self, apdu):
        """Carry one APDU."""
        return self.rig.exchange(apdu)

    def close(self):
        """Be closed."""
        self.closed = True


@pytest.fixture
def reader(monkeypatch):
    reader = RigReader(CardRig())
    monkeypatch.setattr(card_commands, "open_board", lambda port: reader)
    return reader


@pytest.fixture
def keys(tmp_path):
    """Return a function that writes the centre's answer for versions of the card's keys."""

    def write(*versions, uid=UID, mode=0o600):
        sets = [derive(uid, version, *MASTERS) for version in versions]
        held = [
            {"uid": uid.hex(), "version": one.version, "keys": {str(n): one[n].hex() for n in cardkeys.NUMBERS}}
            for one in sets
        ]
        path = tmp_path / "keys.json"
        path.write_text(json.dumps({"cards": held}))
        path.chmod(mode)
        return path

    return write


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def issue(path, *more):
    return run("issue", "--board", "port", "--keys", path, "--zone", "north-hamgyong", "--any-maker", *more)


def test_issue_prints_a_receipt(reader, keys):
    result = issue(keys(1))
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[:2] == ["card 04A1B2C3D4E580", "key version 1"]
    assert reader.closed
    again = issue(keys(1))
    assert "nothing, it was complete" in again.output


def test_a_card_that_leaves_is_waited_for(reader, keys):
    reader.cuts = [12, 20]
    result = issue(keys(1))
    assert result.exit_code == 0, result.output
    assert "the card left after: file 2 settings" in result.output + (result.stderr or "")


def test_a_card_that_leaves_each_time_ends_the_command(reader, keys):
    reader.cuts = [12, 12, 12]
    result = issue(keys(1))
    assert isinstance(result.exception, CardTrouble)
    assert "left too often" in str(result.exception)
    assert reader.closed


def test_a_rotation_takes_both_versions(reader, keys):
    issue(keys(1))
    assert "which was not given" in str(issue(keys(2)).exception)
    result = issue(keys(1, 2))
    assert "key version 2" in result.output


def test_a_card_without_the_maker_s_signature_is_put_aside(reader, keys):
    result = run("issue", "--board", "port", "--keys", keys(1), "--zone", "z")
    assert "signature" in str(result.exception)


def test_a_card_with_the_maker_s_signature(reader, keys):
    entry = vectors.load("ntag424_originality")
    uid = bytes.fromhex(entry["uid"])
    reader.rig.card = fresh_card(uid, signature=bytes.fromhex(entry["signature"]))
    result = run("issue", "--board", "port", "--keys", keys(1, uid=uid), "--zone", "z")
    assert result.exit_code == 0, result.output
    facts = json.loads(run("read", "--board", "port", "--json").output)
    assert facts["maker"] == "signature fits"


def test_a_foreign_card_is_put_aside(reader, keys):
    reader.rig.card.keys.slots[0].value = bytes(range(16))
    assert "put it aside" in str(issue(keys(1)).exception)


def test_read_says_what_a_card_says(reader, keys):
    fresh = json.loads(run("read", "--board", "port", "--json").output)
    assert fresh == {
        "uid": "04A1B2C3D4E580", "chip": "04040230001105", "maker": "signature does not fit",
        "key_versions": [0, 0, 0, 0, 0], "message": "none of ours",
    }  # fmt: skip
    issue(keys(1))
    shown = run("read", "--board", "port", "--keys", keys(1)).output
    assert "key versions: [1, 1, 1, 1, 1]" in shown
    assert "message: verifies, read 2 times" in shown
    assert "live: proven" in shown


def test_a_card_that_leaves_while_it_is_read_is_named_and_reads_the_next_time(reader, keys):
    path = keys(1)
    issue(path)
    reader.find()
    assert run("read", "--board", "port", "--keys", path).exit_code == 0
    apdus = len(reader.rig.log)
    for number in range(1, apdus + 1):
        for reader.rig.heard in (False, True):
            reader.cuts = [number]
            assert "or left" in str(run("read", "--board", "port", "--keys", path).exception)
            assert "live: proven" in run("read", "--board", "port", "--keys", path).output


def test_read_says_that_a_copy_is_none(reader, keys):
    path = keys(1)
    reader.rig.card = chip_clone(UID, Random(3).randbytes)
    facts = json.loads(run("read", "--board", "port", "--keys", path, "--json").output)
    assert (facts["message"], facts["live"]) == ("does not verify", "not proven: authentication error")
    assert facts["maker"] == "signature does not fit"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("91AD", "lets the next try wait"), ("91EE", "take another card"), ("911E", "put it aside")],
)
def test_what_an_error_of_the_card_asks_of_the_desk(reader, keys, status, sentence):
    reader.rig.change = lambda number, answer: bytes.fromhex(status) if number > 5 else answer
    assert sentence in str(issue(keys(1)).exception)


def test_read_refuses_what_is_no_permit_card(reader):
    reader.rig.change = lambda number, answer: b"\x6a\x82"
    assert "no permit card" in str(run("read", "--board", "port").exception)


@pytest.mark.parametrize("words", [(), ("--board", "a", "--pcsc", "b")])
def test_one_reader_has_to_be_named(words):
    assert "name one reader" in str(run("read", *words).exception)


def test_keys_come_from_a_file_of_the_owner_s_only(keys, tmp_path):
    assert [one.version for one in read_keys(keys(2, 1), UID)] == [1, 2]
    with pytest.raises(CardTrouble, match="chmod 600"):
        read_keys(keys(1, mode=0o644), UID)
    with pytest.raises(CardTrouble, match="no keys of card"):
        read_keys(keys(1), UID[:-1] + b"\x00")
    with pytest.raises(CardTrouble, match="cannot be read"):
        read_keys(tmp_path / "missing.json", UID)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"cards": [{"uid": "04A1B2C3D4E580", "version": 1, "keys": {"0": "zz"}}]}']
)
def test_a_broken_key_file_is_not_quoted(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(CardTrouble, match="holds no card keys") as refused:
        read_keys(path, UID)
    assert refused.value.__cause__ is None


def test_the_output_holds_no_key(reader, keys):
    path = keys(1, 2)
    outputs = [issue(path).output, run("read", "--board", "port", "--keys", path).output]
    secret = [key for one in json.loads(path.read_text())["cards"] for key in one["keys"].values()]
    assert not any(key in output.lower() for key in secret for output in outputs)


def test_a_reader_s_trouble_reaches_the_operator(monkeypatch):
    def broken(port):
        raise ReaderTrouble("no board answers at port")

    monkeypatch.setattr(card_commands, "open_board", broken)
    assert isinstance(run("read", "--board", "port").exception, ReaderTrouble)
