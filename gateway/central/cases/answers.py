"""A file of answers from the other side, held row by row against the cases that they answer."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway.central.cases.csvrows import Good, read_rows
from gateway.central.cases.leaving import is_personal
from gateway.central.cases.wrong import check_days, not_valid
from gateway.central.problems import Problem
from gateway.central.store import Transaction
from gateway.central.store.exchange import ANSWERED, DRAFT, SENT
from gateway.contract.applications import BrokenRow
from gateway.contract.exchange import Answer, Form

REQUIRED = frozenset(Answer.model_fields)


def parse(content: bytes, form: Form) -> tuple[list[Good[Answer]], list[BrokenRow]]:
    """Return the rows of a file that can be read, and the others by line; of JSON the first row is line 1."""
    good: list[Good[Answer]] = []
    broken: list[BrokenRow] = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_valid("", f"the file is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    for row in _json_rows(text) if form == "json" else read_rows(text, Answer, {}, REQUIRED):
        if isinstance(row, BrokenRow):
            broken.append(row)
        else:
            good.append(row)
    return good, broken


@dataclass(frozen=True)
class New:
    """An answer that is new, and whether it says something of a person."""

    answer: Answer
    personal: bool


class Answers:
    """Which answers of a file are new, how many are known, and which do not fit."""

    def __init__(self, transaction: Transaction, good: list[Good[Answer]], today: str):
        self.new: list[New] = []
        self.broken: list[BrokenRow] = []
        self.known = 0
        self._today = today
        self._cases = transaction.exchange.cases(one.row.case_id for one in good)
        self._held = transaction.exchange.answers_held(self._cases)
        for one in good:
            self._take(one)

    def settle(self, transaction: Transaction) -> None:
        """Bring the cases up to date that an answer came for."""
        for case_id in {one.answer.case_id for one in self.new}:
            if self._cases[case_id].state != SENT:
                continue
            day = min(one.answer.answered_on for one in self.new if one.answer.case_id == case_id)
            transaction.exchange.end_ask(case_id, {"answered_on": day})
            transaction.exchange.change_case(case_id, {"state": ANSWERED, "answered_on": day})

    def _take(self, one: Good[Answer]) -> None:
        row = one.row
        column, reason = self._wrong(row)
        key = row.case_id, row.answer_id
        if reason:
            self.broken.append(BrokenRow(line=one.line, column=column, reason=reason))
        elif key in self._held:
            self.known += 1
        else:
            self._held[key] = row.text
            self.new.append(New(row, is_personal(self._cases[row.case_id], False)))

    def _wrong(self, row: Answer) -> tuple[str, str]:
        """Return (column, reason) of what does not fit; ("", "") when all does."""
        case = self._cases.get(row.case_id)
        if case is None:
            return "case_id", f"there is no case {row.case_id}"
        if case.state == DRAFT:
            return "case_id", f"nothing was sent in the case {row.case_id}"
        try:
            check_days(answered_on=row.answered_on)
        except Problem as problem:
            return "answered_on", problem.detail
        if not case.sent_on <= row.answered_on <= self._today:
            return "answered_on", f"an answer comes from {case.sent_on}, when it was asked for, to {self._today}"
        if self._held.get((row.case_id, row.answer_id), row.text) != row.text:
            return "answer_id", f"the answer {row.answer_id} is held with another text"
        return "", ""


def _json_rows(text: str) -> "list[Good[Answer] | BrokenRow]":
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise not_valid("", f"the file is no JSON ({error})") from error
    rows = found.get("rows") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise not_valid("rows", "a file holds a list of rows, or an object with one under this name")
    return [_json_row(line, row) for line, row in enumerate(rows, 1)]


def _json_row(line: int, row: Any) -> "Good[Answer] | BrokenRow":
    try:
        return Good(line, Answer.model_validate(row))
    except ValidationError as error:
        first = error.errors()[0]
        return BrokenRow(line=line, column=str(first["loc"][0]) if first["loc"] else "-", reason=first["msg"])
