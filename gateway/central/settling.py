"""Takes a gateway's word that all is here, and judges what waited for it."""

from collections.abc import Callable

from gateway.central.completeness import history_age_s, lanes
from gateway.central.desk import Desk
from gateway.central.store import Store, Transaction

VOUCH_EVERY_S = 30  # a gateway's word is written down this often: each costs a transaction
AT_ONCE = 200  # crossings judged again in a transaction: some 50 ms
ROUNDS = 20  # transactions behind one word; what is left follows with the next


class Settling:
    """Keeps for each gateway the instant that it vouched for, and up to where the verdicts behind it were judged."""

    def __init__(self, store: Store, now_s: Callable[[], int]):
        """`now_s`: Unix UTC: nobody vouches for what is to come."""
        self._store = store
        self._now_s = now_s
        self._vouched: dict[str, int] = {}  # by gateway: an instant that is written down, or an earlier one

    def vouched(self, gateway: str, until_s: int) -> None:
        """Take a gateway's word that up to `until_s` (Unix UTC) the centre holds all that its boards wrote."""
        until_s = min(until_s, self._now_s())
        if until_s - self._vouched.get(gateway, 0) < VOUCH_EVERY_S:
            return  # what is written down is at least that
        with self._store.read() as transaction:
            before = transaction.vouched.all().get(gateway, 0)
        if until_s - before >= VOUCH_EVERY_S:
            self._take(gateway, until_s)
            before = until_s
        self._vouched[gateway] = before

    def _take(self, gateway: str, until_s: int) -> None:
        with self._store.write() as transaction:
            transaction.vouched.put(gateway, until_s)
            transaction.vouched.put_points(points_vouched(transaction))
            more = self._settle(transaction, gateway, until_s)
        for _ in range(ROUNDS - 1):
            if not more:
                return
            with self._store.write() as transaction:
                more = self._settle(transaction, gateway, until_s)

    def _settle(self, transaction: Transaction, gateway: str, vouched_s: int) -> bool:
        """Judge some of what lacked news of this gateway's boards that are here now; return False if nothing did."""
        until_s = vouched_s + history_age_s(transaction.knowledge.get("policy", [""]).get(""))
        from_s = transaction.vouched.settled(gateway)  # None: before its first word nothing waited for it
        found = [] if from_s is None else transaction.crossings.waiting(from_s, until_s, AT_ONCE)
        if found:
            desk = Desk(transaction)
            desk.applications_changed({permit for permit, _ in found})
            desk.settle()
        transaction.vouched.put_settled(gateway, found[-1][1] if found else until_s)
        return bool(found)


def points_vouched(transaction: Transaction) -> dict[str, int | None]:
    """Return for each border point up to when its crossings are all here; None: none of its gateways ever vouched."""
    vouched = transaction.vouched.all()
    points = transaction.knowledge.all("crossing_point")
    found: dict[str, int | None] = {body["code"]: None for body in points if body["kind"] == "border"}
    for code, gateway in lanes(transaction):
        until_s = vouched.get(gateway)
        if code in found and until_s is not None:
            before_s = found[code]
            found[code] = until_s if before_s is None else min(before_s, until_s)
    return found
