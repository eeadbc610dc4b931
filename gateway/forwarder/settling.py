"""What became of something that waited in the outbox, each in a transaction of its own."""

from gateway.store.store import Store


def forget(store: Store, ids: list[int]) -> None:
    """Forget what the centre has."""
    with store.transaction():
        store.outbox.done(ids)


def set_aside(store: Store, number: int, detail: str) -> None:
    """Keep what the centre refuses, with its reason; it is not sent again."""
    with store.transaction():
        store.outbox.refuse(number, detail)
