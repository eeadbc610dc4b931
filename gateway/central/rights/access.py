"""Everything that is held on a person, in one file; who reads it, and why, is written down first."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from checkpost.calendar import DAY_S
from checkpost.dates import format_date, format_local
from gateway.central.access import Caller
from gateway.central.problems import Problem
from gateway.central.reads import Reads
from gateway.central.rights.erasing import needed
from gateway.central.rights.holders import Holder, crossings_of
from gateway.central.rights.retention import RETENTION_DAYS, ends_after
from gateway.central.rights.subject import Subject, find
from gateway.central.store import Store, Transaction
from gateway.contract.rights import Area, Held

WHAT = "everything that is held on a person"


class AccessOffice:
    """Reads through one store. `utc_s`: the time at which it is read."""

    def __init__(self, store: Store, utc_s: Callable[[], int], holders: Sequence[Holder], reads: Reads):
        self._store = store
        self._utc_s = utc_s
        self._holders = holders
        self._reads = reads
        folder = Path(__file__).resolve().parent / "templates"
        self._templates = Environment(loader=FileSystemLoader(folder), autoescape=select_autoescape())
        self._templates.filters["moment"] = lambda utc_s: format_local(utc_s, 0)[:19].replace("T", " ") + " UTC"

    def held(self, caller: Caller, key: str, purpose: str) -> Held:
        """Return it all; Problem when nobody is known so."""
        now_s = self._utc_s()
        with self._store.read() as transaction:
            subject = find(transaction, key)
            if not subject:
                raise Problem(404, "unknown-person", "Nobody is known by this reference, application or card.")
            parts = [part for one in self._holders for part in one.held(transaction, subject)]
            areas = [Area(name=name, rows=rows) for name, rows in parts]
            end = _kept_until(transaction, subject)
            against = needed(transaction, self._holders, subject)
        about = min(subject.refs or subject.applications or subject.cards)
        self._reads.note(caller, purpose, WHAT, sum(len(area.rows) for area in areas), about)
        return Held(
            references=sorted(subject.refs),
            applications=sorted(subject.applications),
            cards=sorted(subject.cards),
            at_s=now_s,
            purpose=purpose,
            read_by=caller.name,
            kept_until=None if end is None else format_date(end),
            needed=against,
            areas=areas,
        )

    def page(self, held: Held) -> str:
        """Return it as one page that needs nothing else, to be read and printed."""
        columns = {area.name: _columns(area.rows) for area in held.areas}
        return self._templates.get_template("held.html").render(held=held, columns=columns)


def _columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names under which some row says something."""
    found: dict[str, None] = {}
    for row in rows:
        found.update(dict.fromkeys(name for name, value in row.items() if value not in (None, "", [], {})))
    return list(found)


def _kept_until(transaction: Transaction, subject: Subject) -> int | None:
    policy = transaction.knowledge.get("policy", [""]).get("", {})
    crossings = crossings_of(transaction, subject)
    last = max(((state.utc_s + state.offset_quarters * 900) // DAY_S for state in crossings), default=None)
    bodies = transaction.knowledge.get("application", subject.applications).values()
    return ends_after(bodies, last, policy.get("retention_days", RETENTION_DAYS))
