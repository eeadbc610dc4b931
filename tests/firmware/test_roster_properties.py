"""The roster equals a dictionary, whatever is put, removed, merged or cut."""

from hypothesis import given, settings
from hypothesis import strategies as st

from checkpost import roster as entries
from checkpost.permit import Card, Permit, Usage
from checkpost.roster_pack import pack_entry, pack_removed
from kiosk.roster import Roster
from tests.support.nor import TEARS, Nor, PowerCut

SECTORS = 384
CARDS = 40

changes = st.lists(st.tuples(st.integers(0, CARDS - 1), st.integers(0, 9)), max_size=12)
operations = st.one_of(
    st.tuples(st.just("delta"), changes),
    st.tuples(st.just("rush"), st.integers(1, 150)),
    st.tuples(st.just("reset"), st.none()),
    st.tuples(st.just("step"), st.integers(1, 120)),
    st.tuples(st.just("touch"), st.integers(0, 20_000)),
    st.tuples(st.just("cut"), st.tuples(st.integers(1, 40), st.sampled_from(TEARS))),
)


def uid(card):
    return bytes([4, card * 37 & 0xFF, card, 1])


def entry(card, used):
    """Return an entry, a removal where `used` is 0."""
    if not used:
        return pack_removed(uid(card))
    usage = Usage()
    usage.entries = used
    return pack_entry(uid(card), Card(), Permit(entries=20), usage, b"abcd", "ONS", "north")


class Model:
    """The roster beside a dictionary."""

    def __init__(self, seed):
        self.flash = Nor(SECTORS, seed=seed)
        self.id = 1
        self.revision = 0
        self.held = {}
        self.next = (0, {})  # what a delta under way makes of both
        self.now_ms = 0
        self.mount()
        assert self.roster.apply(1, 0, 0, True, [])

    def mount(self):
        self.roster = Roster(self.flash, 0, SECTORS)
        self.roster.open()

    def do(self, name, argument):
        if name == "delta":
            after = dict(self.held)
            after.update(argument)
            self.next = (self.revision + 1, after)
            raw = [entry(card, used) for card, used in argument]
            if self.roster.apply(self.id, self.revision, self.revision + 1, False, raw):
                self.revision, self.held = self.next
        elif name == "rush":
            for number in range(argument):
                self.do("delta", [((number * 7 + argument) % CARDS, number % 10)])
        elif name == "reset":
            self.next = (0, {})
            self.id += 1
            assert self.roster.apply(self.id, 0, 0, True, [])
            self.revision, self.held = self.next
        elif name == "touch":
            self.roster.touch(1_800_000_000 + argument)
        elif name == "cut":
            self.flash.cut(*argument)
        else:
            for _ in range(argument):
                self.now_ms += 400
                self.roster.step(self.now_ms)

    def after_cut(self):
        """Return to where the flash stands: before or after what was under way."""
        self.flash.remount()
        self.mount()
        if self.roster.id != self.id:
            assert self.roster.id == self.id - 1
            assert self.roster.apply(self.id, 0, 0, True, [])
            self.revision, self.held = 0, {}
        elif self.roster.revision != self.revision:
            self.revision, self.held = self.next

    def check(self):
        assert (self.roster.id, self.roster.revision) == (self.id, self.revision)
        present = {card: used for card, used in self.held.items() if used}
        for card in range(CARDS):
            assert self.roster.lookup(uid(card)) == (entry(card, present[card]) if card in present else None)
        assert self.roster.count == len(present)
        weights = [entries.weight(entry(card, used)) for card, used in present.items()]
        assert self.roster.digest == sum(weights) & 0xFFFFFFFF
        assert self.roster.faults == []


@settings(max_examples=60, deadline=None)
@given(st.lists(operations, max_size=60), st.integers(1, 1 << 20))
def test_the_roster_is_a_dictionary_that_survives_power_cuts(steps, seed):
    model = Model(seed)
    for name, argument in steps:
        try:
            model.do(name, argument)
        except PowerCut:
            model.after_cut()
    model.check()
    model.flash.remount()
    model.mount()
    model.check()
