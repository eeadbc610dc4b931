"""What gateways are told besides knowledge: border crossings wherever they were, and up to when none can be missing."""

from checkpost.anchor import CLOCKS
from checkpost.permit import POINT_KINDS
from checkpost.record import ASSURANCES, DIRECTIONS, OUTCOMES
from checkpost.source import SOURCES
from gateway.central.completeness import lanes
from gateway.central.crossing import CrossingState
from gateway.central.knowledge import Registry, changes_within
from gateway.central.store import Store, Transaction
from gateway.contract import MAX_PAGE, Changes, Elsewhere, Hole, hole_mark


class Telling:
    """Answers gateways that ask for what is new."""

    def __init__(self, store: Store, registry: Registry):
        self._store = store
        self._registry = registry
        self._newest = -1, 0, 0  # at which ring of the bell: the newest revision, the newest position to tell of
        self._places: tuple[int, list[tuple[str, str]]] = (-1, [])  # of which revision, (point, gateway) of each board

    def changes(self, after: int, gateway: str | None, position: int | None, holes: str | None = None) -> Changes:
        """Return what changed since revision `after`; with a `position` also crossings that changed since that one.

        `holes`: the mark of those that the gateway has; all are told where it is another.
        A gateway gets its own crossings too: one whose store was lost has them from here.
        """
        if position is None:
            return self._registry.changes(after, gateway)
        with self._store.read() as transaction:
            found = changes_within(transaction, after, gateway)
            states = transaction.crossings.to_tell(position, MAX_PAGE)
            newest = transaction.log.position()
            complete_to = self._complete_to(transaction)
            told_holes = holes_of(transaction) if holes is not None else []
        full = len(states) == MAX_PAGE
        told = {
            "crossings": [elsewhere(state) for state in states],
            "position": states[-1].position if full else newest,
            "complete_to": complete_to,
            "more": found.more or full,
            "holes": told_holes if holes is not None and hole_mark(told_holes) != holes else None,
        }
        return found.model_copy(update=told)

    def news(self, rings: int, after: int, position: int | None) -> bool:
        """Return True if something changed since revision `after`, or a crossing to tell of since `position`.

        `rings`: of the bell, noted before this: all whom one ring woke are answered from one look at the store.
        """
        newest = self._newest
        if newest[0] != rings:
            with self._store.read() as transaction:
                newest = rings, transaction.knowledge.revision(), transaction.crossings.newest_to_tell()
            self._newest = newest
        return newest[1] > after or (position is not None and newest[2] > position)

    def _complete_to(self, transaction: Transaction) -> dict[str, int]:
        """Return for each point with a board up to when its crossings are all here: what its gateways vouch for."""
        vouched = transaction.vouched.all()
        found: dict[str, int] = {}
        for code, gateway in self._places_now(transaction):
            until_s = vouched.get(gateway, 0)
            found[code] = min(found.get(code, until_s), until_s)
        return found

    def _places_now(self, transaction: Transaction) -> list[tuple[str, str]]:
        """Return (point, gateway) of every board, read again when knowledge changed."""
        revision = transaction.knowledge.revision()
        if self._places[0] != revision:
            self._places = revision, lanes(transaction)
        return self._places[1]


def holes_of(transaction: Transaction) -> list[Hole]:
    """Return every hole whose span is known."""
    return [Hole(**vars(row)) for row in transaction.holes.all() if row.after_s is not None]


def elsewhere(state: CrossingState) -> Elsewhere:
    """Return a crossing as another gateway needs it: the facts of the rules, no verdict."""
    said = {
        "board": state.board,
        "epoch": state.epoch,
        "seq": state.seq,
        "crossing_point": state.crossing_point,
        "card_uid": state.card_uid,
        "order_s": state.order_utc_s,
        "utc_s": state.utc_s,
        "offset": state.offset_quarters,
        "clock": CLOCKS[state.trust],
        "uncertainty": state.uncertainty,
        "direction": DIRECTIONS[state.direction],
        "party": state.party,
        "assurance": ASSURANCES[state.assurance],
        "genuine": bool(state.genuine),
        "outcome": OUTCOMES[state.outcome],
        "source": SOURCES[state.source],
        "corrected": state.corrected_names(),
        "kind": POINT_KINDS[state.kind],
    }
    return Elsewhere.model_validate(said)
