"""The yearly settlement of travel costs: integers in minor units, so that every sum is exact."""

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from gateway.contract.programmes import (
    WHOLE_PERMILLE,
    Balance,
    Cost,
    CostBody,
    CurrencySettlement,
    Settlement,
    SettlementRow,
    Territory,
)

# Who bears a journey where nothing else was agreed: each side what is travelled on its own territory; what lies
# between is halved.
HOST_PERMILLE = {"sending": 0, "host": WHOLE_PERMILLE, "transit": 500}
TERRITORIES: tuple[Territory, ...] = get_args(Territory)


def shared(cost_id: str, cost: CostBody) -> Cost:
    """Return a cost with both shares; a minor unit that does not divide is the sending side's."""
    permille = HOST_PERMILLE[cost.territory] if cost.host_permille is None else cost.host_permille
    host = cost.minor_units * permille // WHOLE_PERMILLE
    given = cost.model_dump() | {"host_permille": permille}
    return Cost(**given, cost_id=cost_id, host_minor_units=host, sending_minor_units=cost.minor_units - host)


def settle(year: int, costs: Iterable[Cost]) -> Settlement:
    """Return a year's report: by currency a row a territory, their total, and what one side owes the other."""
    by_currency: dict[str, list[Cost]] = {}
    for cost in costs:
        by_currency.setdefault(cost.currency, []).append(cost)
    return Settlement(year=year, currencies=[_currency(name, by_currency[name]) for name in sorted(by_currency)])


def _currency(currency: str, costs: list[Cost]) -> CurrencySettlement:
    rows = [_row(name, [cost for cost in costs if cost.territory == name]) for name in TERRITORIES]
    total = _row("all", costs)
    owed_by_host = total.host_bears - total.host_paid
    owes: Literal["sending", "host", ""] = "host" if owed_by_host > 0 else "sending" if owed_by_host < 0 else ""
    balance = Balance(owes=owes, minor_units=abs(owed_by_host))
    return CurrencySettlement(currency=currency, rows=rows, total=total, balance=balance)


def _row(territory: Territory | Literal["all"], costs: Sequence[Cost]) -> SettlementRow:
    return SettlementRow(
        territory=territory,
        costs=len(costs),
        minor_units=sum(cost.minor_units for cost in costs),
        sending_bears=sum(cost.sending_minor_units for cost in costs),
        host_bears=sum(cost.host_minor_units for cost in costs),
        sending_paid=sum(cost.minor_units for cost in costs if cost.paid_by == "sending"),
        host_paid=sum(cost.minor_units for cost in costs if cost.paid_by == "host"),
    )


def written(minor_units: int) -> str:
    """Return an amount as people write it, in units of a hundred: 123456 is 1,234.56."""
    sign = "-" if minor_units < 0 else ""
    return f"{sign}{abs(minor_units) // 100:,}.{abs(minor_units) % 100:02d}"
