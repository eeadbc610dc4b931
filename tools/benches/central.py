"""The centre on PostgreSQL: intake beside bare COPY, pulls beside COPY and DuckDB, pages however long the log is."""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benches import central_bare, central_pages
from benches.central_site import BATCH_CROSSINGS, Site, batches, good
from benches.figures import Figure, Peer

NAME = "central"
PERMITS, QUICK_PERMITS = 10_000, 1_000
CROSSINGS, QUICK_CROSSINGS = 20_000, 2_000
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
        folder = Path(name)
        site = Site(folder)
        try:
            yield from central_pages.measure(site, quick, tell, partial(_pulls, folder))
        finally:
            site.close()


def _intake(site: Site, crossings: int, permits: int) -> Figure:
    bodies = list(batches(site.board, crossings, permits))
    with site.http("gateway") as gateway:
        begun = time.perf_counter()
        for body in bodies:
            good(gateway.post("/v1/batches", content=body, headers={"content-type": "application/json"}))
        ours = crossings / (time.perf_counter() - begun)
    bare = crossings / central_bare.copy_in_s(site.database)
    how = f"each with its outcome, of {permits} permits: chained, judged, proven, on disk; one connection"
    return Figure(NAME, "intake", ours, "crossings/s", Peer("COPY of the same rows, in one transaction", bare), how)


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
