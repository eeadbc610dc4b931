"""Up to when no use of a permit can be missing here: what the gateways of its border points vouch for."""

from collections.abc import Mapping
from typing import Any

from gateway.central.store import Transaction
from gateway.contract import CONSOLE_LANE, Policy

Body = Mapping[str, Any]


class Completeness:
    """Asks the store once, when the first permit is asked about."""

    def __init__(self, transaction: Transaction, policy: Body | None):
        """`policy`: the one in force; None: the domain's defaults."""
        self._transaction = transaction
        self._age_s = history_age_s(policy)
        self._points: dict[str, int | None] | None = None

    def until(self, application: Body | None) -> int | None:
        """Return the order of time (Unix UTC s) up to which all use of a permit is here; None: nothing is missing.

        It is the rule of the gateways: the permit's border points count, or all where it names none. A point whose
        gateways never vouched is not waited for.
        """
        if application is None:
            return None
        if self._points is None:
            self._points = self._transaction.vouched.points()
        named = [code for code in application["crossing_points"] if code in self._points] or self._points
        known = [until_s for code in named if (until_s := self._points[code]) is not None]
        return min(known) + self._age_s if known else None


def history_age_s(policy: Body | None) -> int:
    """Return how old, in seconds, news of a point may be by a policy."""
    age_s = policy.get("history_max_age_s") if policy else None
    return Policy().history_max_age_s if age_s is None else int(age_s)


def lanes(transaction: Transaction) -> list[tuple[str, str]]:
    """Return (point, gateway) of every board that stands at a lane: what is typed at a console may be of any time."""
    boards = transaction.knowledge.all("board")
    return [(body["crossing_point"], body["gateway"]) for body in boards if body["lane"] != CONSOLE_LANE]
