"""Puts the centre together: the one place where its parts are built."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from gateway.central.access import Access
from gateway.central.api import gateways, knowledge, office
from gateway.central.api.parts import Parts, ThePart
from gateway.central.bell import Bell
from gateway.central.knowledge import Registry
from gateway.central.ledger import Ledger
from gateway.central.limit import BodyLimit
from gateway.central.office import Office
from gateway.central.pages.router import build_pages
from gateway.central.problems import install
from gateway.central.store import STORE_NAME, Store


def build(data: Path, utc_ms: Callable[[], int], open_page: bool) -> FastAPI:
    """Return the application over the store in a data folder; StoreError when there is none.

    `utc_ms` is the time at which records arrive; credentials live in the machine's own time.
    `open_page`: the page asks for no sign-in.
    """
    bell = Bell()
    store = Store(data / STORE_NAME, bell.ring)
    access = Access(store, time.time)
    the = Parts(access, bell, Ledger(store, utc_ms), Office(store), Registry(store), open_page)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        bell.hang()
        yield
        bell.close()
        await run_in_threadpool(store.close)

    # The usual documentation pages load scripts from elsewhere; /openapi.json needs nobody.
    app = FastAPI(title="Checkpost central", version="1", docs_url=None, redoc_url=None, lifespan=life)
    app.state.parts = the
    install(app)
    app.add_middleware(BodyLimit)
    for router in (gateways.ROUTER, knowledge.ROUTER, office.ROUTER, build_pages()):
        app.include_router(router)

    @app.get("/healthz", tags=["health"])
    def health(the: ThePart) -> dict[str, str]:
        """Return ok when the store answers."""
        the.office.position()
        return {"status": "ok"}

    return app
