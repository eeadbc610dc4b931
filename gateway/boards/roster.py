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
        permit = judging.facts(application_id).permit
        cards = self._store.knowledge.cards_of(application_id) if permit else []
        usage = judging.usage(application_id) if cards else None
        tag = hashlib.sha256(application_id.encode()).digest()[:TAG_SIZE]
        keys = {card.card_uid: self._key(card, now_s) for card in cards} if permit and permit.approved(now_s) else {}
        for board, point in places.items():
            wanted = {}
            if permit and usage and lists(permit, point):
                for card in cards:
                    uid, key = bytes.fromhex(card.card_uid), keys.get(card.card_uid)
                    of_card = (key, card.key_version) if key else ()
                    facts = (card_of(card), permit, usage, tag, point.code, point.zone)
                    wanted[card.card_uid] = pack_entry(uid, *facts, *of_card)
            self._write(board, application_id, wanted)

    def _key(self, card: Card, now_s: int) -> bytes | None:
        """Return the key that proves a card at the boards that list it; none for a blocked card."""
        if card_of(card).blocked(now_s):
            return None
        zone = zone_of(card, self._store.knowledge.application(card.application_id))
        return self._keys.live_key(zone, bytes.fromhex(card.card_uid), card.key_version)

    def _write(self, board: int, application_id: str, wanted: dict[str, bytes]) -> None:
        held = self._store.rosters.entries_of(board, application_id)
        for card_uid, content in wanted.items():
            slot = self._store.rosters.slot(board, card_uid)
            entry = with_slot(content, slot)
            if held.get(card_uid) != entry:
                self._store.rosters.put(board, card_uid, application_id, entry, removed=False, slot=slot)
        for card_uid, entry in held.items():
            gone = pack_removed(bytes.fromhex(card_uid))
            if card_uid not in wanted and entry != gone:
                self._store.rosters.put(board, card_uid, application_id, gone, removed=True)


def lists(permit: grants.Permit, point: CrossingPoint) -> bool:
    """Return True if a permit belongs on the roster of a board at `point`: no list is all points, or all zones."""
    if point.kind == grants.POINT_KINDS[grants.BORDER]:
        return not permit.points or point.code in permit.points
    return not permit.zones or point.zone in permit.zones
