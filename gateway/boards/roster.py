"""Keeps the roster of every board: computes the entries of permits that changed, a few at a time."""

import hashlib

from checkpost import permit as grants
from checkpost.roster import TAG_SIZE
from checkpost.roster_pack import pack_entry, pack_removed, with_slot
from gateway.contract import Card, CrossingPoint, zone_of
from gateway.intake.judging import Judging
from gateway.keys import KeyStore
from gateway.store.store import Store
from gateway.verdict.facts import card_of

AT_ONCE = 50  # permits a transaction: some 20 ms, so that a tap does not wait long behind it


class RosterKeeper:
    """Writes the rosters of the boards of this gateway."""

    def __init__(self, store: Store, keys: KeyStore | None = None):
        """`keys`: those that go with the cards, None: none."""
        self._store = store
        self._keys = keys or KeyStore()

    def refresh(self, now_s: int) -> int:
        """Compute the entries of up to AT_ONCE permits that changed; return how many, 0 when all are up to date."""
        known = self._store.knowledge.lanes()
        digest = self._keys.digest()
        scopes = {board: f"{point.code} {point.kind} {point.zone} keys {digest}" for board, point in known.items()}
        held = self._store.rosters.scopes()
        moved = [board for board, scope in scopes.items() if held.get(board) != scope]
        if not moved and not self._store.rosters.due(1):
            return 0
        with self._store.transaction():
            for board in moved:
                self._store.rosters.set_scope(board, scopes[board])
            if moved:
                self._store.rosters.mark_due(self._store.knowledge.permit_ids())
            due = self._store.rosters.due(AT_ONCE)
            judging = Judging(self._store, now_s)
            for application_id in due:
                self._refresh_permit(application_id, known, judging, now_s)
            self._store.rosters.clear_due(due)
        return len(due) + len(moved)

    def _refresh_permit(
        self, application_id: str, places: dict[int, CrossingPoint], judging: Judging, now_s: int
    ) -> None:
        facts = judging.facts_of_roster(application_id)
        permit = facts.permit
        cards = self._store.knowledge.cards_of(application_id) if permit else []
        usage = judging.usage(application_id, facts) if cards else None
        tag = hashlib.sha256(application_id.encode()).digest()[:TAG_SIZE]
        keys = self._live_keys(application_id, cards, now_s) if permit and permit.approved(now_s) else {}
        held = self._store.rosters.entries_of(application_id)
        for board, point in places.items():
            wanted = {}
            if permit and usage and lists(permit, point):
                for card in cards:
                    uid, key = bytes.fromhex(card.card_uid), keys.get(card.card_uid)
                    of_card = (key, card.key_version) if key else ()
                    said = (card_of(card), permit, usage, tag, point.code, point.zone)
                    wanted[card.card_uid] = pack_entry(uid, *said, *of_card)
            self._write(board, application_id, held.get(board, {}), wanted)

    def _live_keys(self, application_id: str, cards: list[Card], now_s: int) -> dict[str, bytes | None]:
        """Return, by UID, the keys that prove cards at the boards that list them; none for a blocked card."""
        open_cards = [card for card in cards if not card_of(card).blocked(now_s)]
        application = self._store.knowledge.application(application_id) if open_cards else None
        return {
            card.card_uid: self._keys.live_key(
                zone_of(card, application), bytes.fromhex(card.card_uid), card.key_version
            )
            for card in open_cards
        }

    def _write(
        self, board: int, application_id: str, held: dict[str, tuple[bytes, int]], wanted: dict[str, bytes]
    ) -> None:
        """Write what differs of a board's entries of a permit. `held`: entries and their slots."""
        for card_uid, content in wanted.items():
            entry, slot = held.get(card_uid, (None, 0))
            slot = slot or self._store.rosters.slot(board, card_uid)
            new = with_slot(content, slot)
            if entry != new:
                self._store.rosters.put(board, card_uid, application_id, new, removed=False, slot=slot)
        for card_uid, (before, _) in held.items():
            gone = pack_removed(bytes.fromhex(card_uid))
            if card_uid not in wanted and before != gone:
                self._store.rosters.put(board, card_uid, application_id, gone, removed=True)


def lists(permit: grants.Permit, point: CrossingPoint) -> bool:
    """Return True if a permit belongs on the roster of a board at `point`: no list is all points, or all zones."""
    if point.kind == grants.POINT_KINDS[grants.BORDER]:
        return not permit.points or point.code in permit.points
    return not permit.zones or point.zone in permit.zones
