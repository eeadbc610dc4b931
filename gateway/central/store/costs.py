"""Rows of travel costs, and of the years that are settled."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from gateway.central.store.put import Put
from gateway.central.store.tables_programmes import COSTS, SETTLED

_PUT = Put(COSTS, newest=[column.name for column in COSTS.c if column.name != "cost_id"])
_CLOSE = Put(SETTLED)


@dataclass(frozen=True)
class CostRow:
    """A cost in minor units, and both sides' shares of it."""

    cost_id: str
    year: int
    contract: str | None
    travelled_on: str
    territory: str
    currency: str
    minor_units: int
    paid_by: str
    host_permille: int
    sending_minor_units: int
    host_minor_units: int


@dataclass(frozen=True)
class SettledRow:
    """A year that is settled: the report that both sides hold, as JSON text."""

    year: int
    closed_on: str
    closed_by: str
    report: str


class CostRows:
    """A settled year is written once and stays."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def put(self, row: CostRow) -> None:
        """Add a cost, or correct it."""
        _PUT.run(self._connection, [asdict(row)])

    def get(self, cost_id: str) -> CostRow | None:
        """Return a cost."""
        row = self._connection.execute(select(COSTS).where(COSTS.c.cost_id == cost_id)).first()
        return CostRow(*row) if row else None

    def of_year(self, year: int) -> list[CostRow]:
        """Return a year's costs, by number."""
        query = select(COSTS).where(COSTS.c.year == year).order_by(COSTS.c.cost_id)
        return [CostRow(*row) for row in self._connection.execute(query)]

    def settled(self, year: int) -> SettledRow | None:
        """Return a year's settlement, None while it is open."""
        row = self._connection.execute(select(SETTLED).where(SETTLED.c.year == year)).first()
        return SettledRow(*row) if row else None

    def close(self, row: SettledRow) -> None:
        """Settle a year; one that is settled stays as it is."""
        _CLOSE.run(self._connection, [asdict(row)])
