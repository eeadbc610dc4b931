"""When a card is a new tap: from what the reader's searches say, and with the whole board busy in between."""

import pytest

from kiosk.cards import AGAIN_MS, Cards
from kiosk.faults import Faults
from tests.support.kiosk import OTHER, UID, Gateway, Kiosk
from virtualboard.bench import Card

TICKS = 1 << 30


class Searches:
    """A reader whose searches the test makes: when each began and what it found."""

    def __init__(self):
        self.asked_ms = 0
        self.found = None
        self.now_ms = TICKS - 5000  # close to where the ticks come round
        self._cards = Cards(self, Faults(()))

    def poll_targets(self, now_ms):
        """Return what the newest search found."""
        return self.found

    def search(self, *uids, took_ms=20, wait_ms=0):
        """Search, let the answer wait, fetch it; return whether that was a tap."""
        self.asked_ms = self.now_ms % TICKS
        self.now_ms += took_ms + wait_ms
        self.found = [(uid, 0x44, 0) for uid in uids]
        return self._cards.step(self.now_ms % TICKS) is not None


@pytest.fixture
def searches():
    return Searches()


def test_the_first_sight_is_a_tap_and_lying_there_is_none(searches):
    assert searches.search(UID)
    assert not any(searches.search(UID) for _ in range(1000))


def test_a_slow_board_does_not_make_taps_of_a_card_that_lies_there(searches):
    assert searches.search(UID)
    assert not any(searches.search(UID, wait_ms=2900) for _ in range(10))


@pytest.mark.parametrize("away_ms", [AGAIN_MS + 1, 10_000, TICKS // 2, TICKS + 100])
def test_the_same_card_after_three_seconds_is_a_tap(searches, away_ms):
    assert searches.search(UID)
    for _ in range(0, away_ms, 1 + away_ms // 50):
        assert not searches.search(took_ms=1 + away_ms // 50)
    searches.now_ms += 60
    assert searches.search(UID)


@pytest.mark.parametrize("busy_ms", [AGAIN_MS + 60, 60_000, TICKS // 2])
def test_a_search_from_before_the_board_was_busy_swallows_no_tap(searches, busy_ms):
    """The old search found the card still lying there; it was lifted and laid down again meanwhile."""
    assert searches.search(UID)
    assert not searches.search(UID, wait_ms=busy_ms)
    assert searches.search(UID)
    assert not searches.search(UID)


@pytest.mark.parametrize("leap_ms", [AGAIN_MS + 60, 60_000, TICKS // 2])
def test_a_leap_of_time_inside_a_search_swallows_no_tap(searches, leap_ms):
    """The search began before the leap and found the card after it, after the field was empty."""
    assert searches.search(UID)
    assert not searches.search()
    taps = [searches.search(UID, wait_ms=leap_ms), searches.search(UID), searches.search(UID)]
    assert taps.count(True) == 1


def test_another_card_is_a_tap_at_once_and_once(searches):
    assert searches.search(UID)
    assert searches.search(OTHER, wait_ms=60_000)
    assert not searches.search(OTHER)
    assert searches.search(UID)


def test_shaking_hands_are_one_tap(searches):
    assert searches.search(UID)
    for _ in range(20):
        assert not searches.search(took_ms=500)
        assert not searches.search(UID)


def taps(kiosk):
    return [crossing.uid for crossing in kiosk.crossings()]


@pytest.mark.parametrize("busy_ms", [3100, 30_000])
@pytest.mark.parametrize("lies_ms", [40, 60, 80, 100, 130, 170])
def test_lifted_and_tapped_again_while_the_whole_board_stood_still(busy_ms, lies_ms):
    kiosk = Kiosk().run(200)
    field = kiosk.bench.circuit.field
    card = Card(UID)
    field.put(card)
    kiosk.run(lies_ms)  # another search is under way, or has found the card again
    kiosk.bench.step_ms(20)
    field.lift(UID)
    kiosk.bench.step_ms(busy_ms)
    field.put(card)
    kiosk.run(400)
    assert taps(kiosk) == [UID, UID]


@pytest.mark.parametrize("leap_ms", [3100, 600_000, 7 * 86_400_000])
def test_lifted_before_a_leap_and_tapped_after_it(leap_ms):
    kiosk = Kiosk().run(200)
    for after_ms in range(0, 60, 7):
        kiosk.bench.circuit.field.put(Card(UID))
        kiosk.run(100)
        kiosk.bench.circuit.field.lift(UID)
        kiosk.run(after_ms).leap(leap_ms)
    assert taps(kiosk) == [UID] * 9


def test_tapped_again_while_the_gateway_is_silent():
    kiosk = Kiosk(Gateway()).run(3000)
    kiosk.gateway.verdict = None
    kiosk.tap(ms=40).run(2800)
    kiosk.tap(OTHER, ms=40)
    kiosk.tap(ms=1500)
    assert taps(kiosk) == [UID, OTHER, UID]


def test_a_card_that_lies_there_through_a_silent_gateway_is_one_tap():
    kiosk = Kiosk(Gateway()).run(3000)
    kiosk.gateway.verdict = None
    kiosk.tap(ms=9000)
    assert taps(kiosk) == [UID]
