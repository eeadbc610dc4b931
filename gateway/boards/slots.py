"""Which card a slot of a board's roster stands for: what compact batches name cards by."""

from gateway.store.store import Store


class SlotBook:
    """Slots of all boards, in the event loop's thread. A slot is given once and never changes its card."""

    def __init__(self) -> None:
        self.wanted = False  # set by whoever hears compact batches: the book is empty without
        self.roster_id = 0
        self._cards: dict[int, dict[int, bytes]] = {}
        self._revisions: dict[int, int] = {}  # of each board's roster as it was learned

    def card_of(self, board: int, roster_id: int, slot: int) -> bytes:
        """Return the UID in a slot of a roster, b"" where none is known: for `GatewayLink(cards=...)`."""
        return self._cards.get(board, {}).get(slot, b"") if roster_id == self.roster_id else b""

    def behind(self, roster_id: int, revisions: dict[int, int]) -> dict[int, int]:
        """Return the newest slot known, by board, of those whose roster has another revision than was learned.

        A slot is never given without a new revision. `revisions`: by board, as they are now.
        """
        learned, cards = (self._revisions, self._cards) if roster_id == self.roster_id else ({}, {})
        moved = [board for board, revision in revisions.items() if learned.get(board) != revision]
        return {board: max(cards.get(board, {}), default=0) for board in moved}

    def learn(self, roster_id: int, revisions: dict[int, int], news: list[tuple[int, int, str]]) -> None:
        """Take (board, slot, card UID) that are new, and the revisions with which they were asked for.

        Another roster begins anew.
        """
        if roster_id != self.roster_id:
            self._cards = {}
        self.roster_id, self._revisions = roster_id, dict(revisions)
        for board, slot, card_uid in news:
            self._cards.setdefault(board, {})[slot] = bytes.fromhex(card_uid)


def new_slots(store: Store, known: dict[int, int]) -> list[tuple[int, int, str]]:
    """Return (board, slot, card UID) beyond the newest slot known of each board in `known`."""
    return [
        (board, slot, uid) for board, after in known.items() for slot, uid in store.rosters.slots_after(board, after)
    ]
