"""Puts the centre together: the one place where its parts are built."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from gateway.central.access import Access
from gateway.central.api.parts import Parts
from gateway.central.audit import KeyAudit
from gateway.central.backfill import backfill
from gateway.central.bell import Bell
from gateway.central.calls import TITLE, VERSION, calls, described
from gateway.central.cards import CardOffice
from gateway.central.cases.batches import BatchOffice
from gateway.central.cases.casework import Casework
from gateway.central.cases.exchange import Exchange
from gateway.central.cases.gateway_steps import GatewaySteps
from gateway.central.cases.reception import Reception
from gateway.central.cases.report import Reporter
from gateway.central.cases.report_parts import applications as applications_part
from gateway.central.cases.report_parts import crossings as crossings_part
from gateway.central.cases.report_parts import exchange as exchange_part
from gateway.central.cases.report_parts import programmes as programmes_part
from gateway.central.cases.report_parts import reception as reception_part
from gateway.central.cases.report_parts import reviews as reviews_part
from gateway.central.cases.report_parts import rights as rights_part
from gateway.central.cases.reviews import Reviews
from gateway.central.cases.stations import StationOffice
from gateway.central.charts.drawing import Drawing, vega_lite
from gateway.central.enrolling import EnrolmentOffice
from gateway.central.exports import Exports
from gateway.central.heads import Heads
from gateway.central.knowledge import Registry
from gateway.central.ledger import Ledger
from gateway.central.limit import BodyLimit, PackedBody
from gateway.central.machine import THIS, Machine
from gateway.central.marks import open_marks
from gateway.central.masters import Fingerprints, Masters
from gateway.central.metrics import Measured, Metrics
from gateway.central.office import Office
from gateway.central.officetime import OFFICE_ZONE, OfficeTime
from gateway.central.pace import Pace
from gateway.central.people import People
from gateway.central.problems import install
from gateway.central.proofs import Proofs
from gateway.central.reads import Reads
from gateway.central.rights.access import AccessOffice
from gateway.central.rights.correcting import CorrectionOffice
from gateway.central.rights.holders import every_holder
from gateway.central.rights.office import ErasureOffice
from gateway.central.rights.remembered import FILE_NAME as ERASURES
from gateway.central.rights.remembered import Remembered, beside
from gateway.central.settling import Settling
from gateway.central.signing import open_key
from gateway.central.statistics import Statistician
from gateway.central.store import STORE_NAME, Store
from gateway.central.telling import Telling
from gateway.central.witness import Witness


def build(
    data: Path,
    utc_ms: Callable[[], int],
    open_page: bool,
    witness_file: Path | None = None,
    database: str = "",
    zone: str = OFFICE_ZONE,
    machine: Machine = THIS,
) -> FastAPI:
    """Return the application over the store in a data folder; StoreError, SigningError, WitnessError.

    `utc_ms` is the time at which records arrive; credentials live in the machine's own time, `machine.now_s`.
    `open_page`: the page asks for no sign-in. `witness_file`: where the newest checkpoint is kept, outside `data`.
    `database`: the URL of a PostgreSQL database that holds the store instead. `zone`: the office's, by its IANA name.
    """

    def utc_s() -> int:
        return utc_ms() // 1000

    time_there = OfficeTime(utc_ms, zone)
    bell = Bell()
    store = Store(database or data / STORE_NAME, bell.ring, utc_s)
    access = Access(store, machine.now_s)
    signer = open_key(data, store.log_id)
    proofs = Proofs(store, signer)
    backfill(store)
    marks = open_marks(data, store)
    store.mark_with(marks.of)
    witness = Witness(witness_file, proofs, store) if witness_file else None
    if witness:
        witness.check()
    registry = Registry(store)
    telling = Telling(store, registry)
    audit = KeyAudit(data, machine.now_s)
    cards = CardOffice(store, registry, Masters(data, machine.chance, Fingerprints(store)), audit)
    reads = Reads(store, machine.now_s)
    holders = every_holder()
    kept = Remembered([data / ERASURES, *([beside(witness_file)] if witness_file else [])])
    metrics = Metrics(store, data)
    statistics = Statistician(store)
    casework = Casework(store, reads, time_there, secrets.choice)
    stations = StationOffice(store, utc_ms, time_there)
    reviews = Reviews(store, time_there)
    batches = BatchOffice(store, time_there)
    drawing = Drawing(vega_lite)
    makers = (
        crossings_part(statistics, store),
        reviews_part(reviews, store, time_there),
        applications_part(casework.applications),
        reception_part(stations),
        programmes_part(casework.programmes),
        exchange_part(batches),
        rights_part(store, time_there),
    )
    the = Parts(
        access=access,
        bell=bell,
        ledger=Ledger(store, utc_ms),
        office=Office(store),
        registry=registry,
        enrolling=EnrolmentOffice(store, data, signer, machine.now_s),
        proofs=proofs,
        telling=telling,
        settling=Settling(store, utc_s),
        cards=cards,
        exports=Exports(store, marks),
        statistics=statistics,
        metrics=metrics,
        pace=Pace(machine.steady_s),
        people=People(store, access, machine.steady_s),
        reads=reads,
        casework=casework,
        reception=Reception(store, utc_ms),
        stations=stations,
        reviews=reviews,
        gateway_steps=GatewaySteps(store),
        exchange=Exchange(store, time_there),
        batches=batches,
        erasures=ErasureOffice(store, utc_s, holders, kept, audit),
        held=AccessOffice(store, utc_s, holders, reads),
        corrections=CorrectionOffice(store, registry, utc_s),
        reporter=Reporter(store, makers, drawing, utc_s),
        drawing=drawing,
        now_s=utc_s,
        open_page=open_page,
    )

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        bell.hang()
        store.listen()
        following = asyncio.create_task(witness.follow(bell)) if witness else None
        yield
        bell.close()
        if witness and following:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            await run_in_threadpool(witness.keep)
        await run_in_threadpool(store.close)

    # The usual documentation pages load scripts from elsewhere; /openapi.json needs nobody.
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        routes=list(calls()),
    )
    app.state.parts = the
    install(app)
    app.add_middleware(Heads)
    app.add_middleware(PackedBody)
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(BodyLimit)  # outside: it counts what comes over the line
    app.openapi = described  # type: ignore[method-assign]
    return app
