"""What the event loop needs to know of the store at any moment without asking it: keys, places, policy, revisions."""

from typing import NamedTuple

from gateway.boards.firmware import Wish
from gateway.contract import Board, CrossingPoint, Policy
from gateway.store.knowledge import POLICY
from gateway.store.store import ROSTER_ID, Store


class Held(NamedTuple):
    """Up to which sequence a board's epoch is held here, and what of that the centre holds."""

    seq: int
    centre_seq: int


class View(NamedTuple):
    """A moment of the store. `roster_due`: entries wait to be computed, so that no roster counts as current."""

    boards: dict[int, Board]
    points: dict[str, CrossingPoint]
    policy: Policy | None
    roster_id: int
    revisions: dict[int, int]
    roster_due: bool
    held: dict[tuple[int, int], Held]
    firmware: dict[int, Wish]

    def point_of(self, board: int) -> CrossingPoint | None:
        """Return the crossing point of a board, None while it is not known."""
        registered = self.boards.get(board)
        return self.points.get(registered.crossing_point) if registered else None

    def link_key(self, board: int) -> bytes | None:
        """Return the link key of a board, None for one that is not this gateway's."""
        registered = self.boards.get(board)
        return bytes.fromhex(registered.link_key) if registered else None


def look(store: Store) -> View:
    """Return the store as it is now; some ten short queries."""
    boards = {board.board: board for board in store.knowledge.boards()}
    revisions = store.rosters.revisions()
    chains = store.records.chains()
    values = store.knowledge.values(POLICY, ROSTER_ID)
    return View(
        boards=boards,
        points={point.code: point for point in store.knowledge.points()},
        policy=store.knowledge.policy_in(values.get(POLICY)),
        roster_id=int(values.get(ROSTER_ID, 0)),
        revisions={board: revisions.get(board, 0) for board in boards},
        roster_due=bool(store.rosters.due(1)),
        firmware=store.firmware.wishes(),
        held={(one.board, one.epoch): Held(one.seq, min(one.seq, one.centre_seq)) for one in chains},
    )
