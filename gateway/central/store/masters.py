"""Which master keys of cards there were: a fingerprint each. The keys themselves are in no store."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from gateway.central.store.put import Put
from gateway.central.store.tables import ABOUT

_PREFIX = "card-master/"
_PUT = Put(ABOUT)
_ALL = select(ABOUT.c.name, ABOUT.c.value).where(ABOUT.c.name.startswith(_PREFIX))


class MasterRows:
    """Fingerprints by the name of a key; one that is there stays."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def all(self) -> dict[str, str]:
        """Return the fingerprints."""
        return {name.removeprefix(_PREFIX): value for name, value in self._connection.execute(_ALL)}

    def put(self, fingerprints: Mapping[str, str]) -> None:
        """Write fingerprints of new keys."""
        _PUT.run(self._connection, [{"name": _PREFIX + name, "value": value} for name, value in fingerprints.items()])
