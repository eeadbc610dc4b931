"""Cards at the centre: keys for a desk, blocks, replacements, and what gateways are given to prove cards."""

import json
import stat

import pytest

from checkpost import cardkeys
from gateway.central.masters import FILE_NAME, Masters, MastersUnreadable
from tests.central.support import GATEWAY_NAME

UID = "04A1B2C3D4E580"
OTHER = "04A1B2C3D4E581"
PLACES = {"ONS": "north", "KIL": "south"}


class Made:
    """Fingerprints that a test keeps."""

    def __init__(self):
        self.held = {}

    def all(self):
        return dict(self.held)

    def put(self, fingerprints):
        self.held = {**fingerprints, **self.held}


@pytest.fixture
def desk(centre):
    """Return a centre with a point in each of two zones, the gateway at the northern one, a permit and a desk."""
    for code, zone in PLACES.items():
        point = {"code": code, "name": code, "kind": "border", "zone": zone}
        centre.good("admin", "PUT", f"/v1/crossing-points/{code}", json=point)
    board = {"crossing_point": "ONS", "gateway": GATEWAY_NAME, "link_key": "a" * 32}
    centre.good("admin", "POST", "/v1/boards", json=board)
    permits = [
        {"application_id": "A1", "decision": "approved", "zones": ["north"]},
        {"application_id": "A2", "decision": "approved", "zones": ["south", "north"]},
        {"application_id": "A3", "decision": "approved", "zones": ["south"]},
    ]
    centre.good("office", "POST", "/v1/imports", json={"applications": permits})
    centre.tokens["desk"] = centre.good("admin", "POST", "/v1/desks", json={"name": "desk-1"})["token"]
    return centre


def register(desk, uid, application_id="A1"):
    return desk.good("desk", "PUT", f"/v1/cards/{uid}", json={"application_id": application_id})


def keys(desk, uid=UID):
    return desk.good("desk", "POST", f"/v1/cards/{uid}/keys", json={"reason": "first issue"})


def zone_keys(desk):
    return desk.good("gateway", "GET", "/v1/zone-keys")


def card(desk, uid=UID):
    changes = desk.good("gateway", "GET", "/v1/changes")["changes"]
    return next(row["card"] for row in changes if "card" in row and row["card"]["card_uid"] == uid)


def test_a_desk_is_given_the_five_keys_of_a_registered_card(desk):
    assert desk.call("desk", "POST", f"/v1/cards/{UID}/keys", json={"reason": "x"}).status_code == 404
    register(desk, UID)
    given = keys(desk)
    assert (given["card_uid"], given["zone"]) == (UID, "north")
    (one,) = given["cards"]
    assert one["version"] == 1 and sorted(one["keys"]) == ["0", "1", "2", "3", "4"]
    assert len(set(one["keys"].values())) == 5


def test_the_gateway_makes_the_same_keys_from_its_zone_s_master(desk):
    register(desk, UID)
    master = bytes.fromhex(zone_keys(desk)["zones"]["north"]["1"])
    live = cardkeys.card_key(master, bytes.fromhex(UID), cardkeys.LIVE, 1)
    assert keys(desk)["cards"][0]["keys"]["1"] == live.hex()


def test_a_gateway_has_the_masters_of_its_zones_and_of_guests_only_their_own_key(desk):
    register(desk, UID, "A2")
    register(desk, OTHER, "A3")
    given = zone_keys(desk)
    assert sorted(given["zones"]) == ["everywhere", "north"]
    assert list(given["guests"]) == [UID]
    assert given["guests"][UID] == {"version": 1, "key": keys(desk)["cards"][0]["keys"]["1"]}


def test_a_rotation_leaves_two_versions_valid_and_the_desk_can_bring_an_old_card_up(desk):
    register(desk, UID)
    first = keys(desk)["cards"][0]
    for version in (2, 3):
        assert desk.good("admin", "POST", "/v1/zones/north/key-versions") == {"zone": "north", "version": version}
    assert sorted(zone_keys(desk)["zones"]["north"]) == ["2", "3"]
    sets = keys(desk)["cards"]
    assert [one["version"] for one in sets] == [1, 2, 3] and sets[0] == first
    assert desk.good("desk", "POST", f"/v1/cards/{UID}/issued", json={"version": 3})["key_version"] == 3
    assert card(desk)["key_version"] == 3
    assert desk.call("desk", "POST", f"/v1/cards/{UID}/issued", json={"version": 4}).status_code == 422


def test_an_import_that_does_not_name_the_version_leaves_it(desk):
    register(desk, UID)
    keys(desk)
    desk.good("admin", "POST", "/v1/zones/north/key-versions")
    desk.good("desk", "POST", f"/v1/cards/{UID}/issued", json={"version": 2})
    row = {"card_uid": UID, "application_id": "A1", "status": "lost"}
    desk.good("office", "POST", "/v1/imports", json={"cards": [row]})
    assert (card(desk)["key_version"], card(desk)["status"]) == (2, "lost")


def test_a_block_is_news_for_gateways_and_a_replaced_card_stays_blocked(desk):
    register(desk, UID)
    desk.good("office", "POST", f"/v1/cards/{UID}/block", json={"status": "stolen", "blocked_from": 1_793_000_000})
    assert (card(desk)["status"], card(desk)["blocked_from"]) == ("stolen", 1_793_000_000)
    new = desk.good("desk", "POST", f"/v1/cards/{UID}/replacement", json={"card_uid": OTHER})
    assert (new["application_id"], new["status"]) == ("A1", "active")
    assert card(desk)["status"] == "replaced" and card(desk).get("blocked_from") is None
    assert desk.good("desk", "POST", f"/v1/cards/{UID}/replacement", json={"card_uid": OTHER}) == new
    assert desk.call("desk", "POST", f"/v1/cards/{UID}/block", json={"status": "lost"}).status_code == 409


def test_a_card_of_another_permit_is_not_given_out_twice(desk):
    register(desk, UID)
    register(desk, OTHER, "A2")
    assert desk.call("desk", "PUT", f"/v1/cards/{UID}", json={"application_id": "A2"}).status_code == 409
    assert desk.call("desk", "POST", f"/v1/cards/{UID}/replacement", json={"card_uid": OTHER}).status_code == 409


def test_who_was_given_keys_and_why_is_on_disk_and_no_key_is(desk):
    register(desk, UID)
    given = keys(desk)["cards"][0]["keys"].values()
    text = (desk.data / "card-keys.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["what"] for line in lines] == ["registered", "given keys 1 to 1"]
    assert (lines[1]["name"], lines[1]["card"], lines[1]["why"]) == ("desk-1", UID, "first issue")
    assert not any(key in text for key in given)


def test_masters_are_in_no_store_and_in_a_file_for_the_owner_only(desk):
    register(desk, UID)
    masters = [bytes.fromhex(key) for held in zone_keys(desk)["zones"].values() for key in held.values()]
    path = desk.data / FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    raw = b"".join(path.read_bytes() for path in desk.data.glob("central.db*"))
    assert not any(key in raw or key.hex().encode() in raw for key in masters)


def refused(desk, sentence):
    """Check that neither a gateway nor a desk is given keys, and that both are told why."""
    for answer in (
        desk.call("gateway", "GET", "/v1/zone-keys"),
        desk.call("desk", "POST", f"/v1/cards/{UID}/keys", json={"reason": "again"}),
    ):
        assert answer.status_code == 503 and sentence in answer.json()["detail"], answer.text


@pytest.mark.both_stores
def test_a_lost_master_key_is_not_made_a_second_time(desk):
    register(desk, UID)
    first = keys(desk)["cards"][0]
    path = desk.data / FILE_NAME
    kept = path.read_bytes()
    path.unlink()
    refused(desk, "bring the file back from its backup")
    assert not path.exists()
    path.write_bytes(kept)
    path.chmod(0o600)
    assert keys(desk)["cards"] == [first]
    path.unlink()
    assert desk.good("admin", "POST", "/v1/zones/north/key-versions") == {"zone": "north", "version": 2}
    assert list(zone_keys(desk)["zones"]["north"]) == ["2"]  # cards of version 1 cannot be proven; none is called false
    assert [one["version"] for one in keys(desk)["cards"]] == [2]  # for a card in its place: key 0 of the old is gone


@pytest.mark.both_stores
def test_a_file_from_before_a_rotation_is_refused_until_the_zone_is_rotated_once_more(desk):
    register(desk, UID)
    first = zone_keys(desk)["zones"]["north"]["1"]
    path = desk.data / FILE_NAME
    earlier = path.read_bytes()
    desk.good("admin", "POST", "/v1/zones/north/key-versions")
    lost = zone_keys(desk)["zones"]["north"]["2"]
    path.write_bytes(earlier)
    refused(desk, "does not have version 2 of zone north")
    desk.good("admin", "POST", "/v1/zones/north/key-versions")
    held = zone_keys(desk)["zones"]["north"]
    assert sorted(held) == ["1", "3"] and held["1"] == first and held["3"] != lost


@pytest.mark.both_stores
def test_keys_of_another_centre_are_refused(desk):
    register(desk, UID)
    zone_keys(desk)
    path = desk.data / FILE_NAME
    held = json.loads(path.read_text())
    held["zones"]["north"]["1"] = "0" * 32
    path.write_text(json.dumps(held))
    refused(desk, "other keys than were made for this store (north/1)")
    assert desk.call("admin", "POST", "/v1/zones/north/key-versions").status_code == 503


def test_of_two_machines_that_make_a_zone_s_first_key_at_once_one_wins(tmp_path):
    made = Made()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one = Masters(tmp_path / "one", lambda size: bytes(size), made)

    def slow(size):
        one.zone("north")  # the other machine was quicker
        return bytes([1] * size)

    two = Masters(tmp_path / "two", slow, made)
    for _ in range(2):
        with pytest.raises(MastersUnreadable, match="north/1"):
            two.zone("north")
    assert one.zone("north") == {1: bytes(16)}


@pytest.mark.parametrize("text", ["", "{}", '{"form": 2}', '{"form": 1, "issuer": {"1": "00"}, "zones": {}}'])
def test_a_broken_file_is_named_and_never_quoted_nor_written_over(tmp_path, text):
    path = tmp_path / FILE_NAME
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(MastersUnreadable, match="restore it"):
        Masters(tmp_path, bytes, Made()).zone("north")
    assert path.read_text() == text


def test_a_file_that_others_can_read_is_refused(tmp_path):
    masters = Masters(tmp_path, lambda n: bytes(range(n)), Made())
    masters.zone("north")
    (tmp_path / FILE_NAME).chmod(0o644)
    with pytest.raises(MastersUnreadable, match="chmod 600"):
        masters.zone("north")
