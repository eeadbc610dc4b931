"""Boards that come by a file: what a gateway takes in, what it refuses and why, and what it brings the centre."""

import asyncio
import contextlib
import io
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.boards.admission import AdmissionRefused, Own, admit, keep_centre_keys
from gateway.commands.showing import show_status
from gateway.contract import Change, CrossingPoint, Import, sealing
from gateway.contract.enrolment import CentreKeys, Signed
from gateway.forwarder.client import CentreAway, CentreRefuses
from gateway.forwarder.enrolments import deliver
from gateway.intake.learning import Learning
from gateway.status import status
from gateway.store.store import open_reader
from tests.gateway import support
from tests.support.journey import Journey, Keys, public_of

NOW_S = int(time.time())
NAME = "north"
POINTS = [CrossingPoint(code=code, name=code.title(), kind="border", zone="north") for code in ("ONS", "HRY")]


class World:
    """A gateway's store, the keys of a centre that nobody has to run, and a technician who has its voucher."""

    def __init__(self, folder):
        self.data = folder / "gateway"
        self.data.mkdir()
        self.store = support.fresh_store(self.data)
        self.own = Own(NAME, sealing.open_key(self.data))
        self._log = Ed25519PrivateKey.generate()
        (folder / "centre").mkdir()
        signing = self._log.public_key().public_bytes_raw().hex()
        self.keys = CentreKeys(sealing_key=public_of(folder / "centre"), signing_key=signing)
        self.technician = Journey(folder)
        self.voucher = self.fetch(self.technician)

    def fetch(self, technician):
        return technician.receive(self.keys, public_of(self.data), POINTS, self._log.sign, NOW_S, NAME)

    def admit(self, given, now_s=NOW_S):
        return admit(self.store, given, self.own, now_s)

    def refused(self, given, why, now_s=NOW_S):
        with pytest.raises(AdmissionRefused, match=why):
            self.admit(given, now_s)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def told(world):
    """A world whose gateway has heard the centre's keys."""
    assert keep_centre_keys(world.store, world.keys) and not keep_centre_keys(world.store, world.keys)
    return world


def test_a_board_is_served_at_once_and_waits_for_the_centre(told):
    keys = Keys.make()
    given = told.technician.enrolment(keys)
    done = told.admit(given)
    assert done.new and done.board.link_key == keys.link.hex() and done.technician == told.technician.public
    assert told.store.knowledge.boards() == [done.board]
    assert told.store.knowledge.point_of(done.board.board).name  # the voucher brought the point, too
    assert not told.admit(given).new  # again: nothing changes
    assert [one.board for one in told.store.outbox.boards()] == [done.board.board]
    number, waiting = told.store.outbox.next_enrolment()
    assert waiting == given
    told.store.outbox.refuse(number, "There is no such point.")
    found = status(told.data, NAME)
    assert found["enrolments"] == [{"board": done.board.board, "detail": "There is no such point."}]
    assert found["refused_rows"] == found["outbox"] == 0
    assert not told.admit(given).new and told.store.outbox.next_enrolment() == (number, given)  # asked once more


def test_what_was_altered_is_refused_and_nothing_is_written(told):
    given = told.technician.enrolment(Keys.make())
    body = json.loads(given.statement)
    for name, value in (
        ("lane", "2"), ("board", body["board"] + 1), ("chip", "00"), ("crossing_point", "HRY"), ("made_s", 1),
        ("for_centre", "0" * 192),
    ):  # fmt: skip
        altered = Signed(statement=json.dumps(body | {name: value}), signature=given.signature)
        told.refused(altered, "not as it was signed")
    other = Journey(told.data.parent, "other")
    told.refused(given.model_copy(update={"signature": other.signer.private.sign(b"x").hex()}), "not as it was signed")
    voucher = json.loads(body["voucher"]["statement"])
    widened = body["voucher"] | {"statement": json.dumps(voucher | {"numbers": [1, 2, 3, 4, 5, 6]})}
    told.refused(Signed(statement=json.dumps(body | {"voucher": widened}), signature=given.signature), "not one of")
    told.refused(Signed(statement="{}", signature=given.signature), "no enrolment")
    assert told.store.knowledge.boards() == [] and told.store.outbox.boards() == []


def test_a_part_of_another_enrolment_opens_nothing(told):
    """Who signs anew with a voucher of their own cannot take the sealed part of somebody else's file."""
    body = json.loads(told.technician.enrolment(Keys.make()).statement)
    other = Journey(told.data.parent, "other")
    told.fetch(other)
    stolen = json.loads(other.enrolment(Keys.make()).statement) | {"for_gateway": body["for_gateway"]}
    text = json.dumps(stolen)
    signature = other.signer.private.sign(b"checkpost enrolment 1\n" + text.encode()).hex()
    told.refused(Signed(statement=text, signature=signature), "does not open here")


def test_places_times_and_keys_that_do_not_fit_are_named(told):
    technician = told.technician
    given = technician.enrolment(Keys.make())
    told.refused(given, "time of the voucher is over", now_s=told.voucher.until_s + 1)
    told.refused(technician.enrolment(Keys.make(), number=40_000), "gives no number 40000")
    told.refused(technician.enrolment(Keys.make(), point="NOWHERE"), "knows no crossing point NOWHERE")
    told.refused(technician.enrolment(Keys.make(), gateway="south"), "enrolled for gateway south")
    twice = Keys.make()
    first = told.admit(technician.enrolment(twice)).board
    other = technician.enrolment(Keys.make(), number=first.board, point="HRY", lane="3")
    told.refused(other, "at ONS lane 1 has this number, with another key than this enrolment for HRY lane 3: provision")
    told.refused(technician.enrolment(twice, number=told.voucher.numbers[-1]), "another board has the key")
    newer = first.model_copy(update={"epoch": 2, "link_key": "07" * 16})  # as the centre says after a rekey
    Learning(told.store).take_changes([Change(revision=9, board=newer)], 9, NOW_S)
    told.refused(technician.enrolment(twice, number=first.board), "epoch 2 since: this enrolment is older")
    keep_centre_keys(told.store, told.keys.model_copy(update={"sealing_key": public_of(told.data.parent)}))
    told.refused(given, "get a new voucher")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"point": "HRY"}, "the same key, at crossing point ONS where this enrolment says HRY: if it stands"),
        ({"lane": "2"}, "the same key, at lane 1 where this enrolment says 2: if it stands at the new place"),
        ({"point": "HRY", "lane": "2"}, "ONS where this enrolment says HRY and at lane 1 where this enrolment says 2"),
    ],
    ids=["point", "lane", "both"],
)
def test_of_a_board_that_was_moved_the_old_and_the_new_place_are_named(told, place, words):
    keys = Keys.make()
    first = told.admit(told.technician.enrolment(keys)).board
    told.refused(told.technician.enrolment(keys, **place), words)
    assert told.store.knowledge.boards() == [first] and len(told.store.outbox.boards()) == 1


def test_a_gateway_that_never_heard_its_centre_says_so(world):
    world.refused(world.technician.enrolment(Keys.make()), "has not heard its centre's keys yet")


def test_nothing_that_the_gateway_keeps_holds_the_seal_key(told):
    keys = Keys.make()
    told.admit(told.technician.enrolment(keys))
    told.store.close()
    kept = b"".join(path.read_bytes() for path in told.data.rglob("*") if path.is_file())
    assert keys.link.hex().encode() in kept  # the search would find it
    for form in (keys.seal, keys.seal.hex().encode(), keys.seal.hex().upper().encode()):
        assert form not in kept
    assert open_reader(told.data).outbox.next_enrolment() is not None


class Deaf:
    """A centre that answers an enrolment as it is told to, and writes down what it was sent."""

    def __init__(self, answer=None):
        self.answer = answer
        self.heard = []

    async def send_enrolment(self, given):
        self.heard.append(given)
        if self.answer:
            raise self.answer


class Direct:
    """A writer without a thread."""

    def __init__(self, store):
        self._store = store

    async def run(self, _urgency, job):
        return job(self._store)


def test_enrolments_go_to_the_centre_one_by_one_and_a_refused_one_is_kept_with_its_reason(told):
    first, second = (told.technician.enrolment(Keys.make()) for _ in range(2))
    told.admit(first)
    told.admit(second)
    writer, away = Direct(told.store), Deaf(CentreAway("no line"))
    with pytest.raises(CentreAway):
        asyncio.run(deliver(writer, away))
    with pytest.raises(CentreRefuses):
        asyncio.run(deliver(writer, Deaf(CentreRefuses(401, "no-access", "Who are you?"))))
    refusing, taking = Deaf(CentreRefuses(409, "unknown-crossing-point", "There is no ONS.")), Deaf()
    assert asyncio.run(deliver(writer, refusing)) and asyncio.run(deliver(writer, taking))
    assert not asyncio.run(deliver(writer, taking))
    assert (away.heard, refusing.heard, taking.heard) == ([first], [first], [second])
    assert [tuple(one) for one in told.store.outbox.boards()] == [(1, "There is no ONS.")]
    assert told.store.outbox.next_import() == ([], Import())
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        show_status(status(told.data, NAME))
    assert "Board 1 was admitted from a file; the centre refuses it: There is no ONS." in shown.getvalue()
