"""Up to when each gateway vouches that the centre holds all that its boards wrote."""

from sqlalchemy import Connection, select

from gateway.central.store.ask import Ask
from gateway.central.store.put import Put
from gateway.central.store.tables import ABOUT

_PREFIX = "vouched/"
_PUT = Put(ABOUT, newest=["value"])
_ALL = Ask(select(ABOUT.c.name, ABOUT.c.value).where(ABOUT.c.name.startswith(_PREFIX)))  # each poll asks it


class VouchedRows:
    """One instant a gateway, Unix UTC seconds."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def all(self) -> dict[str, int]:
        """Return the instants by gateway."""
        return {name.removeprefix(_PREFIX): int(value) for name, value in _ALL.run(self._connection)}

    def put(self, gateway: str, until_s: int) -> None:
        """Write a gateway's instant."""
        _PUT.run(self._connection, [{"name": _PREFIX + gateway, "value": str(until_s)}])
