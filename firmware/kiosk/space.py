"""The space policy: which sectors may be written over. What nobody acknowledged never is."""

from kiosk.sectors import RECORDS, last_true


class Space:
    """Answers from a ring and the journal's State; `changed` is to be called when either moved."""

    def __init__(self, ring, reading, state):
        self._ring = ring
        self._reading = reading
        self._state = state
        self._held = [None, None]  # by the centre's word, by the gateway's; None: to be looked up

    def changed(self):
        """Forget what was looked up."""
        self._held = [None, None]

    def may_free(self, counter, pressed):
        """Return True if sector `counter` may go: the centre has it; when `pressed`, the gateway is enough."""
        return self._state.tail is None or counter < self.first_held(pressed)

    def first_held(self, by_gateway):
        """Return the number of the oldest sector with a record that the centre, or the gateway, does not hold."""
        which = 1 if by_gateway else 0
        if self._held[which] is None:
            self._held[which] = self._look_up(by_gateway)
        return self._held[which]

    def fill_percent(self):
        """Return the share of the ring that cannot be written to until the gateway acknowledges."""
        state = self._state
        if state.tail is None:
            return 0
        held = (state.counter - self.first_held(True)) * RECORDS
        if held > 0 or state.gateway_seq < state.next_seq - 1:
            held += state.used
        return max(0, min(100, held * 100 // (self._ring.size * RECORDS)))

    def _look_up(self, by_gateway):
        state = self._state
        if not state.let_go and not state.of_this(state.tail):
            return self._earlier_held(by_gateway)
        if state.newest is None:
            return state.counter + 1
        return self._reading.locate((state.gateway_seq if by_gateway else state.centre_seq) + 1).counter

    def _earlier_held(self, by_gateway):
        """An earlier epoch is freed by what its newest sector remembers; the rest stays until a technician's word."""
        tail = self._state.tail
        end = self._state.counter + 1
        last = self._ring.header(last_true(tail.counter, end, lambda at: self._like(at, tail), self._ring.size))
        upto = (last.gateway_seq if by_gateway else last.centre_seq) + 1
        return last_true(tail.counter, last.counter + 1, lambda at: self._starts_by(at, upto), self._ring.size)

    def _like(self, counter, other):
        header = self._ring.header(counter)
        return None if header is None else header.of(other.board, other.epoch)

    def _starts_by(self, counter, seq):
        header = self._ring.header(counter)
        return None if header is None else header.first_seq <= seq
