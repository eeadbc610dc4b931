"""Up to when each gateway vouches that the centre holds all that its boards wrote, and what that means for points."""

import json

from sqlalchemy import Connection, bindparam, select

from gateway.central.store.ask import Ask
from gateway.central.store.put import Put
from gateway.central.store.tables import ABOUT

_PREFIX = "vouched/"
_SETTLED = "settled/"
_POINTS = "complete_to"
_ONE = Ask(select(ABOUT.c.value).where(ABOUT.c.name == bindparam("name")))  # each batch asks it
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
        self._put(_PREFIX + gateway, str(until_s))

    def points(self) -> dict[str, int | None]:
        """Return for each border point up to when its crossings are all here; None: nobody ever vouched for it."""
        found: dict[str, int | None] = json.loads(self._one(_POINTS) or "{}")
        return found

    def put_points(self, points: dict[str, int | None]) -> None:
        """Write the instants of all border points."""
        self._put(_POINTS, json.dumps(points, sort_keys=True))

    def settled(self, gateway: str) -> int | None:
        """Return the order of time up to which verdicts were judged with all of a gateway's news; None: not yet."""
        found = self._one(_SETTLED + gateway)
        return None if found is None else int(found)

    def put_settled(self, gateway: str, until_s: int) -> None:
        """Write that order of time."""
        self._put(_SETTLED + gateway, str(until_s))

    def _one(self, name: str) -> str | None:
        found: str | None = _ONE.value(self._connection, name=name)
        return found

    def _put(self, name: str, value: str) -> None:
        _PUT.run(self._connection, [{"name": name, "value": value}])
