"""Which card a slot of a board's roster stands for: what compact batches name cards by."""

from gateway.store.store import Store


class SlotBook:
    """Slots of all boards, in the event loop's thread. A slot is given once and never changes its card."""

    def __init__(self) -> None:
        self.wanted = False  # set by whoever hears compact batches: the book is empty without
        self.roster_id = 0
        self._cards: dict[int, dict[int, bytes]] = {}

    def card_of(self, board: int, roster_id: int, slot: int) -> bytes:
        """Return the UID in a slot of a roster, b"" where none is known: for `GatewayLink(cards=...)`."""
        return self._cards.get(board, {}).get(slot, b"") if roster_id == self.roster_id else b""

    def counts(self) -> dict[int, int]:
        """Return the newest slot known, by board."""
        return {board: max(cards) for board, cards in self._cards.items() if cards}

    def learn(self, roster_id: int, news: list[tuple[int, int, str]]) -> None:
        """Take (board, slot, card UID) that are new; another roster begins anew."""
        if roster_id != self.roster_id:
            self._cards = {}
        self.roster_id = roster_id
        for board, slot, card_uid in news:
            self._cards.setdefault(board, {})[slot] = bytes.fromhex(card_uid)


def new_slots(store: Store, known: dict[int, int], boards: list[int]) -> list[tuple[int, int, str]]:
    """Return (board, slot, card UID) beyond what is known."""
    return [
        (board, slot, uid) for board in boards for slot, uid in store.rosters.slots_after(board, known.get(board, 0))
    ]
