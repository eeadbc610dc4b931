"""What a gateway gives a board to prove a card, and what it keeps against replays and copies."""

import asyncio
from types import SimpleNamespace

import pytest

from checkpost import cardkeys, record, roster, sun
from checkpost.aes import cbc_encrypt
from checkpost.proofs import CardCounter, CardKey, Sun
from checkpost.upward import Query
from gateway.boards.proving import Proving
from gateway.boards.query import Asked, OfCard
from gateway.boards.query import answer as answered
from gateway.boards.roster import RosterKeeper
from gateway.contract import EVERYWHERE, Application, Card, Policy
from gateway.intake.learning import Learning
from gateway.intake.readings import OUT_OF_ORDER, compare, see
from gateway.intake.records import Intake
from gateway.keys import KeyStore
from gateway.review.reviews import Reviews
from gateway.store.counters import Seen
from tests.gateway.support import CARD, MORNING_S, NOW_S, Journal

MASTER = bytes(range(16))
UID = bytes.fromhex(CARD)
KEYS = KeyStore({EVERYWHERE: {1: MASTER}})
LIVE = cardkeys.card_key(MASTER, UID, cardkeys.LIVE, 1)


def refresh(store, keys):
    while RosterKeeper(store, keys).refresh(NOW_S):
        pass


def key_on_roster(store, board=1):
    return roster.proof_key(store.rosters.entry(board, CARD))


def learn(store, *rows):
    Learning(store).take_imported(rows, NOW_S)


def test_a_roster_brings_the_key_of_an_approved_card(small):
    refresh(small, KEYS)
    assert key_on_roster(small) == (LIVE, 1)


def test_rosters_are_made_anew_when_keys_come_and_when_they_change(small):
    refresh(small, KeyStore())
    assert key_on_roster(small) is None
    refresh(small, KEYS)
    before = small.rosters.revision(1)
    refresh(small, KEYS)
    assert small.rosters.revision(1) == before
    refresh(small, KeyStore({EVERYWHERE: {1: MASTER, 2: bytes(range(1, 17))}}))
    assert key_on_roster(small) == (LIVE, 1)
    learn(small, Card(card_uid=CARD, application_id="A1", status="active", key_version=2))
    refresh(small, KeyStore({EVERYWHERE: {1: MASTER, 2: bytes(range(1, 17))}}))
    assert key_on_roster(small)[1] == 2


@pytest.mark.parametrize(
    "row",
    [
        Card(card_uid=CARD, application_id="A1", status="lost"),
        Application(application_id="A1", decision="pending"),
        Application(application_id="A1", decision="withdrawn", withdrawn_from=NOW_S - 1),
    ],
    ids=["blocked", "pending", "withdrawn"],
)
def test_a_card_that_may_not_pass_has_no_key_on_the_roster(small, row):
    learn(small, row)
    refresh(small, KEYS)
    assert key_on_roster(small) is None


def test_a_guest_has_its_own_key_on_the_roster(small):
    refresh(small, KeyStore({"north": {1: MASTER}}, {CARD: (1, LIVE)}))
    assert key_on_roster(small) == (LIVE, 1)


def asked(uid=UID):
    crossing = record.Crossing(uid, record.ENTRY, 1, record.LIVE)
    raw = record.Record(record.CROSSING, 1, MORNING_S, 36, record.SYNCED, 2, crossing.pack()).pack()
    return Asked(1, 1, raw, MORNING_S, 0)


def test_only_a_known_card_that_is_not_blocked_is_to_be_proven(small):
    assert answered(small, asked()).of_card == OfCard(UID, EVERYWHERE, 1)
    assert answered(small, asked(bytes(7))).of_card is None
    learn(small, Card(card_uid=CARD, application_id="A1", status="stolen"))
    assert answered(small, asked()).of_card is None


class Parts:
    """What Proving needs of a gateway: one store, written at once."""

    def __init__(self, store, assurance, keys=KEYS):
        self.view = SimpleNamespace(policy=Policy(assurance=assurance))
        self.keys = keys
        self.writer = self
        self._store = store

    def now_s(self):
        return NOW_S

    async def run(self, _urgency, work):
        return work(self._store)


def said(parts, message=None, proving=None, query_id=7, of_card=None):
    query = Query(query_id, asked().raw)
    of_card = of_card or OfCard(UID, EVERYWHERE, 1)
    return asyncio.run((proving or Proving(parts)).messages(query, of_card, message))


def signed(counter, query_id=7, uid=UID):
    """Return the message that a card signs at its `counter`-th reading."""
    meta, mac = (cardkeys.card_key(MASTER, UID, at, 1) for at in (cardkeys.SUN_META, cardkeys.SUN_MAC))
    picc_data = cbc_encrypt(meta, bytes(16), b"\xc7" + uid + counter.to_bytes(3, "little") + bytes(5))
    text = picc_data.hex().upper().encode() + b";"
    return Sun(query_id, picc_data, sun.sign(mac, uid, counter, text))


def test_the_key_of_that_card_and_no_other_goes_before_the_answer(small):
    (message,) = said(Parts(small, "live"))
    assert isinstance(message, CardKey)
    assert (message.query_id, message.number, message.version, message.key) == (7, cardkeys.LIVE, 1, LIVE)


@pytest.mark.parametrize(
    "of_card", [OfCard(UID, "south", 1), OfCard(UID, EVERYWHERE, 2), OfCard(UID[:4], EVERYWHERE, 1)]
)
def test_without_the_card_s_key_nothing_is_said(small, of_card):
    assert said(Parts(small, "live"), of_card=of_card) == []


def test_a_policy_that_takes_uids_gives_no_key_away(small):
    assert said(Parts(small, "uid")) == []


def test_a_message_is_vouched_for_once_and_its_replay_asks_a_question_about_the_card(small):
    parts = Parts(small, "sun")
    (message,) = said(parts, signed(5))
    assert isinstance(message, CardCounter) and message.counter == 5
    assert said(parts, signed(5, 8), query_id=8) == []
    assert said(parts, signed(4, 9), query_id=9) == []
    assert small.reviews.open_flags() == {OUT_OF_ORDER: 1}
    assert said(parts, signed(6, 10), query_id=10)[0].counter == 6


def test_the_same_query_asked_again_is_no_replay(small):
    parts = Parts(small, "sun")
    proving = Proving(parts)
    first, again = (said(parts, signed(5), proving)[0] for _ in range(2))
    assert first.counter == again.counter == 5
    assert small.reviews.open_flags() == {}


@pytest.mark.parametrize(
    "message", [None, signed(5, query_id=6), signed(5, uid=UID[::-1])], ids=["none", "late", "other"]
)
def test_what_is_not_that_card_s_message_vouches_for_nothing(small, message):
    assert said(Parts(small, "sun"), message) == []
    assert small.counters.newest(CARD) is None


def test_readings_in_records_count_up_with_time_in_whatever_order_they_come(small):
    for counter, utc_s in ((5, 500), (3, 300), (8, 800), (7, 700)):
        assert compare(small, CARD, Seen(counter, utc_s)) == ""
    assert compare(small, CARD, Seen(6, 900)) == "6 after 8"
    assert compare(small, CARD, Seen(9, 100)) == "8 after 9"
    assert small.counters.newest(CARD) == Seen(9, 100)


def test_a_question_about_readings_shows_the_crossings_that_raised_it(small):
    journal = Journal(1)
    for counter, after_s in ((8, 0), (6, 60)):
        crossing = record.Crossing(UID, record.ENTRY, 1, record.SUN, counter)
        journal.append(record.CROSSING, MORNING_S + after_s, crossing.pack())
    Intake(small).take([journal.run()], NOW_S)
    [review] = [one for one in Reviews(small).list_open() if one.kind == OUT_OF_ORDER]
    assert review.detail == "6 after 8"
    assert [one["seq"] for one in review.evidence["crossings"]] == [2, 1]


def test_the_record_of_a_query_that_was_vouched_for_is_no_second_reading(small):
    assert see(small, CARD, Seen(5, MORNING_S), NOW_S)
    crossing = record.Crossing(UID, record.ENTRY, 1, record.SUN, 5)
    journal = Journal(1)
    journal.append(record.CROSSING, MORNING_S, crossing.pack())
    Intake(small).take([journal.run()], NOW_S)
    assert OUT_OF_ORDER not in small.reviews.open_flags()
