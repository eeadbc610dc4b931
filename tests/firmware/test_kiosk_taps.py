"""From a card to an answer and an outcome, with no gateway: the firmware over the chip models."""

import pytest

from checkpost import reasons as why
from checkpost.record import (
    ADMITTED,
    CROSSING,
    EXIT,
    NO_OUTCOME,
    REFERRED,
    SYNCED,
    TURNED_BACK,
    UNSET,
    Record,
    unpack,
    valid,
)
from tests.support.kiosk import OTHER, UID, Kiosk, entry


@pytest.fixture
def kiosk():
    board = Kiosk().run(200)
    board.sounds()
    return board


def knows(kiosk, **permit):
    """Put one permit on the board's roster, as if the gateway had just confirmed it."""
    kiosk.app.roster.lookup = {UID: entry(**permit)}.get
    kiosk.app.roster.as_of_s = int(kiosk.bench.clock.utc())
    return kiosk


def test_at_rest_the_idle_page_stands_and_no_light_is_on(kiosk):
    assert kiosk.pages == ["idle"]
    assert kiosk.lights() == []


def test_a_card_that_is_not_on_the_roster_cannot_be_verified(kiosk):
    kiosk.tap()
    assert kiosk.sounds() == ["cannot-verify"]
    assert kiosk.lights() == [0, 1, 2]
    assert kiosk.pages[-1] == "answer"
    (crossing,) = kiosk.crossings()
    assert (crossing.uid, crossing.verdict, crossing.causes) == (UID, why.UNVERIFIABLE, why.NOT_ON_ROSTER)
    assert not crossing.online


def test_a_permit_on_the_roster_goes(kiosk):
    knows(kiosk).tap()
    assert kiosk.sounds() == ["go"]
    assert kiosk.lights() == [5, 6, 7]
    assert kiosk.crossings()[0].verdict == why.PERMITTED


def test_an_ended_permit_is_a_question(kiosk):
    knows(kiosk, valid_until_day=20000).tap()
    assert kiosk.sounds() == ["ask"]
    assert kiosk.lights() == [3, 4]
    assert kiosk.crossings()[0].reasons == why.EXPIRED


def test_a_record_holds_the_second_of_the_tap(kiosk):
    kiosk.tap()
    record = kiosk.records()[-1]
    assert abs(record.seconds - kiosk.bench.clock.utc()) < 2
    assert (record.offset, record.trust) == (36, 1)


def test_the_record_is_durable_before_the_sound(kiosk):
    seen = []
    kiosk.app.panel.sound = lambda name, now_ms: seen.append((name, kiosk.app.journal.next_seq))
    before = kiosk.app.journal.next_seq
    kiosk.tap()
    assert seen == [("unverifiable", before + 1)]


@pytest.mark.parametrize(
    ("button", "ms", "outcome"), [("admit", 60, ADMITTED), ("refer", 60, REFERRED), ("refer", 1200, TURNED_BACK)]
)
def test_a_button_gives_the_outcome(kiosk, button, ms, outcome):
    kiosk.tap()
    kiosk.press(button, ms)
    assert kiosk.sounds() == ["cannot-verify", "recorded"]
    assert kiosk.outcomes() == [(0, outcome, 1)]
    assert kiosk.pages[-1] == "recorded"


def test_a_button_held_for_long_gives_one_outcome(kiosk):
    kiosk.tap()
    kiosk.press("admit", 8000)
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_no_card_adds_persons_while_an_answer_stands(kiosk):
    kiosk.tap()
    kiosk.press("no_card").press("no_card")
    assert kiosk.sounds() == ["cannot-verify", "click"]
    kiosk.press("admit")
    assert kiosk.outcomes() == [(0, ADMITTED, 3)]
    assert len(kiosk.crossings()) == 1


def test_a_party_has_at_most_fifteen_persons(kiosk):
    kiosk.tap()
    for _ in range(17):
        kiosk.press("no_card")
    kiosk.press("admit")
    assert kiosk.outcomes() == [(0, ADMITTED, 15)]


def test_one_person_too_many_makes_it_a_question(kiosk):
    knows(kiosk, companions=1).tap()
    assert kiosk.sounds() == ["go"]
    kiosk.press("no_card")
    assert kiosk.sounds() == ["click"]
    assert kiosk.lights() == [5, 6, 7]
    kiosk.press("no_card").run(300)
    assert kiosk.sounds() == ["click", "ask"]
    assert kiosk.lights() == [3, 4]


def test_a_party_without_an_outcome_is_written_down_once(kiosk):
    kiosk.tap().press("no_card").run(25_000)
    assert kiosk.outcomes() == [(0, NO_OUTCOME, 2)]
    assert kiosk.pages[-1] == "idle"


def test_a_single_person_without_an_outcome_needs_no_record(kiosk):
    kiosk.tap().run(25_000)
    assert kiosk.outcomes() == []
    assert kiosk.pages[-1] == "idle"


def test_the_next_card_ends_an_answer(kiosk):
    kiosk.tap().press("no_card").tap(OTHER)
    assert [crossing.uid for crossing in kiosk.crossings()] == [UID, OTHER]
    assert kiosk.outcomes() == [(0, NO_OUTCOME, 2)]


def test_at_rest_no_card_is_a_traveller_without_one(kiosk):
    kiosk.press("no_card")
    assert kiosk.sounds() == ["ask"]
    (crossing,) = kiosk.crossings()
    assert (crossing.uid, crossing.reasons, crossing.assurance) == (b"", why.NO_PERMIT, 0)
    kiosk.press("no_card").press("refer")
    assert kiosk.outcomes() == [(0, REFERRED, 2)]


def test_no_card_after_an_outcome_is_the_next_traveller(kiosk):
    kiosk.tap().press("admit").press("no_card")
    assert [crossing.uid for crossing in kiosk.crossings()] == [UID, b""]


def test_an_outcome_is_corrected_by_another_button(kiosk):
    kiosk.tap().press("admit").press("refer")
    assert kiosk.outcomes() == [(0, ADMITTED, 1), (0, REFERRED, 1)]


def test_the_same_outcome_twice_is_one_record(kiosk):
    kiosk.tap().press("admit").press("admit")
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_an_outcome_is_corrected_from_rest_after_a_press_that_brings_it_back(kiosk):
    kiosk.tap().press("admit").run(30_000)
    assert kiosk.pages[-1] != "recorded"
    kiosk.press("refer")
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]
    assert kiosk.pages[-1] == "recorded"
    kiosk.press("refer")
    assert kiosk.outcomes() == [(0, ADMITTED, 1), (0, REFERRED, 1)]


def test_after_two_minutes_nothing_is_corrected(kiosk):
    kiosk.tap().press("admit").run(125_000)
    kiosk.press("refer").press("refer")
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_an_answer_without_an_outcome_is_called_back(kiosk):
    kiosk.tap().run(30_000)
    kiosk.press("admit")
    assert kiosk.pages[-1] == "answer"
    kiosk.press("admit")
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_buttons_without_a_crossing_do_nothing(kiosk):
    kiosk.press("admit").press("refer").press("refer", 1500)
    assert kiosk.sounds() == []
    assert kiosk.outcomes() == []


def test_a_fixed_direction_stays(kiosk):
    kiosk.press("direction").tap()
    assert kiosk.crossings()[0].direction == 0


def test_a_switched_direction_turns_at_rest_only():
    kiosk = Kiosk(direction="switched").run(200)
    kiosk.press("direction").tap()
    assert kiosk.sounds() == ["click", "cannot-verify"]
    kiosk.press("direction").press("admit").press("direction").tap(OTHER)
    assert [crossing.direction for crossing in kiosk.crossings()] == [EXIT, 0]


def test_a_card_that_lies_there_is_one_tap(kiosk):
    kiosk.tap(ms=15_000)
    assert len(kiosk.crossings()) == 1


def test_a_card_tapped_again_within_three_seconds_is_one_tap(kiosk):
    kiosk.tap().run(1000).tap()
    assert len(kiosk.crossings()) == 1


def test_a_card_tapped_again_later_is_another_tap(kiosk):
    kiosk.tap().run(4000).tap()
    assert len(kiosk.crossings()) == 2


def test_the_same_card_is_a_new_tap_after_a_leap_of_time(kiosk):
    kiosk.tap().leap(600_000).tap()
    assert len(kiosk.crossings()) == 2


def test_a_leap_of_time_makes_no_tap_of_a_card_taken_away(kiosk):
    kiosk.tap().leap(600_000).run(500)
    assert len(kiosk.crossings()) == 1


def test_a_press_after_a_leap_meets_the_state_of_its_own_time(kiosk):
    kiosk.tap().bench.clock.seconds += 60
    kiosk.press("no_card")
    assert [crossing.uid for crossing in kiosk.crossings()] == [UID, b""]


def test_two_cards_at_once_are_no_tap_until_the_field_was_empty(kiosk):
    from virtualboard.bench import Card

    cards = [Card(UID), Card(OTHER)]
    for card in cards:
        kiosk.bench.circuit.field.put(card)
    kiosk.run(1000)
    assert kiosk.sounds() == ["fault"]
    assert kiosk.pages[-1] == "one_card"
    kiosk.bench.circuit.field.lift(cards[0].uid)
    kiosk.run(1000)
    assert kiosk.crossings() == []
    kiosk.bench.circuit.field.lift(cards[1].uid)
    kiosk.run(1000)
    assert kiosk.pages[-1] == "idle"
    kiosk.tap()
    assert len(kiosk.crossings()) == 1


def test_an_answer_survives_a_restart_and_takes_its_outcome(kiosk):
    kiosk.tap()
    kiosk.restart()
    kiosk.run(100)
    assert kiosk.pages[-1] == "answer"
    kiosk.press("admit")
    assert kiosk.outcomes() == [(0, ADMITTED, 1)]


def test_a_crossing_that_nobody_was_answered_for_is_not_shown_after_a_restart(kiosk):
    """Its write was cut short, the flash behind it is blank, and its CRC of ones fits by chance."""
    torn = bytes.fromhex("212e00000030ebfc6a248412cc282512adfcffffffffffffffffffffffffffff")
    assert valid(torn)
    now_s = int(kiosk.bench.clock.utc())
    head = unpack(torn)
    kiosk.app.journal.append(Record(CROSSING, 0, now_s, head.offset, SYNCED, head.uncertainty, head.body))
    kiosk.restart()
    kiosk.run(100)
    assert kiosk.pages[-1] == "idle"
    assert not kiosk.app.faults.has("program")


def test_an_old_answer_or_one_with_an_outcome_does_not_come_back(kiosk):
    kiosk.tap().press("admit")
    kiosk.restart()
    assert kiosk.pages[-1] == "idle"
    kiosk.tap().run(21_000).restart()
    assert kiosk.pages[-1] == "idle"


def test_a_restart_keeps_the_switched_direction():
    kiosk = Kiosk(direction="switched").run(200)
    kiosk.press("direction").tap().restart()
    kiosk.run(200).tap(OTHER)
    assert [crossing.direction for crossing in kiosk.crossings()] == [EXIT, EXIT]


def test_clock_trust_is_holdover_without_a_gateway(kiosk):
    kiosk.tap()
    assert {record.trust for record in kiosk.records()} == {1}
    assert SYNCED != 1 != UNSET


def test_the_watchdog_is_fed_while_all_loops_turn(kiosk):
    before = kiosk.watchdog.fed
    kiosk.run(1000)
    assert kiosk.watchdog.fed > before


@pytest.mark.parametrize("days", [1, 7, 9, 12])
def test_leaps_of_many_days_over_the_wrap_of_the_ticks(kiosk, days):
    kiosk.tap().press("admit").leap(days * 86_400_000)
    kiosk.tap().press("no_card").leap(days * 86_400_000)
    assert kiosk.run(100).pages[-1] in ("idle", "bar")
    kiosk.press("no_card")
    assert [crossing.uid for crossing in kiosk.crossings()] == [UID, UID, b""]
    assert kiosk.outcomes() == [(0, ADMITTED, 1), (1, NO_OUTCOME, 2)]
