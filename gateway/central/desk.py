"""The desk: crossings that a transaction touches are gathered, judged with their permits, and put in the feed once.

What their verdicts ask of a person becomes a review in the same transaction.
"""

from collections import defaultdict

from gateway.central.cases.evidence import Facts
from gateway.central.cases.questions import ask_of_crossings
from gateway.central.completeness import Completeness
from gateway.central.counting import moves
from gateway.central.crossing import CrossingState
from gateway.central.holes import measured
from gateway.central.judge import judge_alone, judge_permit, policy_of
from gateway.central.proof.leaf import state_entry
from gateway.central.store import Transaction
from gateway.central.store.knowledge import Body

Key = tuple[int, int, int]  # board, epoch, sequence


class Desk:
    """One for each transaction. Only the permits that were touched are judged again."""

    def __init__(self, transaction: Transaction):
        self._transaction = transaction
        self._held: dict[Key, CrossingState] = {}
        self._before: dict[Key, CrossingState] = {}  # as stored; a crossing that is new has none
        self._permits: set[str] = set()
        self._alone: set[Key] = set()
        self._cards: dict[str, Body] = {}
        self._moved: set[int] = set()  # boards of which something new may say where their holes lie

    def add_new(self, states: list[CrossingState]) -> None:
        """Take crossings that just arrived and find their permits."""
        cards = self._know_cards({state.card_uid for state in states if state.card_uid})
        for state in states:
            self._held[_key(state)] = state
            self._moved.add(state.board)
            if state.card_uid in cards:
                state.permit = cards[state.card_uid]["application_id"]
            self._touch(state)

    def find(self, board: int, epoch: int, seqs: set[int]) -> dict[int, CrossingState]:
        """Return those of a board's sequences that are crossings, new or stored, by sequence."""
        missing = [seq for seq in seqs if (board, epoch, seq) not in self._held]
        self._hold(self._transaction.crossings.of_board(board, epoch, missing))
        found = {seq: self._held.get((board, epoch, seq)) for seq in seqs}
        return {seq: state for seq, state in found.items() if state}

    def between(self, board: int, epoch: int, first_seq: int, last_seq: int) -> list[CrossingState]:
        """Return the crossings in a range of a board's sequences, new or stored, in sequence."""
        self._hold(self._transaction.crossings.between(board, epoch, first_seq, last_seq))
        seqs = (key[2] for key in self._held if key[:2] == (board, epoch) and first_seq <= key[2] <= last_seq)
        return [self._held[board, epoch, seq] for seq in sorted(seqs)]

    def later(self, board: int, epoch: int, order_utc_s: int) -> list[CrossingState]:
        """Return the crossings of a board, new or stored, whose order is later than an instant."""
        self._hold(self._transaction.crossings.later(board, epoch, order_utc_s))
        ours = [state for key, state in self._held.items() if key[:2] == (board, epoch)]
        return [state for state in ours if state.order_utc_s > order_utc_s]

    def time_changed(self, state: CrossingState) -> None:
        """Note that a held crossing was at another time."""
        self._moved.add(state.board)
        self._touch(state)

    def outcome_came(self, state: CrossingState) -> None:
        """Note that a held crossing has another outcome."""
        self._touch(state)

    def records_came(self, board: int) -> None:
        """Note that there are new records of a board, be they crossings or not."""
        self._moved.add(board)

    def applications_changed(self, application_ids: set[str]) -> None:
        """Note permits whose application changed."""
        self._permits |= application_ids

    def cards_changed(self, permits_by_uid: dict[str, str]) -> None:
        """Note cards that changed, with the permit to which each belongs now."""
        for state in self._hold(self._transaction.crossings.of_cards(permits_by_uid)):
            if state.permit:
                self._permits.add(state.permit)
            state.permit = permits_by_uid[state.card_uid]
            self._permits.add(state.permit)

    def settle(self) -> int:
        """Judge what was touched, store what changed and add it to the feed; return how many crossings did."""
        body = self._transaction.knowledge.get("policy", [""]).get("")
        policy, complete = policy_of(body), Completeness(self._transaction, body)
        holes, touched = measured(self._transaction, self._held, self._moved)
        self._permits |= touched
        self._hold(self._transaction.crossings.of_permits(self._permits))
        by_permit: dict[str, list[CrossingState]] = defaultdict(list)
        for state in self._held.values():
            if state.permit in self._permits:
                by_permit[state.permit].append(state)
        applications = self._transaction.knowledge.get("application", by_permit)
        cards = self._know_cards({state.card_uid for states in by_permit.values() for state in states})
        twice: dict[Key, Key] = {}
        for permit, states in by_permit.items():
            application = applications.get(permit)
            twice |= judge_permit(states, application, cards, policy, holes, complete.until(application))
        for key in self._alone:
            judge_alone(self._held[key], policy)
        changed = self._publish()
        facts = Facts(cards, applications, policy.version, twice)
        ask_of_crossings(self._transaction, changed, self._before, facts)
        return len(changed)

    def _know_cards(self, uids: set[str]) -> dict[str, Body]:
        """Return what is known of cards, by UID: of these, and of those that were asked for before."""
        self._cards |= self._transaction.knowledge.get("card", uids - self._cards.keys())
        return self._cards

    def _touch(self, state: CrossingState) -> None:
        if state.permit:
            self._permits.add(state.permit)
        else:
            self._alone.add(_key(state))

    def _hold(self, states: list[CrossingState]) -> list[CrossingState]:
        """Return the states as held here: what this transaction changed already stays changed."""
        for state in states:
            if _key(state) not in self._held:
                self._held[_key(state)] = state
                self._before[_key(state)] = state.copied()
        return [self._held[_key(state)] for state in states]

    def _publish(self) -> list[CrossingState]:
        """Give every new or changed crossing its place in the feed, in the order of time; return them."""
        changed = [state for key, state in self._held.items() if self._differs(key, state)]
        changed.sort(key=lambda state: state.key)
        if not changed:
            return []
        first = self._transaction.log.position() + 1
        for position, state in enumerate(changed, start=first):
            state.position = position
        new = [state for state in changed if _key(state) not in self._before]
        # Each block is what a processor does while the database takes the rows.
        with self._transaction.crossings.adding(new):
            rows = [(state.position, state.body()) for state in changed]
        with self._transaction.log.adding_feed(rows):
            self._transaction.tree.append([state_entry(*row) for row in rows])
            moved = moves(changed, self._before)
        self._transaction.tally.move(moved)
        self._transaction.crossings.change([state for state in changed if _key(state) in self._before])
        return changed

    def _differs(self, key: Key, state: CrossingState) -> bool:
        """Return True if the office or another gateway has to hear of it: by what is shown, or what orders it."""
        before = self._before.get(key)
        if before is None or state == before:
            return before is None
        return before.outcome_seq != state.outcome_seq or not (state.looks_like(before) and state.same_time(before))


def _key(state: CrossingState) -> Key:
    return state.board, state.epoch, state.seq
