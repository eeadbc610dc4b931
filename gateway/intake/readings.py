"""Readings of cards' own messages: each counts one up, so two out of order ask a question about the card."""

from gateway.review.flags import about_card, raise_flag
from gateway.store.counters import Seen
from gateway.store.store import Store

OUT_OF_ORDER = "counter-out-of-order"


def see(store: Store, card_uid: str, seen: Seen, now_s: int) -> bool:
    """Keep a reading of a card's message; return False, with a question about the card, when the counter did not rise:
    the message was recorded and played again, or two cards sign as one."""
    with store.transaction():
        newest = store.counters.newest(card_uid)
        if newest is None or seen.counter > newest.counter:
            store.counters.keep(card_uid, seen)
            return True
        raise_flag(store, about_card(OUT_OF_ORDER, card_uid), now_s, f"{seen.counter} after {newest.counter}")
        return False


def compare(store: Store, card_uid: str, seen: Seen) -> str:
    """Hold the reading in a record, within its transaction, against the newest; return what is wrong, "" when nothing.

    Readings count up with time, wherever they were made and in whatever order their records come.
    """
    newest = store.counters.newest(card_uid)
    if newest is None or seen.counter > newest.counter:
        store.counters.keep(card_uid, seen)
    if newest is None or (seen.counter - newest.counter) * (seen.utc_s - newest.utc_s) >= 0:
        return ""
    first, last = sorted((newest, seen), key=lambda one: one.utc_s)
    return f"{last.counter} after {first.counter}"
