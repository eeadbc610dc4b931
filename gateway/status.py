"""What `gateway status` says: the store, and what the running gateway says of its links."""

import shutil
from pathlib import Path
from typing import Any

from gateway import live
from gateway.boards.firmware import Wish
from gateway.lock import is_held
from gateway.store.store import Store, open_reader
from gateway.view import View, look

NO_KEYS: dict[str, Any] = {"zones": {}, "guests": 0, "current": False, "trouble": ""}
UNSEEN: dict[str, Any] = {"link": "down", "next_seq": None, "clock": None, "roster_current": False, "drops": {}}


LOW_DISK_BYTES = 64 << 20  # a day of a busy checkpoint, and room for SQLite's log: time enough to make space


def status(folder: Path, name: str) -> dict[str, Any]:
    """Return the state of the gateway on a data folder; StoreError when it has none."""
    store = open_reader(folder)
    try:
        running = is_held(folder)
        now = live.read(folder)
        view = look(store)
        counts = store.outbox.counts()
        records = store.records.waiting()
        enrolments = store.outbox.boards()
        return {
            "name": name,
            "running": running,
            "disk_free": shutil.disk_usage(folder).free,
            "knows_time": now.get("knows_time") if running else None,
            "centre": now.get("centre", {}) if running else {"connected": False},
            "card_keys": now.get("card_keys", NO_KEYS) if running else NO_KEYS,
            "outbox": records + counts["waiting"] + sum(not one.detail for one in enrolments),
            "outbox_records": records,
            "outbox_rows": counts["waiting"],
            "refused_rows": counts["refused"],
            "enrolments": [one._asdict() for one in enrolments],
            "knowledge": store.knowledge.counts(),
            "flags": store.reviews.open_flags(),
            "ports": _ports(now) if running else [],
            "boards": boards_now(store, view, now if running else {}),
        }
    finally:
        store.close()


def boards_now(store: Store, view: View, now: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the state of every board, by number; `now`: what the running gateway says, empty when none does."""
    return [_board(store, view, number, now) for number in sorted(view.boards)]


def _ports(now: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: value for key, value in port.items() if key != "boards"} for port in now.get("ports", [])]


def _board(store: Store, view: View, number: int, now: dict[str, Any]) -> dict[str, Any]:
    registered = view.boards[number]
    said = dict(UNSEEN)
    for port in now.get("ports", []):
        for board in port["boards"]:
            if board["board"] == number:
                said |= board | {"port": port["path"], "drops": port["drops"]}
    epoch = said.get("epoch") or registered.epoch
    held = view.held.get((number, epoch))
    seq, centre_seq = held or (0, 0)
    next_seq = said.get("next_seq")
    stands = (said.get("roster_id"), said.get("roster_revision"))
    current = not view.roster_due and stands == (view.roster_id, view.revisions.get(number, 0))
    wish, left = view.firmware.get(number), said.pop("update_left", None)
    return said | {
        "board": number,
        "epoch": epoch,
        "crossing_point": registered.crossing_point,
        "lane": registered.lane,
        "held_here": seq,
        "held_at_centre": centre_seq,
        "queue": max(0, next_seq - 1 - seq) if next_seq else None,
        "roster_current": current,
        "update": _update(wish, left) if wish else None,
        "flags": store.reviews.open_flags_of(number),
    }


def _update(wish: Wish, left: list[Any] | None) -> dict[str, Any]:
    """Return what a board is to run, and how long it still takes: by the pace so far, or by the carrier's rules."""
    seconds, by = left or (None, None)
    return wish._asdict() | {"bundle": wish.bundle.hex(), "left_s": seconds, "left_by": by}
