"""How long a page of a pull takes behind few crossings and behind many: the same, if all is well."""

import random
import shutil
import time
from collections.abc import Callable, Iterator

import psycopg

from benches.central_site import Site, good
from benches.figures import Figure, Peer

FEW, MANY, MOST = 10_000, 100_000, 10_000_000
LATE = ("crossings_by_permit", "crossings_by_card")  # indexes in no order of the rows: laid again behind the rows
SIZES, QUICK_SIZES = (FEW, MANY, MOST), (FEW, MANY)
MONTHS = 12  # the crossings came over a year
PAGES = 60
PAGE_ROWS = 1000
BYTES_A_CROSSING = 1200  # with indexes and the write-ahead log, and room
STEP = 500_000  # rows of one statement
BOARD = 9  # one that hands nothing in
BEGUN_S = 1_761_955_200  # 2025-11-01
MONTH_S = 2_629_746

# As `gateway.central.crossing` shows it.
_BODY = (
    """'{"board":9,"epoch":1,"seq":' || i || ',"crossing_point":"ONS","direction":"entry","local_time":"""
    """"2026-10-26T06:00:00+09:00","utc":"2026-10-25T21:00:00Z","clock":"synced","card_uid":"' || """
    """lpad(to_hex(i %% 1000000), 14, '0') || '","permit":"B' || i %% 1000000 || '","party":1,"assurance":"uid","""
    """"board_verdict":"permitted","verdict":"permitted","reasons":[],"notes":[],"outcome":"admitted","""
    """"source":"tap","unchecked":[],"rule_version":1}'"""
)
_FEED = f"INSERT INTO feed SELECT i, {_BODY} FROM generate_series(%s::bigint, %s::bigint) AS i"
_CROSSINGS = (
    "INSERT INTO crossings (board, epoch, seq, order_utc_s, utc_s, offset_quarters, trust, uncertainty, "
    "crossing_point, kind, zone, card_uid, permit, direction, assurance, genuine, recorded_party, board_verdict, "
    "outcome_seq, outcome, party, verdict, reasons, causes, notes, waived, rule_version, position, source, unchecked, "
    "arrived_s) SELECT 9, 1, i, 1793000000 + i, 1793000000 + i, 36, 1, 2, 'ONS', 0, 'north', "
    "lpad(to_hex(i %% 1000000), 14, '0'), 'B' || i %% 1000000, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, i, 0, "
    "0, %s + i / %s * %s FROM generate_series(%s::bigint, %s::bigint) AS i"
)


Pulls = Callable[[Site, int], Iterator[Figure]]


def measure(site: Site, quick: bool, tell: Callable[[str], None], pulls: Pulls) -> Iterator[Figure]:
    """Yield the time of a page at each size, and at `MANY` the figures of `pulls`.

    A size for which the disk has no room is left out, and said.
    """
    few_ms = 0.0
    held = 0
    for crossings in QUICK_SIZES if quick else SIZES:
        needed = crossings * BYTES_A_CROSSING
        if shutil.disk_usage(site.server.folder).free < 2 * needed:
            tell(f"  left out: {crossings} crossings need {2 * needed >> 20} MB free in {site.server.folder}")
            continue
        tell(f"  {crossings} crossings")
        fill(site, held, crossings)
        held = crossings
        took_ms = page_ms(site, crossings)
        peer = Peer(f"a page behind {FEW} crossings", few_ms) if few_ms else None
        where = f"{crossings:.0e}".replace("+0", "")
        how = f"{PAGE_ROWS} crossings after any position, median of {PAGES}, through HTTP"
        yield Figure("central", f"page-{where}", took_ms, "ms", peer, how)
        few_ms = few_ms or took_ms
        if crossings == MANY:
            yield from pulls(site, crossings)
    if quick:
        tell("  left out with --quick: a page behind 10,000,000 crossings (some minutes, and 12 GB of disk)")


def page_ms(site: Site, crossings: int) -> float:
    """Return the median time of a page."""
    dice = random.Random(7)
    took_s = []
    with site.http("office") as office:
        for _ in range(PAGES):
            after = dice.randrange(crossings - PAGE_ROWS)
            begun = time.perf_counter()
            good(office.get("/v1/crossings", params={"after": after, "limit": PAGE_ROWS}))
            took_s.append(time.perf_counter() - begun)
    return sorted(took_s)[PAGES // 2] * 1000


def fill(site: Site, held: int, crossings: int) -> None:
    """Put crossings into the store that no gateway brought, spread over the months of a year; `held` are there."""
    with psycopg.connect(site.database, autocommit=True) as connection:
        for month in range(0 if held else MONTHS + 1):
            _lay_month(connection, month)
        laid = [_taken(connection, name) for name in LATE]
        for first in range(held + 1, crossings + 1, STEP):
            last = min(first + STEP - 1, crossings)
            connection.execute(_FEED.encode(), (first, last))
            connection.execute(_CROSSINGS.encode(), (BEGUN_S, MOST // MONTHS, MONTH_S, first, last))
        for index in laid:
            connection.execute(index.encode())
        connection.execute("VACUUM ANALYZE feed")
        connection.execute("VACUUM ANALYZE crossings")


def _taken(connection: psycopg.Connection[tuple[object, ...]], index: str) -> str:
    """Take an index away; return what lays it again."""
    row = connection.execute("SELECT pg_get_indexdef(%s::regclass)", (index,)).fetchone()
    assert row is not None
    connection.execute(f"DROP INDEX {index}".encode())
    return str(row[0])


def _lay_month(connection: psycopg.Connection[tuple[object, ...]], month: int) -> None:
    begin_s = BEGUN_S + month * MONTH_S
    bounds = f"FROM ({begin_s}) TO ({begin_s + MONTH_S})"
    connection.execute(f"CREATE TABLE crossings_{month} PARTITION OF crossings FOR VALUES {bounds}".encode())
