"""A desk at the centre: a card registered and issued, brought up to a newer key, blocked, replaced."""

import json

import pytest
from typer.testing import CliRunner

from checkpost import cardkeys
from gateway.contract.secrets import write_secret
from tests.central.support import GATEWAY_NAME, Centre
from tests.support.card import UID, CardRig, fresh_card
from tests.workbench.test_card_commands import RigReader
from virtualboard.bench import Card, Type2Card
from virtualboard.chips.lookalikes import MifareClassic, UidClone
from workbench import card_commands
from workbench.card_commands import CardTrouble, app
from workbench.centre import Centre as Client
from workbench.centre import CentreTrouble

OTHER = UID[:-1] + b"\x81"


@pytest.fixture
def centre(tmp_path):
    """Return a centre in this process with one permit, and its gateway."""
    centre = Centre(tmp_path)
    with centre.http:
        centre.good("admin", "PUT", "/v1/policy", json={"assurance": "live"})
        permits = [{"application_id": name, "decision": "approved", "zones": ["north"]} for name in ("A1", "A2")]
        centre.good("office", "POST", "/v1/imports", json={"applications": permits})
        yield centre


@pytest.fixture
def reader(monkeypatch):
    reader = RigReader(CardRig())
    monkeypatch.setattr(card_commands, "open_board", lambda port: reader)
    return reader


@pytest.fixture
def desk(centre, reader, monkeypatch, tmp_path):
    """Return a function that runs a command of `checkpost card` with a desk's token."""
    token = tmp_path / "token"
    write_secret(token, centre.good("admin", "POST", "/v1/desks", json={"name": "desk-1"})["token"].encode())
    transport = centre.http._transport
    monkeypatch.setattr(card_commands, "Centre", lambda url, file: Client(url, file, transport))

    def run(name, *words):
        at_reader = ("--board", "port", "--any-maker") if name in ("issue", "replace") else ()
        given = [name, *words, *at_reader, "--url", "http://127.0.0.1", "--token-file", token]
        return CliRunner().invoke(app, [str(word) for word in given])

    return run


def row(centre, uid=UID):
    changes = centre.good("gateway", "GET", "/v1/changes")["changes"]
    cards = [change["card"] for change in changes if "card" in change]
    return next(card for card in cards if card["card_uid"] == uid.hex().upper())


def versions(reader):
    return [slot.version for slot in reader.rig.card.keys.slots]


def test_a_card_is_put_to_its_permit_and_issued_with_the_centre_s_keys(centre, desk, reader):
    result = desk("issue", "--application", "A1")
    assert result.exit_code == 0, result.output
    assert "key version 1" in result.output
    assert row(centre)["application_id"] == "A1"
    board = {"crossing_point": "ONS", "gateway": GATEWAY_NAME, "link_key": "a" * 32}
    point = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north"}
    centre.good("admin", "PUT", "/v1/crossing-points/ONS", json=point)
    centre.good("admin", "POST", "/v1/boards", json=board)
    master = centre.good("gateway", "GET", "/v1/zone-keys")["zones"]["north"]["1"]
    live = cardkeys.card_key(bytes.fromhex(master), UID, cardkeys.LIVE, 1)
    assert reader.rig.card.keys.slots[cardkeys.LIVE].value == live


def test_a_card_that_leaves_is_issued_when_it_comes_again(desk, reader):
    reader.cuts = [12, 20]
    assert desk("issue", "--application", "A1").exit_code == 0
    assert versions(reader) == [1] * 5


def test_a_half_issued_card_is_brought_up_to_the_newest_version_later(centre, desk, reader):
    desk("issue", "--application", "A1")
    centre.good("admin", "POST", "/v1/zones/north/key-versions")
    reader.cuts = [20, 14, 14]
    assert "left too often" in str(desk("issue").exception)
    assert row(centre)["key_version"] == 1
    assert set(versions(reader)) == {1, 2}
    assert desk("issue").exit_code == 0
    assert versions(reader) == [2] * 5
    assert row(centre)["key_version"] == 2


def test_a_block_reaches_the_gateways_news(centre, desk):
    desk("issue", "--application", "A1")
    result = desk("block", UID.hex(), "--status", "stolen", "--since", "2026-11-04T12:00+09:00")
    assert "is stolen from 2026-11-04 03:00" in result.output
    assert (row(centre)["status"], row(centre)["blocked_from"]) == ("stolen", 1793761200)


def test_a_blocked_card_that_is_issued_anew_is_said_to_stay_blocked(desk):
    assert "stays blocked" not in desk("issue", "--application", "A1").output
    desk("block", UID.hex(), "--status", "lost")
    result = desk("issue")
    assert result.exit_code == 0 and "the card is lost, and stays blocked" in result.output + (result.stderr or "")


def test_a_replacement_ends_the_old_card_and_issues_the_new_one(centre, desk, reader):
    desk("issue", "--application", "A1")
    reader.rig.card = fresh_card(OTHER)
    result = desk("replace", UID.hex())
    assert result.exit_code == 0, result.output
    assert row(centre)["status"] == "replaced"
    assert (row(centre, OTHER)["status"], row(centre, OTHER)["application_id"]) == ("active", "A1")
    assert versions(reader) == [1] * 5
    assert desk("replace", UID.hex()).exit_code == 0  # as after a card that left: it ends where it began


@pytest.mark.parametrize(
    "card",
    [Card(UID), MifareClassic(UID[:4]), UidClone(UID), Type2Card(UID)],
    ids=["identifier", "classic", "programmable", "of another kind"],
)
def test_a_card_that_cannot_be_issued_is_refused_before_the_centre_hears_of_it(centre, desk, reader, card):
    desk("issue", "--application", "A1")
    before = centre.good("gateway", "GET", "/v1/changes")["changes"]
    reader.rig.card = card
    for words in (("issue", "--application", "A2"), ("replace", OTHER.hex())):
        assert "nothing is changed" in str(desk(*words).exception)
    assert centre.good("gateway", "GET", "/v1/changes")["changes"] == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("issue",), "register it"),
        (("issue", "--application", "A9"), "no application A9"),
        (("block", "04A1B2C3D4E580", "--status", "lost"), "There is no card"),
        (("block", "xyz", "--status", "lost"), "is no UID"),
        (("block", "04A1B2C3D4E580", "--status", "lost", "--since", "noon"), "not a moment such as"),
        (("block", "04A1B2C3D4E580", "--status", "lost", "--since", "2026-11-04T12:00"), "needs its offset"),
    ],
)
def test_a_mistake_is_one_sentence(desk, words, sentence):
    failed = desk(*words).exception
    assert isinstance(failed, CardTrouble | CentreTrouble)
    assert sentence in str(failed)


def test_no_key_of_the_centre_is_in_what_is_printed(centre, desk, tmp_path):
    shown = desk("issue", "--application", "A1").output.lower()
    held = json.loads((tmp_path / "card-masters.json").read_text())
    given = centre.good("admin", "POST", f"/v1/cards/{UID.hex().upper()}/keys", json={"reason": "test"})
    secret = [key for one in given["cards"] for key in one["keys"].values()]
    secret += [*held["issuer"].values(), *held["zones"]["north"].values()]
    assert not any(key in shown for key in secret)


def test_another_desk_s_answer_or_token_is_named(centre, tmp_path):
    write_secret(tmp_path / "wrong", b"nonsense")
    client = Client("http://127.0.0.1", tmp_path / "wrong", centre.http._transport)
    with pytest.raises(CentreTrouble, match="--token-file"):
        client.keys(UID, "test")
