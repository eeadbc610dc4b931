"""What one transaction may read and write. An area of tables has a module of its own and one line here."""

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
from gateway.central.store.knowledge import KnowledgeRows
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
from gateway.central.store.tokens import TokenRows
from gateway.central.store.tree import TreeRows
from gateway.central.store.vouched import VouchedRows
from gateway.central.store.vouchers import VoucherRows


class Transaction:
    """Rows by area, all on one connection."""

    def __init__(self, connection: Connection, at_s: int):
        """`at_s`: when it began, by the centre's clock, Unix UTC s."""
        self._connection = connection
        self.at_s = at_s
        self.knowledge = KnowledgeRows(connection)
        self.log = LogRows(connection)
        self.crossings = CrossingRows(connection)
        self.tally = TallyRows(connection)
        self.tokens = TokenRows(connection)
        self.tree = TreeRows(connection)
        self.seals = SealRows(connection)
        self.gaps = GapRows(connection)
        self.people = PersonRows(connection)
        self.vouched = VouchedRows(connection)
        self.vouchers = VoucherRows(connection)
        self.masters = MasterRows(connection)
        self.persons = ApplicantRows(connection)
        self.applications = ApplicationRows(connection)
        self.plans = PlanRows(connection)
        self.contracts = ContractRows(connection)
        self.diplomas = DiplomaRows(connection)
        self.costs = CostRows(connection)
        self.reception = ReceptionRows(connection)
        self.reception_counts = ReceptionCounts(connection)
        self.reviews = ReviewRows(connection)
        self.gateway_steps = GatewayStepRows(connection)
        self.exchange = ExchangeRows(connection)
        self.exchange_batches = BatchRows(connection)
        self.exchange_counts = ExchangeCounts(connection)
        self.erasing = ErasureRows(connection)
        self.corrections = CorrectionRows(connection)
        self.holdings = HoldingRows(connection)
        self.reporting = ReportRows(connection)
        self.reports = MadeReports(connection)

    def finish(self) -> None:
        """Write what waits to be written; the last thing before what was written is committed."""
        self.tree.flush()

    def about(self, log_id: str) -> None:
        """Write down the log's name."""
        self._connection.execute(update(ABOUT).where(ABOUT.c.name == "log").values(value=log_id))
