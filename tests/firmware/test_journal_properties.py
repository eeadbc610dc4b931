"""Whatever happens in whatever order, the journal holds what it said it holds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from checkpost import chain, record
from kiosk.journal import Journal, JournalFull
from tests.support.nor import TEARS, Nor, PowerCut

SECTORS = 5
KEY = bytes(32)

operations = st.one_of(
    st.tuples(st.just("append"), st.integers(1, 200)),
    st.tuples(st.just("step"), st.integers(1, 60)),
    st.tuples(st.just("gateway"), st.integers(0, 300)),
    st.tuples(st.just("centre"), st.integers(0, 300)),
    st.tuples(st.just("cut"), st.tuples(st.integers(1, 40), st.sampled_from(TEARS))),
    st.tuples(st.just("restart"), st.none()),
)


class Model:
    """The journal beside a list of what it told."""

    def __init__(self, seed):
        self.flash = Nor(2 + SECTORS, seed=seed)
        self.kept = {}
        self.gateway = 0
        self.now_ms = 0
        self.mount()

    def mount(self):
        self.journal = Journal(self.flash, 7, 1, KEY, 0, 2, SECTORS)
        self.journal.open()
        newest = max(self.kept, default=0)
        if self.journal.next_seq == newest + 2:  # written in full when power failed, told to nobody
            self.kept[newest + 1] = self.journal.read(newest + 1)
        assert self.journal.next_seq == max(self.kept, default=0) + 1

    def append(self, count):
        for _ in range(count):
            made = record.Record(record.CROSSING, 0, 5, 0, 2, 0, b"%d" % self.flash.pick(1 << 20))
            try:
                seq = self.journal.append(made)
            except JournalFull:
                assert self.journal.fill_percent() >= 60
                return
            self.kept[seq] = made.pack()

    def step(self, count):
        for _ in range(count):
            self.now_ms += 700
            self.journal.step(self.now_ms)

    def release(self, gateway=None, centre=None):
        newest = self.journal.next_seq - 1
        gateway = self.journal.gateway_seq if gateway is None else max(0, newest - gateway)
        centre = self.journal.centre_seq if centre is None else max(0, newest - centre)
        self.gateway = max(self.gateway, gateway, centre)
        self.journal.release(gateway, centre)

    def do(self, name, argument):
        if name == "append":
            self.append(argument)
        elif name == "step":
            self.step(argument)
        elif name == "gateway":
            self.release(gateway=argument)
        elif name == "centre":
            self.release(centre=argument)
        elif name == "cut":
            self.flash.cut(*argument)
        else:
            self.mount()

    def check(self):
        journal = self.journal
        assert journal.oldest_seq <= self.gateway + 1
        head = chain.start(7, 1)
        for seq in range(1, journal.next_seq):
            head = chain.link(head, self.kept[seq])
            if seq >= journal.oldest_seq:
                assert journal.read(seq) == self.kept[seq]
                assert seq % 50 or journal.head_at(seq) == head
        assert journal.head() == head
        assert 0 <= journal.fill_percent() <= 100


@settings(max_examples=60, deadline=None)
@given(st.lists(operations, max_size=25), st.integers(1, 1 << 20))
def test_what_was_told_is_kept_until_it_is_acknowledged(steps, seed):
    model = Model(seed)
    for name, argument in steps:
        try:
            model.do(name, argument)
        except PowerCut:
            model.flash.remount()
            model.mount()
    model.flash.remount()
    model.mount()
    model.check()
