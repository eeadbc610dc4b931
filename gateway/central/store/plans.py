"""Rows of yearly plans, and the places in them: taken and given back by one statement each."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, select, update

from gateway.central.store.parts import within
from gateway.central.store.put import Put
from gateway.central.store.tables_programmes import CONTRACTS, PLANS

_PUT = Put(PLANS, newest=["changed_on", "trainees", "workers"])
CANCELLED = "cancelled"


@dataclass(frozen=True)
class PlanRow:
    """A department's year: its places, and how many of them are approved."""

    year: int
    department: str
    submitted_on: str
    changed_on: str
    trainees: int
    workers: int
    trainees_approved: int = 0
    workers_approved: int = 0


class PlanRows:
    """`kind`: trainee or worker."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def put(self, row: PlanRow) -> None:
        """Add a plan, or change its places; the day on which it was first handed in stays."""
        _PUT.run(self._connection, [asdict(row)])

    def get(self, year: int, department: str) -> PlanRow | None:
        """Return a department's plan."""
        at = (PLANS.c.year == year) & (PLANS.c.department == department)
        row = self._connection.execute(select(PLANS).where(at)).first()
        return PlanRow(*row) if row else None

    def of_years(self, first: int, last: int) -> list[PlanRow]:
        """Return the plans of some years, by year and department."""
        query = select(PLANS).where(PLANS.c.year.between(first, last)).order_by(PLANS.c.year, PLANS.c.department)
        return [PlanRow(*row) for row in self._connection.execute(query)]

    def take(self, year: int, department: str, kind: str) -> bool:
        """Take a place; return False when none is left. Of two who ask at once, one gets the last."""
        places, approved = PLANS.c[f"{kind}s"], PLANS.c[f"{kind}s_approved"]
        at = (PLANS.c.year == year) & (PLANS.c.department == department) & (approved < places)
        order = update(PLANS).where(at).values({approved: approved + 1})
        return self._connection.execute(order).rowcount > 0

    def give_back(self, year: int, department: str, kind: str) -> None:
        """Give a place back that was taken."""
        approved = PLANS.c[f"{kind}s_approved"]
        at = (PLANS.c.year == year) & (PLANS.c.department == department) & (approved > 0)
        self._connection.execute(update(PLANS).where(at).values({approved: approved - 1}))

    def asked(self, first: int, last: int) -> dict[tuple[int, str, str], int]:
        """Return how many contracts ask for a place in some years, by (year, department, kind)."""
        columns = (CONTRACTS.c.year, CONTRACTS.c.department, CONTRACTS.c.kind)
        query = select(*columns, func.count()).where(
            CONTRACTS.c.year.between(first, last), CONTRACTS.c.state != CANCELLED
        )
        rows = self._connection.execute(query.group_by(*columns))
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    def submitted(self, first: str, last: str) -> list[PlanRow]:
        """Return the plans that were handed in from one day to another."""
        query = select(PLANS).where(within(PLANS.c.submitted_on, first, last))
        return [PlanRow(*row) for row in self._connection.execute(query.order_by(PLANS.c.year, PLANS.c.department))]
