"""A card proves itself at the kiosk: with the key that came with the answer, or with the roster's; and look-alikes."""

from random import Random

import pytest

from checkpost import cardkeys, record, sun, sun_form
from checkpost import reasons as why
from checkpost.downward import Answer, BoardPolicy
from checkpost.permit import Card as PermitCard
from checkpost.permit import Permit, Usage
from checkpost.proofs import CardCounter, CardKey
from checkpost.roster_pack import pack_entry
from drivers.ntag424 import NTAG424
from tests.support.kiosk import Gateway, Kiosk, roster_piece
from virtualboard.chips.cards import Card
from virtualboard.chips.lookalikes import MifareClassic, SessionReplay, SunReplay, UidClone, chip_clone
from virtualboard.chips.ntag424 import Ntag424
from workbench.cards import Issue, derive, document

UID = bytes.fromhex("04A1B2C3D4E580")
ZONE_MASTER = bytes(range(16))
KEYS = derive(UID, 1, bytes(16), ZONE_MASTER)
NEWER = derive(UID, 2, bytes(16), ZONE_MASTER)


def issued(keys=KEYS):
    """Return a card as it leaves the desk."""
    card = Ntag424(UID, Random(1).randbytes, bytes(56))
    card.activated()
    Issue(driver_of(card), keys, document("north-hamgyong", 20000, keys.version)).run()
    return card


def driver_of(card, log=None):
    """Return the driver of a card without a reader between; `log` takes what passes."""

    def exchange(apdu):
        answer = card.exchange(apdu)
        if log is not None:
            log.append((apdu, answer[0] if answer else None))
        return answer[0] if answer else None

    return NTAG424(exchange, Random(2).randbytes)


def recorded_session():
    """Return what passes when a reader proves the genuine card."""
    log = []
    driver = driver_of(issued(), log)
    driver.select()
    driver.authenticate(cardkeys.LIVE, KEYS[cardkeys.LIVE])
    return log


def recorded_message():
    """Return the message that the genuine card signed once."""
    card = issued()
    driver = driver_of(card)
    driver.select()
    return driver.read_ndef(sun_form.MESSAGE_SIZE)


LOOK_ALIKES = {
    "identifier only": lambda: Card(UID),
    "programmable card": lambda: UidClone(UID),
    "mifare classic": lambda: MifareClassic(UID),
    "recorded message": lambda: SunReplay(UID, recorded_message()),
    "recorded session": lambda: SessionReplay(UID, recorded_session()),
    "chip with another key": lambda: chip_clone(UID, Random(9).randbytes),
}


def card_key(keys=KEYS):
    return CardKey(0, cardkeys.LIVE, keys.version, keys[cardkeys.LIVE])


def roster_entry(keys=KEYS, **permit):
    of_card = (keys[cardkeys.LIVE], keys.version) if keys else ()
    return pack_entry(UID, PermitCard(), Permit(**permit), Usage(), b"tag1", "ONS", "north-hamgyong", *of_card)


def online(*said, assurance="live"):
    gateway = Gateway()
    gateway.of_the_card = list(said)
    board = Kiosk(gateway, assurance=assurance).run(3000)
    board.sounds()
    return board


def offline(entry, assurance="live"):
    gateway = Gateway()
    board = Kiosk(gateway, assurance=assurance).run(3000)
    gateway.next_turn = [roster_piece(entry)]
    board.run(1000)
    gateway.silent = True
    board.run(10_000)
    board.sounds()
    return board


def shown(board):
    """Return what the newest crossing's record says: assurance, verdict, reasons, causes."""
    crossing = board.crossings()[-1]
    return record.ASSURANCES[crossing.assurance], crossing.verdict, crossing.reasons, crossing.causes


GENUINE = ("live", why.PERMITTED, 0, 0)
NOT_GENUINE = ("uid", why.REFER, why.CARD_NOT_GENUINE, 0)
UNPROVEN = ("uid", why.UNVERIFIABLE, 0, why.CARD_UNPROVEN)


def test_the_key_comes_with_the_answer_and_the_card_is_live():
    board = online(card_key()).tap(card=issued())
    assert shown(board) == GENUINE
    assert board.crossings()[-1].online
    assert board.sounds() == ["go"]


def test_the_gateway_is_asked_as_if_the_card_were_proven():
    board = online(card_key()).tap(card=issued())
    asked = record.unpack_crossing(record.unpack(board.gateway.queries[-1].record).body)
    assert asked.assurance == record.LIVE


def test_an_answer_without_a_key_leaves_the_card_unproven_never_guilty():
    board = online().tap(card=issued())
    assert shown(board) == UNPROVEN
    assert board.sounds() == ["cannot-verify"]


def test_what_is_certain_is_said_of_an_unproven_card_too():
    board = online()
    board.gateway.verdict = (why.REFER, why.EXPIRED)
    assert shown(board.tap(card=issued())) == ("uid", why.REFER, why.EXPIRED, 0)


def test_the_roster_s_key_proves_the_card_offline():
    board = offline(roster_entry()).tap(card=issued())
    assert shown(board) == GENUINE
    assert not board.crossings()[-1].online


def test_a_roster_without_a_key_leaves_the_card_unproven():
    assert shown(offline(roster_entry(None)).tap(card=issued())) == UNPROVEN


def test_the_roster_s_key_serves_when_the_gateway_brings_none():
    board = offline(roster_entry())
    board.gateway.silent = False
    board.run(8000)
    assert shown(board.tap(card=issued())) == GENUINE
    assert board.crossings()[-1].online


def test_a_card_issued_anew_is_proven_with_the_gateway_s_newer_key():
    board = offline(roster_entry())
    assert shown(board.tap(card=issued(NEWER))) == UNPROVEN
    board.gateway.silent = False
    board.gateway.of_the_card = [card_key(NEWER)]
    board.run(8000)
    assert shown(board.tap(card=issued(NEWER))) == GENUINE


@pytest.mark.parametrize("name", LOOK_ALIKES)
@pytest.mark.parametrize("way", ["online", "offline"])
def test_a_look_alike_is_not_genuine_and_the_genuine_card_passes_after_it(name, way):
    board = online(card_key()) if way == "online" else offline(roster_entry())
    board.tap(card=LOOK_ALIKES[name](), ms=1500)
    assert shown(board) == NOT_GENUINE
    assert board.sounds() == ["ask"]
    board.run(4000).sounds()
    assert shown(board.tap(card=issued())) == GENUINE
    assert board.sounds() == ["go"]


def held_briefly(board):
    """Lay the card down for 50 ms; what the gateway says comes after it left."""
    gateway = board.gateway
    said, gateway.of_the_card, gateway.verdict = gateway.of_the_card, [], None
    card = issued()
    board.bench.circuit.field.put(card)
    board.run(50)
    board.bench.circuit.field.lift(card.uid)
    query_id = gateway.queries[-1].query_id
    for message in said:
        message.query_id = query_id
    gateway.next_turn = [*said, Answer(query_id, why.PERMITTED, 0, 0, 0, 1, 0)]
    return card


def test_a_card_that_left_before_its_proof_is_unproven_within_the_guard_s_patience():
    board = online(card_key())
    held_briefly(board)
    board.run(600)
    assert board.sounds() == []
    board.run(200)
    assert board.sounds() == ["cannot-verify"]
    assert shown(board) == UNPROVEN


def test_a_card_that_comes_back_while_the_guard_waits_is_proven():
    board = online(card_key())
    card = held_briefly(board)
    board.run(100)
    board.bench.circuit.field.put(card)
    board.run(300)
    assert shown(board) == GENUINE


def tap_torn(board, card, number, heard):
    """Tap a card that leaves at its `number`-th APDU, heard or not: CANNOT VERIFY, then the next tap may come."""
    exchange, told, field = card.exchange, [], board.bench.circuit.field

    def torn(command):
        told.append(command)
        if len(told) != number:
            return exchange(command)
        if heard:
            exchange(command)
        field.lift(card.uid)
        return None

    card.exchange = torn
    board.tap(card=card, ms=1000)
    assert len(told) == number
    assert shown(board) == UNPROVEN and board.sounds() == ["cannot-verify"]
    card.exchange = exchange
    board.run(4000).sounds()


@pytest.mark.parametrize("way", ["online", "offline"])
@pytest.mark.parametrize("heard", [False, True], ids=["before it hears", "after it did"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_card_torn_away_at_any_apdu_leaves_a_clear_screen_and_a_card_that_works(number, heard, way):
    board = online(card_key()) if way == "online" else offline(roster_entry())
    card = issued()
    tap_torn(board, card, number, heard)
    assert shown(board.tap(card=card)) == GENUINE and board.sounds() == ["go"]


def sun_gateway():
    """Return a board under a policy of `sun`, whose gateway vouches for messages as the real one does."""
    board = online(assurance="sun")
    newest = [0]

    def vouch(query_id):
        for message in board.gateway.messages:
            keys = KEYS[cardkeys.SUN_META], KEYS[cardkeys.SUN_MAC]
            counter = sun.verify(message.picc_data, message.mac, UID, *keys) if message.query_id == query_id else None
            if counter is not None and counter > newest[0]:
                newest[0] = counter
                return [CardCounter(query_id, counter)]
        return []

    board.gateway.said_of = vouch
    return board


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_where_messages_are_taken_a_look_alike_is_marked_and_the_genuine_card_passes_before_and_after(name):
    board, card = sun_gateway(), issued()
    assert shown(board.tap(card=card)) == ("sun", why.PERMITTED, 0, 0)
    board.run(4000).sounds()
    board.tap(card=LOOK_ALIKES[name](), ms=1500)
    assert shown(board) == UNPROVEN and board.sounds() == ["cannot-verify"]
    board.run(4000).sounds()
    assert shown(board.tap(card=card)) == ("sun", why.PERMITTED, 0, 0)


@pytest.mark.parametrize("heard", [False, True], ids=["before it hears", "after it did"])
@pytest.mark.parametrize(("way", "number"), [("online", 1), ("online", 2), *(("offline", at) for at in range(1, 4))])
def test_a_card_torn_away_from_its_message_leaves_a_clear_screen_and_a_card_that_works(number, heard, way):
    board = sun_gateway() if way == "online" else offline(roster_entry(), assurance="sun")
    card = issued()
    tap_torn(board, card, number, heard)
    genuine = ("sun", why.PERMITTED, 0, 0) if way == "online" else GENUINE
    assert shown(board.tap(card=card)) == genuine and board.sounds() == ["go"]


def test_a_proven_card_that_lies_there_is_one_tap_even_if_the_board_stands_still_meanwhile():
    board = online(card_key())
    card = issued()
    board.bench.circuit.field.put(card)
    while not board.app.waiting.spent:
        board.run(1)
    exchange = card.exchange

    def slow(command):
        board.bench.clock.seconds += 2
        return exchange(command)

    card.exchange = slow
    board.run(8000)
    assert shown(board) == GENUINE
    assert len(board.crossings()) == 1


def test_a_policy_that_takes_uids_asks_nothing_of_the_card_and_loads_nothing():
    board = online(card_key(), assurance="uid").tap(card=issued())
    assert shown(board)[:2] == ("uid", why.PERMITTED)
    assert board.app._proving is None


def test_a_policy_heard_later_asks_for_the_proof():
    board = online(card_key(), assurance="uid")
    board.gateway.next_turn = [BoardPolicy(2, record.LIVE, 86400, 600, "ONS", "north-hamgyong", 0)]
    assert shown(board.run(1000).tap(card=issued())) == GENUINE


def test_the_card_s_own_message_goes_up_with_the_question():
    board = online(CardCounter(0, 5), assurance="sun").tap(card=issued())
    (message,) = board.gateway.messages
    keys = KEYS[cardkeys.SUN_META], KEYS[cardkeys.SUN_MAC]
    assert sun.verify(message.picc_data, message.mac, UID, *keys) == 2  # the desk read it once
    assert message.query_id == board.gateway.queries[-1].query_id
    assert shown(board) == ("sun", why.PERMITTED, 0, 0)
    assert board.crossings()[-1].counter == 5


def test_a_message_that_the_gateway_does_not_vouch_for_proves_nothing():
    assert shown(online(assurance="sun").tap(card=issued())) == UNPROVEN


def test_a_card_without_a_message_is_asked_about_all_the_same():
    board = online(assurance="sun").tap(card=UidClone(UID))
    assert board.gateway.messages == []
    assert shown(board) == UNPROVEN


def test_no_key_and_no_session_stays_with_the_parts_that_had_it():
    board = online(card_key()).tap(card=issued())
    proving = board.app._proving
    assert proving._keys == []
    assert proving._proof._key is None and proving._proof._card is None


def test_the_memory_is_overwritten_once_after_a_key_was_used():
    board = online(card_key())
    times = []
    board.hardware.scrub = lambda: times.append(board.app.kiosk.state)
    board.tap(card=issued()).run(2000)
    assert len(times) == 1
