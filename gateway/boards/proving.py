"""What a board is given to prove the queried card: its key, or what its own signed message says."""

from functools import partial

from checkpost import cardkeys, record, sun
from checkpost.proofs import CardCounter, CardKey, Sun
from checkpost.upward import Query
from gateway.boards.query import OfCard
from gateway.intake.readings import see
from gateway.parts import Parts
from gateway.store.counters import Seen
from gateway.worker import URGENT


class Proving:
    """One board's queries; the same query may come twice, when the turn that answered it was lost."""

    def __init__(self, parts: Parts):
        self._parts = parts
        self._vouched: tuple[int, bytes] | None = None  # query and PICCData that were found good

    async def messages(self, query: Query, of_card: OfCard, message: Sun | None) -> list[object]:
        """Return what goes before the answer to a query about a card that may be proven."""
        policy = self._parts.view.policy
        asked = record.ASSURANCES.index(policy.assurance) if policy else record.LIVE
        if asked == record.LIVE:
            key = self._parts.keys.live_key(of_card.zone, of_card.uid, of_card.key_version)
            return [CardKey(query.query_id, cardkeys.LIVE, of_card.key_version, key)] if key else []
        if asked == record.SUN and message is not None and message.query_id == query.query_id:
            counter = await self._vouch(query, of_card, message)
            return [] if counter is None else [CardCounter(query.query_id, counter)]
        return []

    async def _vouch(self, query: Query, of_card: OfCard, message: Sun) -> int | None:
        """Return the counter of a message that the card signed anew, else None."""
        keys = self._parts.keys.sun_keys(of_card.zone, of_card.uid, of_card.key_version)
        counter = sun.verify(message.picc_data, message.mac, of_card.uid, *keys) if keys else None
        if counter is None or self._vouched == (query.query_id, message.picc_data):
            return counter
        seen = Seen(counter, record.unpack(query.record).seconds)
        note = partial(see, card_uid=of_card.uid.hex().upper(), seen=seen, now_s=self._parts.now_s())
        if not await self._parts.writer.run(URGENT, note):
            return None
        self._vouched = (query.query_id, message.picc_data)
        return counter
