"""Contracts, diplomas and costs as CSV, in and out: what goes out is what comes in, so that a file can be mended."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from gateway.central.access import Caller
from gateway.central.cases.certificates import Certificates
from gateway.central.cases.contracts import ContractOffice
from gateway.central.cases.costs import Costs
from gateway.central.cases.csvrows import broken, read_rows, whole
from gateway.central.cases.wrong import not_valid
from gateway.central.problems import Problem
from gateway.central.store import Store, Transaction
from gateway.contract.applications import BrokenRow, IntakeReply
from gateway.contract.programmes import ContractBody, ContractLine, CostBody, CostLine, DiplomaBody, DiplomaLine

MAX_ROWS = 2000  # of one file: each row is a transaction of its own, some milliseconds
ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True)
class _Kind:
    """What a file of one kind is: its row and, without the number, its body.

    `held`: a row as it stands, by its number; `of_year`: all of a year, in order.
    """

    model: type[BaseModel]
    body: type[BaseModel]
    key: str
    readers: Mapping[str, Callable[[str], Any]]
    put: Callable[[str, Any, Caller], object]
    held: Callable[[Transaction, str], Any]
    of_year: Callable[[Transaction, int], Iterable[Any]]


class ProgrammeFiles:
    """Reads through one store, and writes through the parts that keep the rules of each kind."""

    def __init__(self, store: Store, contracts: ContractOffice, certificates: Certificates, costs: Costs):
        self._store = store
        self._kinds = {
            "contracts": _Kind(
                ContractLine,
                ContractBody,
                "contract_id",
                {"higher": _answer},
                contracts.put,
                lambda transaction, key: transaction.contracts.get([key]).get(key),
                lambda transaction, year: transaction.contracts.all_of_year(year),
            ),
            "diplomas": _Kind(
                DiplomaLine,
                DiplomaBody,
                "diploma_id",
                {},
                lambda key, body, _: certificates.put_diploma(key, body),
                lambda transaction, key: transaction.diplomas.get(key),
                lambda transaction, year: transaction.diplomas.of_year(year),
            ),
            "costs": _Kind(
                CostLine,
                CostBody,
                "cost_id",
                {"minor_units": whole, "host_permille": whole},
                lambda key, body, _: costs.put(key, body),
                lambda transaction, key: transaction.costs.get(key),
                lambda transaction, year: transaction.costs.of_year(year),
            ),
        }

    def take(self, name: str, text: str, caller: Caller) -> IntakeReply:
        """Take a file in: good rows go in, each other is named by line and column; the same again changes nothing."""
        kind = self._kinds[name]
        required = {field for field, said in kind.model.model_fields.items() if said.is_required()}
        found = list(read_rows(text, kind.model, kind.readers, frozenset(required)))
        if len(found) > MAX_ROWS:
            raise not_valid("", f"a file may have at most {MAX_ROWS} rows; split it")
        reply = IntakeReply(taken=0, unchanged=0, broken=[])
        for one in found:
            if isinstance(one, BrokenRow):
                reply.broken.append(one)
                continue
            try:
                changed = self._take_row(kind, one.row, caller)
            except Problem as problem:
                reply.broken.append(broken(one.line, kind.key, problem))
                continue
            reply.taken += changed
            reply.unchanged += not changed
        return reply

    def _take_row(self, kind: _Kind, row: BaseModel, caller: Caller) -> bool:
        key = str(getattr(row, kind.key))
        with self._store.read() as transaction:
            before = kind.held(transaction, key)
        kind.put(key, kind.body.model_validate(row.model_dump(exclude={kind.key})), caller)
        with self._store.read() as transaction:
            return bool(kind.held(transaction, key) != before)

    def give(self, name: str, year: int) -> tuple[str, int]:
        """Return a year's rows as CSV, and how many: contracts by their start, diplomas by entry, costs by travel."""
        kind = self._kinds[name]
        with self._store.read() as transaction:
            rows = list(kind.of_year(transaction, year))
        made = io.StringIO()
        writer = csv.writer(made)
        columns = [kind.key, *(field for field in kind.model.model_fields if field != kind.key)]
        writer.writerow(columns)
        writer.writerows([_cell(getattr(row, column)) for column in columns] for row in rows)
        return made.getvalue(), len(rows)


def _answer(cell: str) -> bool:
    if cell not in ANSWERS:
        raise ValueError(f"neither yes nor no: {cell!r}")
    return ANSWERS[cell]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value
