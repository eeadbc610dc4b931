"""Whose retention is over: everyone whom the centre knows, looked through once."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from checkpost.dates import parse_date
from gateway.central.rights.retention import RETENTION_DAYS, ends_after
from gateway.central.rights.subject import Subject
from gateway.central.store import Transaction


@dataclass
class _Known:
    """What decides on one person."""

    applications: list[dict[str, Any]] = field(default_factory=list)
    cards: set[str] = field(default_factory=set)
    last_day: int | None = None

    def crossed(self, day: int) -> None:
        self.last_day = day if self.last_day is None else max(day, self.last_day)


def due(transaction: Transaction, today: int) -> list[Subject]:
    """Return everyone whose data are kept until a day before `today` (a local day), in the order of their numbers."""
    policy = transaction.knowledge.get("policy", [""]).get("", {})
    days = policy.get("retention_days", RETENTION_DAYS)
    over = [
        (name, known)
        for name, known in sorted(_everyone(transaction).items())
        if (end := ends_after(known.applications, known.last_day, days)) is not None and end < today
    ]
    return [
        Subject(
            frozenset(body["applicant_ref"] for body in known.applications) - {""} | _ref(transaction, name),
            frozenset(body["application_id"] for body in known.applications),
            frozenset(known.cards),
        )
        for name, known in over
    ]


def _ref(transaction: Transaction, name: str) -> frozenset[str]:
    return frozenset((name,)) if transaction.holdings.known(name) else frozenset()


def _everyone(transaction: Transaction) -> dict[str, _Known]:
    """Return everyone by their reference, or by the number of the only application, or the card that nobody issued."""
    found: dict[str, _Known] = defaultdict(_Known)
    owner: dict[str, str] = {}
    for body in transaction.knowledge.all("application"):
        owner[str(body["application_id"])] = str(body["applicant_ref"] or body["application_id"])
        found[owner[body["application_id"]]].applications.append(body)
    holder: dict[str, str] = {}
    for card in transaction.knowledge.all("card"):
        holder[str(card["card_uid"])] = owner.get(card["application_id"], str(card["application_id"]))
        found[holder[card["card_uid"]]].cards.add(str(card["card_uid"]))
    for uid, permit, day in transaction.crossings.last_days():
        known = found[holder.get(uid) or owner.get(permit) or uid]
        known.cards.add(uid)
        known.crossed(day)
    for ref, application, date in transaction.holdings.last_days():
        found[ref or owner.get(application) or application].crossed(parse_date(date))
    return dict(found)
