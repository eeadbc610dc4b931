"""Travel costs of programmes, and the settlement of a year, which both sides hold once it is closed."""

from gateway.central.access import Caller
from gateway.central.cases.settlement import settle, shared
from gateway.central.cases.terms import year_of
from gateway.central.cases.wrong import check_past, not_valid
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.store import Store
from gateway.central.store.costs import CostRow, SettledRow
from gateway.contract.programmes import Cost, CostBody, Settlement


class Costs:
    """Reads and writes through one store."""

    def __init__(self, store: Store, time: OfficeTime):
        self._store = store
        self._time = time

    def put(self, cost_id: str, body: CostBody) -> Cost:
        """Enter a cost, or correct it; Problem when its year, or the one it was in before, is settled."""
        check_past("travelled_on", body.travelled_on, self._time.today())
        cost = shared(cost_id, body)
        row = CostRow(year=year_of(body.travelled_on), **cost.model_dump())
        with self._store.write() as transaction:
            if body.contract and not transaction.contracts.get([body.contract]):
                raise not_valid("contract", f"there is no contract {body.contract}")
            held = transaction.costs.get(cost_id)
            if held != row:
                for year in {row.year} | ({held.year} if held else set()):
                    if transaction.costs.settled(year):
                        detail = f"The year {year} is settled; what comes later belongs to the next settlement."
                        raise Problem(409, "year-settled", detail)
                transaction.costs.put(row)
        return cost

    def settlement(self, year: int) -> Settlement:
        """Return a year's report: as it was closed, or as it stands."""
        with self._store.read() as transaction:
            closed = transaction.costs.settled(year)
            rows = [] if closed else transaction.costs.of_year(year)
        return Settlement.model_validate_json(closed.report) if closed else settle(year, map(_cost, rows))

    def close(self, year: int, caller: Caller) -> Settlement:
        """Settle a year that is over; closed again, it stays as it is."""
        today = self._time.today()
        if year >= year_of(today):
            raise Problem(409, "year-not-over", f"The year {year} is not over; it is settled from {year + 1}-01-01 on.")
        with self._store.write() as transaction:
            closed = transaction.costs.settled(year)
            if closed:
                return Settlement.model_validate_json(closed.report)
            report = settle(year, map(_cost, transaction.costs.of_year(year)))
            report = report.model_copy(update={"closed_on": today, "closed_by": caller.name})
            transaction.costs.close(SettledRow(year, today, caller.name, report.model_dump_json()))
        return report


def _cost(row: CostRow) -> Cost:
    return Cost.model_validate({name: value for name, value in row.__dict__.items() if name != "year"})
