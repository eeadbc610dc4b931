"""What one transaction may read and write. An area of tables has a module of its own and one line here."""

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

from sqlalchemy import Connection, update

from gateway.central.store.applications import ApplicationRows
from gateway.central.store.contracts import ContractRows
from gateway.central.store.corrections import CorrectionRows
from gateway.central.store.costs import CostRows
from gateway.central.store.crossings import CrossingRows
from gateway.central.store.diplomas import DiplomaRows
from gateway.central.store.erasures import ErasureRows
from gateway.central.store.exchange import ExchangeRows
from gateway.central.store.exchange_batches import BatchRows
from gateway.central.store.exchange_counts import ExchangeCounts
from gateway.central.store.gaps import GapRows
from gateway.central.store.gateway_steps import GatewayStepRows
from gateway.central.store.holdings import HoldingRows
from gateway.central.store.holes import HoleRows
from gateway.central.store.knowledge import KnowledgeRows, Marker
from gateway.central.store.log import LogRows
from gateway.central.store.masters import MasterRows
from gateway.central.store.people import PersonRows
from gateway.central.store.persons import ApplicantRows
from gateway.central.store.plans import PlanRows
from gateway.central.store.reception import ReceptionRows
from gateway.central.store.reception_counts import ReceptionCounts
from gateway.central.store.reporting import ReportRows
from gateway.central.store.reports import MadeReports
from gateway.central.store.reviews import ReviewRows
from gateway.central.store.seals import SealRows
from gateway.central.store.tables import ABOUT
from gateway.central.store.tallies import TallyRows
from gateway.central.store.texts import TextRows
from gateway.central.store.tokens import TokenRows
from gateway.central.store.tree import TreeRows
from gateway.central.store.vouched import VouchedRows
from gateway.central.store.vouchers import VoucherRows

Rows = TypeVar("Rows")


class Area(Generic[Rows]):
    """The rows of an area; made when a transaction first asks for them: most ask for a few of thirty."""

    def __init__(self, rows: Callable[[Connection], Rows]):
        self._rows = rows

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, transaction: "Transaction", _owner: type) -> Rows:
        """Return the rows; from then on they stand in the transaction itself, before this is asked."""
        rows = transaction.__dict__[self._name] = self._rows(transaction._connection)
        return rows


class Transaction:
    """Rows by area, all on one connection."""

    def __init__(self, connection: Connection, at_s: int, marker: Marker | None = None):
        """`at_s`: when it began, by the centre's clock, Unix UTC s. `marker`: of what is known."""
        self._connection = connection
        self._marker = marker
        self.at_s = at_s

    @cached_property
    def knowledge(self) -> KnowledgeRows:
        """What is known; each row that is put has a mark."""
        return KnowledgeRows(self._connection, self._marker)

    log = Area(LogRows)
    crossings = Area(CrossingRows)
    tally = Area(TallyRows)
    tokens = Area(TokenRows)
    tree = Area(TreeRows)
    seals = Area(SealRows)
    gaps = Area(GapRows)
    holes = Area(HoleRows)
    people = Area(PersonRows)
    texts = Area(TextRows)
    vouched = Area(VouchedRows)
    vouchers = Area(VoucherRows)
    masters = Area(MasterRows)
    persons = Area(ApplicantRows)
    applications = Area(ApplicationRows)
    plans = Area(PlanRows)
    contracts = Area(ContractRows)
    diplomas = Area(DiplomaRows)
    costs = Area(CostRows)
    reception = Area(ReceptionRows)
    reception_counts = Area(ReceptionCounts)
    reviews = Area(ReviewRows)
    gateway_steps = Area(GatewayStepRows)
    exchange = Area(ExchangeRows)
    exchange_batches = Area(BatchRows)
    exchange_counts = Area(ExchangeCounts)
    erasing = Area(ErasureRows)
    corrections = Area(CorrectionRows)
    holdings = Area(HoldingRows)
    reporting = Area(ReportRows)
    reports = Area(MadeReports)

    def finish(self) -> None:
        """Write what waits to be written; the last thing before what was written is committed."""
        self.tree.flush()

    def about(self, log_id: str) -> None:
        """Write down the log's name."""
        self._connection.execute(update(ABOUT).where(ABOUT.c.name == "log").values(value=log_id))
