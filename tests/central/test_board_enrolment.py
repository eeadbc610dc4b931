"""Enrolments at the centre: numbers given out once, a board and its seal key in one step, and what is refused."""

import json
import time

import pytest

from gateway.central.knowledge import next_number
from gateway.central.proof.note import Verifier
from gateway.central.store import STORE_NAME, Store
from gateway.central.store.vouchers import NumberRow
from gateway.contract import sealing
from gateway.contract.enrolment import Signed
from tests.central.support import ADMIN, GATEWAY, GATEWAY_NAME, OFFICE, Centre
from tests.support.journey import CHIP, Journey, Keys, public_of

ONS = {"code": "ONS", "name": "Onsong", "kind": "border", "zone": "north"}


class Enrolling:
    """A centre that knows a gateway's key, and a technician with a voucher."""

    def __init__(self, centre, gateway, folder):
        self.centre = centre
        self.gateway = gateway
        self.technician = Journey(folder)
        self.ask = {"gateway": GATEWAY_NAME, "technician": self.technician.public}

    def introduce(self):
        body = {"sealing_key": public_of(self.gateway)}
        return self.centre.good(GATEWAY, "PUT", "/v1/sealing-key", json=body)

    def fetch(self, **more):
        given = self.centre.good(ADMIN, "POST", "/v1/vouchers", json=self.ask | more)
        return self.technician.keep(Signed(**given))

    def take(self, given):
        return self.centre.call(GATEWAY, "POST", "/v1/board-enrolments", json=given.model_dump())

    def refused(self, given, status, kind):
        answer = self.take(given)
        assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[1]) == (status, kind), answer.text
        return answer.json()["detail"]

    def numbers(self):
        return {one["number"]: one for one in self.centre.good(ADMIN, "GET", "/v1/vouchers")["numbers"]}

    def seal_key(self, board, epoch=1):
        with self.centre.store.read() as transaction:
            return transaction.seals.key(board, epoch)


@pytest.fixture(scope="module")
def served_here(tmp_path_factory, shared_database):
    """One centre for all tests of this file, with one crossing point; and the data folder of a gateway."""
    folder = tmp_path_factory.mktemp("enrolling")
    for name in ("centre", "gateway"):
        (folder / name).mkdir()
    made = Centre(folder / "centre", database=shared_database)
    with made.http:
        made.good(ADMIN, "PUT", "/v1/crossing-points/ONS", json=ONS)
        made.good(ADMIN, "PUT", "/v1/policy", json={"assurance": "uid"})
        yield made, folder / "gateway"
    made.store.close()


@pytest.fixture
def ready(served_here, tmp_path):
    """A technician who has a voucher."""
    made = Enrolling(*served_here, tmp_path)
    made.introduce()
    made.fetch()
    return made


def test_keys_are_exchanged_and_a_voucher_needs_the_gateways(ready):
    keys = ready.introduce()
    assert keys == ready.centre.good(OFFICE, "GET", "/v1/centre-keys")
    assert keys["sealing_key"] == public_of(ready.centre.data)
    vkey = ready.centre.call(OFFICE, "GET", "/v1/log/key").text
    assert keys["signing_key"] == Verifier.parse(vkey).key.hex()
    answer = ready.centre.call(ADMIN, "POST", "/v1/vouchers", json=ready.ask | {"gateway": "south"})
    assert answer.status_code == 409 and "has not told its key yet" in answer.json()["detail"]
    voucher = ready.technician.voucher.voucher
    first = voucher.numbers[0]
    assert voucher.numbers == list(range(first, first + 5)) and voucher.gateway_key == public_of(ready.gateway)
    assert voucher.assurance == "uid" and "ONS" in [point.code for point in voucher.points]
    assert 59 * 86400 < voucher.until_s - time.time() <= 60 * 86400
    assert ready.fetch(boards=1).numbers == [first + 5]
    key = {"crossing_point": "ONS", "gateway": GATEWAY_NAME, "link_key": "ab" * 16}
    assert ready.centre.good(ADMIN, "POST", "/v1/boards", json=key)["board"] == first + 6  # with a line, the next one


def test_a_board_is_registered_with_its_seal_key_once(ready):
    keys = Keys.make()
    given = ready.technician.enrolment(keys)
    first = ready.take(given).json()
    assert first == ready.take(given).json()
    number = first["board"]
    assert first["link_key"] == keys.link.hex() and (first["epoch"], first["gateway"]) == (1, GATEWAY_NAME)
    assert ready.seal_key(number) == keys.seal
    row = ready.numbers()[number]
    assert (row["state"], row["chip"], row["trouble"]) == ("taken", CHIP, "")
    changes = ready.centre.good(GATEWAY, "GET", "/v1/changes")["changes"]
    assert number in [one["board"]["board"] for one in changes if "board" in one]
    assert keys.seal.hex() not in json.dumps(changes)


@pytest.mark.both_stores
def test_numbers_are_kept_by_both_stores(tmp_path, database):
    store = Store.create(database or tmp_path / STORE_NAME)
    with store.write() as transaction:
        rows = [NumberRow(number, "aa" * 32, "north", 1, 2) for number in (3, 4)]
        transaction.vouchers.put(rows)
        transaction.vouchers.put([rows[0].taken(CHIP, "bb")])
        transaction.vouchers.put_gateway_key("north", "01" * 32)
        transaction.vouchers.put_gateway_key("north", "02" * 32)
        assert transaction.vouchers.end("aa" * 32) == 1 and transaction.vouchers.end("cc" * 32) == 0
    with store.read() as transaction:
        assert [(row.number, row.state, row.chip) for row in transaction.vouchers.all()] == [
            (3, "taken", CHIP),
            (4, "ended", ""),
        ]
        assert transaction.vouchers.highest() == 4 and transaction.vouchers.get(5) is None
        assert transaction.vouchers.gateway_key("north") == "02" * 32
        assert next_number(transaction) == 5
    store.close()


def test_contradictions_are_problems_and_kept_for_the_office(ready):
    technician, centre = ready.technician, ready.centre
    keys = Keys.make()
    given = technician.enrolment(keys)
    number = ready.take(given).json()["board"]
    assert "with another key" in ready.refused(
        technician.enrolment(Keys.make(), number=number), 409, "board-number-taken"
    )
    free = ready.technician.voucher.voucher.numbers[2]
    ready.refused(technician.enrolment(keys, number=free), 409, "link-key-in-use")
    assert "This link key belongs to board" in ready.numbers()[free]["trouble"] and ready.seal_key(free) is None
    centre.good(ADMIN, "POST", f"/v1/boards/{number}/epochs", json={"link_key": "07" * 16, "seal_key": "08" * 32})
    assert "this enrolment is older" in ready.refused(given, 409, "enrolment-older")
    unknown = technician.enrolment(Keys.make(), point="NEW")
    assert "NEW" in ready.refused(unknown, 409, "unknown-crossing-point")
    point = {"code": "NEW", "name": "New", "kind": "border", "zone": "north"}
    centre.good(ADMIN, "PUT", "/v1/crossing-points/NEW", json=point)
    board = ready.take(unknown).json()  # once the point is there, the same file is taken
    assert ready.numbers()[board["board"]] | {"trouble": "", "state": "taken"} == ready.numbers()[board["board"]]


def test_what_is_altered_or_another_ones_is_refused(ready, tmp_path):
    technician = ready.technician
    given = technician.enrolment(Keys.make())
    body = json.loads(given.statement)
    altered = Signed(statement=json.dumps(body | {"lane": "2"}), signature=given.signature)
    ready.refused(altered, 422, "enrolment-altered")
    voucher = body["voucher"] | {"statement": body["voucher"]["statement"].replace('"numbers":[', '"numbers":[9')}
    ready.refused(
        Signed(statement=json.dumps(body | {"voucher": voucher}), signature=given.signature), 422, "voucher-not-ours"
    )
    ready.refused(technician.enrolment(Keys.make(), gateway="south"), 422, "outside-voucher")
    ready.refused(technician.enrolment(Keys.make(), number=40_000), 422, "outside-voucher")
    late = technician.voucher.voucher.until_s + 1
    ready.refused(technician.enrolment(Keys.make(), made_s=late), 422, "outside-voucher")
    ready.centre.tokens["other"] = ready.centre.app.state.parts.access.issue("gateway", "other")
    answer = ready.centre.call("other", "POST", "/v1/board-enrolments", json=given.model_dump())
    assert answer.status_code == 403 and answer.json()["type"].endswith("another-gateway")


def test_vouchers_of_a_lost_key_end(ready):
    technician = ready.technician
    given = technician.enrolment(Keys.make())
    taken = ready.take(given).json()["board"]
    path = f"/v1/vouchers/{technician.public}"
    assert ready.centre.good(ADMIN, "DELETE", path) == {"numbers": 4}
    assert ready.centre.good(ADMIN, "DELETE", path) == {"numbers": 0}
    assert "not reserved" in ready.refused(technician.enrolment(Keys.make()), 409, "number-not-reserved")
    assert ready.take(given).json()["board"] == taken  # what is registered stays
    states = [one["state"] for one in ready.numbers().values() if one["technician"] == technician.public]
    assert states == ["taken", *["ended"] * 4]


def test_a_centre_that_lost_its_key_says_so(ready):
    given = ready.technician.enrolment(Keys.make())
    (ready.centre.data / sealing.FILE_NAME).unlink()  # it makes another
    assert "new voucher" in ready.refused(given, 422, "not-sealed-to-us")
