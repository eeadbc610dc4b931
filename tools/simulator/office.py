"""Reads a centre at the end of a run, as the office does, and compares it with a second one that got it all anew."""

import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.central.access import ADMIN
from gateway.central.store import STORE_NAME, Store
from simulator.centre import Centre
from simulator.moments import Key, Moment
from simulator.site import Site


async def compare(second: Centre, site: Site, held: dict[Key, bytes], crossings: list[dict[str, Any]]) -> list[str]:
    """Give the same records to a second centre; return a sentence for each verdict that is another one there."""
    for method, path, body in site.knowledge:
        await second.office(method, path, ADMIN, json=body)
    await second.take(held)
    verdicts = {_place(row): _verdict(row) for row in await crossings_of(second)}
    wrong = [row for row in crossings if verdicts.get(_place(row)) != _verdict(row)]
    return [
        f"verdict: {_place(row)} is {_verdict(row)}, and in another order {verdicts.get(_place(row))}" for row in wrong
    ]


def _place(row: dict[str, Any]) -> Key:
    return row["board"], row["epoch"], row["seq"]


def _verdict(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["verdict"], row["reasons"], row["notes"], row["outcome"], row["utc"], row["clock"]


async def crossings_of(centre: Centre) -> list[dict[str, Any]]:
    """Return every crossing in its current state."""
    return await pages(centre, "/v1/crossings")


async def pages(centre: Centre, path: str) -> list[dict[str, Any]]:
    """Return all crossings of a paged call."""
    found: list[dict[str, Any]] = []
    after, more = 0, True
    while more:
        page = await centre.office("GET", f"{path}?after={after}")
        found += page["crossings"]
        after, more = page["position"], page["more"]
    return found


def raw_records(folder: Path) -> dict[Key, bytes]:
    """Return the records in a centre's store."""
    with closing(Store(folder / STORE_NAME)) as store, store.read() as transaction:
        return {
            (board, epoch, seq): bytes(raw)
            for board, epoch, last in transaction.log.held()
            for seq, raw in enumerate(transaction.log.records(board, epoch, 1, last), 1)
        }


def moments_of(folder: Path) -> dict[Key, Moment]:
    """Return the time of each crossing in a centre's store."""
    with closing(Store(folder / STORE_NAME)) as store, store.read() as transaction:
        states = (state for state, _ in transaction.crossings.with_lines())
        return {(one.board, one.epoch, one.seq): (one.utc_s, one.trust, one.uncertainty) for one in states}


def mark_of(held: dict[Key, bytes], *pages_read: list[dict[str, Any]]) -> str:
    """Return 16 hex digits that change with any byte of a record, any verdict, and any moment or order of arrival."""
    records = [(*place, raw.hex()) for place, raw in sorted(held.items())]
    return sha256(json.dumps([records, *pages_read]).encode()).hexdigest()[:16]
