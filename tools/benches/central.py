"""The centre on PostgreSQL: intake beside bare COPY, pulls beside COPY and DuckDB, pages however long the log is."""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from benches import central_bare, central_pages
from benches.central_site import BATCH_CROSSINGS, Site, batches, good
from benches.figures import Figure, Peer

NAME = "central"
PERMITS, QUICK_PERMITS = 10_000, 1_000
CROSSINGS, QUICK_CROSSINGS = 20_000, 2_000
PROCESSES, GATEWAYS = 2, 4  # of an office: a process a core, and more gateways than those
BARE = "COPY of the same rows, in one transaction"
PULLS = 3  # the quickest counts, here and of the peers


def measure(quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the centre's figures."""
    permits, crossings = (QUICK_PERMITS, QUICK_CROSSINGS) if quick else (PERMITS, CROSSINGS)
    with tempfile.TemporaryDirectory() as name:
        site = Site(Path(name))
        try:
            tell(f"  {permits} permits")
            site.teach(permits)
            tell(f"  {crossings} crossings and their outcomes, {BATCH_CROSSINGS} a request")
            yield _intake(site, crossings, permits)
        finally:
            site.close()
    with tempfile.TemporaryDirectory() as name:
        site = Site(Path(name), PROCESSES, GATEWAYS)
        try:
            tell(f"  the same from {GATEWAYS} gateways at once, through {PROCESSES} processes")
            site.teach(permits)
            yield _intake_at_once(site, crossings, permits)
        finally:
            site.close()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = Site(folder)
        try:
            yield from central_pages.measure(site, quick, tell, partial(_pulls, folder))
        finally:
            site.close()


def _intake(site: Site, crossings: int, permits: int) -> Figure:
    (name,) = site.boards
    ours = crossings / _brought_s(site, {name: list(batches(site.boards[name], crossings, permits))})
    bare = crossings / central_bare.copy_in_s(site.database)
    how = f"each with its outcome, of {permits} permits: chained, judged, proven, on disk; one connection"
    return Figure(NAME, "intake", ours, "crossings/s", Peer(BARE, bare), how)


def _intake_at_once(site: Site, crossings: int, permits: int) -> Figure:
    each = crossings // GATEWAYS
    bodies = {
        name: list(batches(board, each, permits, turn * each)) for turn, (name, board) in enumerate(site.boards.items())
    }
    ours = crossings / _brought_s(site, bodies)
    bare = crossings / central_bare.copy_in_s(site.database)
    how = f"as `intake`, from {GATEWAYS} gateways at once to {PROCESSES} processes; bare COPY stays one connection"
    return Figure(NAME, "intake-at-once", ours, "crossings/s", Peer(BARE, bare), how)


def _brought_s(site: Site, bodies: dict[str, list[bytes]]) -> float:
    """Return the seconds in which gateways hand in their batches, each over one connection."""

    def bring(name: str) -> None:
        with site.http(name) as gateway:
            for body in bodies[name]:
                good(gateway.post("/v1/batches", content=body, headers={"content-type": "application/json"}))

    begun = time.perf_counter()
    with ThreadPoolExecutor(len(bodies)) as gateways:
        list(gateways.map(bring, bodies))  # so that what went wrong in one is raised here
    return time.perf_counter() - begun


def _pulls(folder: Path, site: Site, crossings: int) -> Iterator[Figure]:
    bare = crossings / min(central_bare.copy_out_s(site.database, folder / "rows.ndjson") for _ in range(PULLS))
    ours = crossings / min(_pull_s(site, folder, "ndjson") for _ in range(PULLS))
    how = "the current state of every crossing, through HTTP into a file"
    yield Figure(NAME, "pull-ndjson", ours, "crossings/s", Peer("COPY TO of the same JSON", bare), how)
    bare = crossings / min(central_bare.duckdb_s(site.database, folder) for _ in range(PULLS))
    ours = crossings / min(_pull_s(site, folder, "parquet") for _ in range(PULLS))
    yield Figure(NAME, "pull-parquet", ours, "crossings/s", Peer("COPY TO, then DuckDB's Parquet", bare), how)


def _pull_s(site: Site, folder: Path, form: str) -> float:
    """Return the seconds of one export."""
    begun = time.perf_counter()
    with (
        site.http("office") as office,
        office.stream("GET", f"/v1/exports/crossings.{form}") as answer,
        (folder / f"pulled.{form}").open("wb") as file,
    ):
        for piece in answer.iter_raw():
            file.write(piece)
    return time.perf_counter() - begun
