"""Certificates and appraisals at the end of a programme, and diplomas that are verified before one."""

import hashlib
from typing import Literal

from gateway.central.access import Caller
from gateway.central.cases.persons import known_name, need_purpose
from gateway.central.cases.wrong import check_days, check_past, not_valid
from gateway.central.officetime import OfficeTime
from gateway.central.problems import Problem
from gateway.central.reads import Reads
from gateway.central.store import Store
from gateway.central.store.contracts import APPROVED, CertificateRow
from gateway.central.store.diplomas import DiplomaRow
from gateway.contract.programmes import Attached, Diploma, DiplomaBody, Verification

MAX_CERTIFICATE = 1 << 20  # bytes: a page scanned at 300 dpi in grey; a hundred thousand of them fit a disk
BEGINNINGS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Certificates:
    """Reads and writes through one store."""

    def __init__(self, store: Store, reads: Reads, time: OfficeTime):
        self._store = store
        self._reads = reads
        self._time = time

    def attach(
        self, contract_id: str, kind: Literal["certificate", "appraisal"], content: bytes, caller: Caller
    ) -> Attached:
        """Attach a certificate or appraisal to an approved contract; Problem for a large file or another type."""
        media_type = _type_of(content)
        digest = hashlib.sha256(content).hexdigest()
        today = self._time.today()
        row = CertificateRow(contract_id, kind, media_type, len(content), digest, caller.name, today, content)
        with self._store.write() as transaction:
            contract = transaction.contracts.get([contract_id]).get(contract_id)
            if contract is None:
                raise Problem(404, "unknown-contract", f"There is no contract {contract_id}.")
            if contract.state != APPROVED:
                detail = f"The contract {contract_id} is {contract.state}: there is no programme to certify."
                raise Problem(409, "contract-not-approved", detail)
            held = transaction.contracts.certificate(contract_id)
            if held is None or (held.sha256, held.kind) != (digest, kind):
                transaction.contracts.attach(row)
                held = row
        return _attached(held)

    def content(self, contract_id: str, caller: Caller, purpose: str) -> tuple[bytes, str]:
        """Return what is attached to a contract, and its type; the read is written down first."""
        need_purpose(purpose)
        with self._store.read() as transaction:
            row = transaction.contracts.certificate(contract_id)
            contract = transaction.contracts.get([contract_id]).get(contract_id)
        if row is None or contract is None:
            raise Problem(404, "no-certificate", f"Nothing is attached to a contract {contract_id}.")
        self._reads.note(caller, purpose, f"{row.kind} of contract {contract_id}", 1, contract.person)
        return row.content, row.media_type

    def put_diploma(self, diploma_id: str, body: DiplomaBody) -> Diploma:
        """Enter a diploma; one that says something else than before is to be verified anew."""
        check_days(issued_on=body.issued_on)
        with self._store.write() as transaction:
            if known_name(transaction, body.person) is None:
                raise not_valid("person", f"nobody is known as {body.person}; enter the person first")
            held = transaction.diplomas.get(diploma_id)
            if held and held.person != body.person:
                raise not_valid("person", f"the diploma {diploma_id} is another person's")
            row = DiplomaRow(diploma_id, entered_on=self._time.today(), **body.model_dump())
            if held is None or _said(held) != _said(row):
                transaction.diplomas.put(row)
                held = row
        return _diploma(held)

    def of_person(self, person: str) -> list[Diploma]:
        """Return a person's diplomas."""
        with self._store.read() as transaction:
            return [_diploma(row) for row in transaction.diplomas.of_person(person)]

    def verify(self, diploma_id: str, verification: Verification, caller: Caller) -> Diploma:
        """Note that a diploma was held against something, by whom and when."""
        check_past("verified_on", verification.verified_on, self._time.today())
        with self._store.write() as transaction:
            held = transaction.diplomas.get(diploma_id)
            if held is None:
                raise Problem(404, "unknown-diploma", f"There is no diploma {diploma_id}.")
            noted = {"verified_by": caller.name} | verification.model_dump()
            row = DiplomaRow(**(held.__dict__ | noted))
            transaction.diplomas.put(row)
        return _diploma(row)


def _type_of(content: bytes) -> str:
    if len(content) > MAX_CERTIFICATE:
        detail = f"A certificate may have at most {MAX_CERTIFICATE} bytes; this has {len(content)}. Scan it smaller."
        raise Problem(413, "too-large", detail)
    for beginning, media_type in BEGINNINGS.items():
        if content.startswith(beginning):
            return media_type
    raise Problem(415, "unknown-type", "A certificate is a PDF, a PNG or a JPEG; this begins like none of them.")


def _attached(row: CertificateRow) -> Attached:
    return Attached.model_validate({name: value for name, value in row.__dict__.items() if name != "content"})


def _said(row: DiplomaRow) -> tuple[str, str, str, str | None]:
    return row.person, row.title, row.institution, row.issued_on


def _diploma(row: DiplomaRow) -> Diploma:
    return Diploma.model_validate({name: value for name, value in row.__dict__.items() if name != "entered_on"})
