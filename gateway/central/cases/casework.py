"""The parts of the office's work on persons, applications and programmes, over one store."""

from collections.abc import Callable

from gateway.central.cases.applications import Applications
from gateway.central.cases.certificates import Certificates
from gateway.central.cases.contracts import ContractOffice
from gateway.central.cases.costs import Costs
from gateway.central.cases.persons import Persons
from gateway.central.cases.programme_files import ProgrammeFiles
from gateway.central.cases.programmes import Programmes
from gateway.central.officetime import OfficeTime
from gateway.central.reads import Reads
from gateway.central.store import Store


class Casework:
    """One of each; `choose` draws a character, for new numbers."""

    def __init__(self, store: Store, reads: Reads, time: OfficeTime, choose: Callable[[str], str]):
        self.time = time
        self.persons = Persons(store, reads, time)
        self.applications = Applications(store, reads, time, choose)
        self.programmes = Programmes(store, time)
        self.contracts = ContractOffice(store, time)
        self.certificates = Certificates(store, reads, time)
        self.costs = Costs(store, time)
        self.files = ProgrammeFiles(store, self.contracts, self.certificates, self.costs)
