"""Rows of what persons did in reviews at gateways: each step once, however often a gateway brings it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, select

from gateway.central.store.parts import chunks
from gateway.central.store.put import Put
from gateway.central.store.reviews import Question
from gateway.central.store.tables_reviews import GATEWAY_STEPS

_ONCE = ("gateway", "store", "event")
_PUT = Put(GATEWAY_STEPS, key=_ONCE)


class StepRow(NamedTuple):
    """A step; the fields are the columns of the table, in its order. `number` 0: not stored yet."""

    number: int
    gateway: str
    store: int
    event: int
    review: int
    kind: str
    card_uid: str
    board: int
    epoch: int
    seq: int
    at_s: int
    person: str
    step: str
    body: str
    arrived_s: int

    @property
    def question(self) -> Question:
        """What the review there asks."""
        return Question(self.kind, self.card_uid, self.board, self.epoch, self.seq)


class GatewayStepRows:
    """Steps are only ever added; an erasure takes their words."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def add(self, rows: Sequence[StepRow]) -> int:
        """Add those steps of one gateway that are not held; return how many."""
        before = self._count(rows[0].gateway)
        values = [row._asdict() for row in rows]
        for one in values:
            del one["number"]  # the database gives it
        _PUT.run(self._connection, values)
        return self._count(rows[0].gateway) - before

    def held(self, rows: Sequence[StepRow]) -> dict[tuple[int, int], StepRow]:
        """Return what is held under the numbers of one gateway's steps, by (store, event)."""
        columns = GATEWAY_STEPS.c
        found: dict[tuple[int, int], StepRow] = {}
        for store in sorted({row.store for row in rows}):
            for some in chunks(sorted({row.event for row in rows if row.store == store})):
                at = (columns.gateway == rows[0].gateway, columns.store == store, columns.event.in_(some))
                for row in self._connection.execute(select(GATEWAY_STEPS).where(*at)):
                    found[row.store, row.event] = StepRow(*row)
        return found

    def newest(self, before: int, limit: int) -> list[StepRow]:
        """Return at most `limit` steps before a number, newest first; 0: from the newest on."""
        query = select(GATEWAY_STEPS).order_by(GATEWAY_STEPS.c.number.desc()).limit(limit)
        query = query.where(GATEWAY_STEPS.c.number < before) if before else query
        return [StepRow(*row) for row in self._connection.execute(query)]

    def of(self, questions: Iterable[Question]) -> dict[Question, list[StepRow]]:
        """Return the steps in reviews of these questions, each question's in the order in which they came."""
        wanted = set(questions)
        columns = GATEWAY_STEPS.c
        seqs: dict[tuple[int, int], set[int]] = defaultdict(set)
        for one in wanted:
            if not one.card_uid:
                seqs[one.board, one.epoch].add(one.seq)
        conditions: list[ColumnElement[bool]] = [
            columns.card_uid.in_(some) for some in chunks(sorted({one.card_uid for one in wanted} - {""}))
        ]
        for (board, epoch), some in seqs.items():
            at = (columns.board == board, columns.epoch == epoch)
            conditions += [and_(*at, columns.seq.in_(part)) for part in chunks(sorted(some))]
        found: dict[Question, list[StepRow]] = {}
        for condition in conditions:
            for row in self._connection.execute(select(GATEWAY_STEPS).where(condition).order_by(columns.number)).all():
                step = StepRow(*row)
                if step.question in wanted:
                    found.setdefault(step.question, []).append(step)
        return found

    def _count(self, gateway: str) -> int:
        query = select(func.count()).select_from(GATEWAY_STEPS).where(GATEWAY_STEPS.c.gateway == gateway)
        return self._connection.execute(query).scalar_one()
