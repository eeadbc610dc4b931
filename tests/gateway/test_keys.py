"""The gateway's key store: its file, its versions, and that it shows no key."""

import os
from types import SimpleNamespace

import pytest

from checkpost import cardkeys
from gateway.app import Gateway
from gateway.contract.keys import GuestKey, ZoneKeys
from gateway.keys import CREDENTIAL, FILE_NAME, KeyStore, KeysUnreadable, KeyUnknown, load, open_keys, save

ZONE = "north-hamgyong"
FIRST, SECOND, THIRD = bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48))
UID = bytes.fromhex("04A1B2C3D4E580")


@pytest.fixture
def store():
    store = KeyStore()
    store.rotate(ZONE, FIRST)
    return store


def test_a_card_key_is_the_core_s(store):
    assert store.card_key(ZONE, UID, 1) == cardkeys.card_key(FIRST, UID, cardkeys.LIVE, 1)
    assert store.card_key(ZONE, UID, 1, cardkeys.SUN_MAC) == cardkeys.card_key(FIRST, UID, cardkeys.SUN_MAC, 1)


@pytest.mark.parametrize("number", [cardkeys.MASTER, cardkeys.SPARE, 7])
def test_the_issuer_s_keys_are_not_made_here(store, number):
    with pytest.raises(ValueError, match="not the zone's"):
        store.card_key(ZONE, UID, 1, number)


def test_two_versions_are_valid_and_a_third_ends_the_oldest(store):
    before = store.digest()
    assert store.rotate(ZONE, SECOND) == 2 and store.digest() != before
    assert store.versions(ZONE) == [1, 2]
    assert store.card_key(ZONE, UID, 1) != store.card_key(ZONE, UID, 2)
    assert store.rotate(ZONE, THIRD) == 3
    assert store.versions(ZONE) == [2, 3]
    with pytest.raises(KeyUnknown, match="version 1"):
        store.card_key(ZONE, UID, 1)


def test_another_zone_is_unknown(store):
    with pytest.raises(KeyUnknown, match="ryanggang"):
        store.card_key("ryanggang", UID, 1)
    assert store.versions("ryanggang") == []


def test_zones_do_not_touch_each_other(store):
    store.rotate("ryanggang", SECOND)
    assert store.zones() == [ZONE, "ryanggang"]
    assert store.versions(ZONE) == store.versions("ryanggang") == [1]


def test_the_last_version_is_255():
    store = KeyStore({ZONE: {254: FIRST, 255: SECOND}})
    with pytest.raises(ValueError, match="1 to 255"):
        store.rotate(ZONE, THIRD)
    assert store.versions(ZONE) == [254, 255]


@pytest.mark.parametrize("master", [b"", bytes(15), bytes(32)])
def test_a_master_key_has_16_bytes(store, master):
    with pytest.raises(ValueError, match="16 bytes"):
        store.rotate(ZONE, master)
    assert store.versions(ZONE) == [1]


def test_a_saved_store_is_the_same_and_only_the_owner_s(store, tmp_path):
    store.rotate(ZONE, SECOND)
    save(store, tmp_path)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    again = load(tmp_path)
    assert again.versions(ZONE) == [1, 2]
    assert again.card_key(ZONE, UID, 2) == store.card_key(ZONE, UID, 2)
    again.rotate(ZONE, THIRD)
    save(again, tmp_path)
    assert load(tmp_path).versions(ZONE) == [2, 3]


def test_a_file_that_others_can_read_is_refused(store, tmp_path):
    save(store, tmp_path)
    (tmp_path / FILE_NAME).chmod(0o640)
    with pytest.raises(KeysUnreadable, match="chmod 600"):
        load(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(KeysUnreadable, match=FILE_NAME):
        load(tmp_path)


def test_a_credential_comes_first(store, tmp_path):
    save(store, tmp_path)
    given = tmp_path / "given"
    given.mkdir()
    assert load(tmp_path, str(given)).versions(ZONE) == [1]
    store.rotate(ZONE, SECOND)
    save(store, given)
    os.rename(given / FILE_NAME, given / CREDENTIAL)
    (given / CREDENTIAL).chmod(0o440)
    assert load(tmp_path, str(given)).versions(ZONE) == [1, 2]


def test_what_the_centre_gives_is_a_credential_with_its_form_before_it(tmp_path):
    given = ZoneKeys(zones={ZONE: {2: SECOND.hex()}}, guests={UID.hex().upper(): GuestKey(version=1, key=FIRST.hex())})
    (tmp_path / CREDENTIAL).write_text(given.model_dump_json().replace("{", '{"form": 1, ', 1))  # as README's line does
    (tmp_path / CREDENTIAL).chmod(0o400)
    assert open_keys(tmp_path / "data", str(tmp_path)) == KeyStore({ZONE: {2: SECOND}}, {UID.hex().upper(): (1, FIRST)})


def test_with_a_credential_newer_keys_serve_from_memory_and_are_not_written(store, tmp_path, monkeypatch):
    parts = SimpleNamespace(keys=KeyStore(), wake=lambda: None)
    gateway = SimpleNamespace(_parts=parts, _settings=SimpleNamespace(data=tmp_path / "data"), _log=None)
    (tmp_path / "data").mkdir()
    (tmp_path / CREDENTIAL).write_text("{}")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    Gateway._take_keys(gateway, store)
    assert parts.keys == store and list((tmp_path / "data").iterdir()) == []
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    parts.keys = KeyStore()
    Gateway._take_keys(gateway, store)
    assert load(tmp_path / "data") == store


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "{}", '{"form": 2, "zones": {}}', '{"form": 1, "zones": []}',
        '{"form": 1, "zones": {"a": {"1": 5}}}',
        '{"form": 1, "zones": {"a": {"x": "00112233445566778899aabbccddeeff"}}}',
        '{"form": 1, "zones": {"a": {"1": "00112233445566778899aabbccddee"}}}',
        '{"form": 1, "zones": {"a": {"0": "00112233445566778899aabbccddeeff"}}}',
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_without_being_quoted(tmp_path, content):
    path = tmp_path / FILE_NAME
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeysUnreadable, match="restore") as refused:
        load(tmp_path)
    assert "0011223344" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_half_written_file_leaves_the_old_one(store, tmp_path, monkeypatch):
    save(store, tmp_path)
    store.rotate(ZONE, SECOND)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        save(store, tmp_path)
    assert load(tmp_path).versions(ZONE) == [1]
    monkeypatch.undo()
    save(store, tmp_path)
    assert load(tmp_path).versions(ZONE) == [1, 2]


def test_keys_are_not_shown(store):
    store.rotate(ZONE, SECOND)
    shown = repr(store) + str(store)
    assert FIRST.hex() not in shown
    assert repr(FIRST) not in shown
    assert "[1, 2]" in shown
