"""Corrections: a named person puts right what was entered wrongly. The record stays; what it touches is re-judged."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from checkpost.permit import POINT_KINDS
from checkpost.record import DIRECTIONS, OUTCOMES
from gateway.central.access import Caller
from gateway.central.crossing import CORRECTABLE, CrossingState
from gateway.central.desk import Desk
from gateway.central.knowledge import Registry
from gateway.central.people import signed_in
from gateway.central.problems import Problem, not_valid
from gateway.central.proof.leaf import correction_entry
from gateway.central.store import Store, Transaction
from gateway.central.store.erasures import Place
from gateway.contract import Application, Import
from gateway.contract.rights import Corrected, CrossingFields

Changed = dict[str, list[Any]]


class CorrectionOffice:
    """Writes through one store. `utc_s`: when a correction is entered."""

    def __init__(self, store: Store, registry: Registry, utc_s: Callable[[], int]):
        self._store = store
        self._registry = registry
        self._utc_s = utc_s

    def crossing(self, caller: Caller, place: Place, fields: CrossingFields, reason: str) -> Corrected:
        """Put fields of a crossing right, and judge again what it touches; Problem when nothing would change."""
        _named(caller)
        with self._store.write() as transaction:
            desk = Desk(transaction)
            state = desk.find(place[0], place[1], {place[2]}).get(place[2])
            if state is None:
                name = "/".join(map(str, place))
                raise Problem(404, "unknown-crossing", f"There is no crossing {name}, or it was erased.")
            changed = _put_right(transaction, state, fields.model_dump(exclude_none=True))
            number = transaction.corrections.next_number()
            body = self._body(caller, reason, changed) | dict(zip(("board", "epoch", "seq"), place, strict=True))
            text = json.dumps(body, separators=(",", ":"))
            transaction.corrections.add(number, "crossing", "/".join(map(str, place)), text)
            transaction.tree.append([correction_entry(number, text)])
            desk.outcome_came(state)
            return Corrected(number=number, changed=changed, judged=desk.settle())

    def application(self, caller: Caller, number: str, fields: Mapping[str, Any], reason: str) -> Corrected:
        """Put what an application says right; the earlier form stays beside it."""
        _named(caller)
        with self._store.write() as transaction:
            held = transaction.knowledge.get("application", [number]).get(number)
            if held is None:
                raise Problem(404, "unknown-application", f"There is no application {number}.")
            changed = {name: [held.get(name), value] for name, value in fields.items() if held.get(name) != value}
            if not changed:
                raise _nothing(f"Application {number}")
            try:
                row = Application.model_validate(held | dict(fields))
            except ValidationError as error:
                first = error.errors()[0]
                raise not_valid(f"#/fields/{first['loc'][0]}", str(first["msg"])) from error
            mine = transaction.corrections.next_number()
            text = json.dumps(self._body(caller, reason, changed), separators=(",", ":"))
            transaction.corrections.add(mine, "application", number, text)
            _, judged = self._registry.take(transaction, Import(applications=[row]))
        return Corrected(number=mine, changed=changed, judged=judged)

    def _body(self, caller: Caller, reason: str, changed: Changed) -> dict[str, Any]:
        return {"fields": changed, "by": caller.name, "reason": reason, "utc_s": self._utc_s()}


def _put_right(transaction: Transaction, state: CrossingState, fields: dict[str, Any]) -> Changed:
    """Write the fields into a state; return each that differs, with what it was and what it is."""
    before = state.shown()
    changed = {name: [before[name], value] for name, value in fields.items() if before[name] != value}
    if not changed:
        raise _nothing(f"Crossing {state.board}/{state.epoch}/{state.seq}")
    for name, (_, value) in changed.items():
        if name == "crossing_point":
            point = transaction.knowledge.get("crossing_point", [value]).get(value)
            if point is None:
                raise not_valid("#/fields/crossing_point", f"there is no crossing point {value}")
            state.kind, state.zone = POINT_KINDS.index(point["kind"]), point["zone"]
        codes = {"direction": DIRECTIONS, "outcome": OUTCOMES}.get(name)
        setattr(state, name, codes.index(value) if codes else value)
        state.corrected |= 1 << CORRECTABLE.index(name)
    return changed


def _named(caller: Caller) -> None:
    if not signed_in(caller):
        raise Problem(403, "needs-a-person", f"The token of {caller.name} is nobody's: a person signs in and corrects.")


def _nothing(what: str) -> Problem:
    return Problem(409, "nothing-to-correct", f"{what} says that already; nothing was changed.")
