"""Describes the links of a running gateway, for the file that `gateway status` reads."""

import asyncio
import os
from typing import Any

from checkpost.limits import LORA_POLL_MS
from checkpost.messages import Status
from checkpost.record_names import TRUSTS
from gateway.boards.channel import AirPort
from gateway.boards.port import BoardPort, BoardState
from gateway.forwarder.keys import KeyPull
from gateway.forwarder.pull import Pull
from gateway.forwarder.push import Push
from gateway.intake.alarms import alarms
from gateway.parts import Parts

DOWN_AFTER_S = 3.0  # a quiet board polls five times a second
AIR_DOWN_AFTER_MS = 3 * LORA_POLL_MS  # by radio each quarter of an hour, and two of three may be lost


def describe(parts: Parts, ports: list[BoardPort], push: Push, pull: Pull, keys: KeyPull) -> dict[str, Any]:
    """Return the state of all links."""
    refusals = {f"{board}/{epoch}": why for (board, epoch), why in push.refusals.items()}
    return {
        "pid": os.getpid(),
        "knows_time": parts.clock.uncertainty_ms() is not None,
        "centre": {
            "connected": parts.freshness.connected,
            "as_of_s": parts.freshness.as_of_s,
            "trouble": push.trouble or pull.trouble,
            "refuses": refusals,
        },
        "card_keys": {
            "zones": {zone: parts.keys.versions(zone) for zone in parts.keys.zones()},
            "guests": parts.keys.guests(),
            "current": keys.current and parts.rosters_of == parts.keys,
            "trouble": keys.trouble,
        },
        "ports": [_port(parts, port, ports) for port in ports],
    }


def _port(parts: Parts, port: BoardPort, ports: list[BoardPort]) -> dict[str, Any]:
    counters: dict[str, int] = port.link.counters
    drops = {cause: count for cause, count in counters.items() if count}
    return {
        "path": str(port.port.path),
        "open": not port.port.trouble and port.port.opened > 0,
        "opened": port.port.opened,
        "trouble": port.port.trouble or port.trouble,
        "drops": drops | ({"bytes-unread": port.lost_bytes} if port.lost_bytes else {}),
        "failed_turns": port.failed_turns,
        "failed_runs": port.failed_runs,
        "boards": [_board(parts, port, board, ports) for board in port.boards.values()],
    } | ({"radio": port.radio.facts()} if isinstance(port, AirPort) else {})


def _board(parts: Parts, port: BoardPort, board: BoardState, ports: list[BoardPort]) -> dict[str, Any]:
    heard = _heard(board)
    if isinstance(port, AirPort) and board.heard_ms is not None:
        heard = parts.clock.steady_ms() - board.heard_ms < AIR_DOWN_AFTER_MS
    twins = [f"another board of this number speaks on {board.elsewhere}: refused"] if board.elsewhere else []
    speaking = sum(_heard(one) for other in ports for one in other.boards.values() if one.number == board.number)
    drops = port.link.drops_of(board.number)
    place = board.number, board.epoch  # what was wrong with an earlier epoch is mended by the next
    refused = {cause: count for (*whose, cause), count in parts.refusals.items() if tuple(whose) == place}
    found: dict[str, Any] = {
        "board": board.number,
        "epoch": board.epoch,
        "link": "up" if heard and not port.port.trouble else "down",
        "sessions": board.opened,
        "odd": board.odd + twins,
        "refused": refused,
        "board_drops": drops,
        "alarms": alarms(board.odd, drops, refused, speaking),
        "roster_current": board.downstream.roster_current(board.status),
        "update_left": board.downstream.firmware.left(),
    }
    return found | (_status(board.status) if board.status else {})


def _heard(board: BoardState) -> bool:
    return board.heard_s is not None and asyncio.get_running_loop().time() - board.heard_s < DOWN_AFTER_S


def _status(status: Status) -> dict[str, Any]:
    return {
        "next_seq": status.next_seq,
        "oldest_seq": status.oldest_seq,
        "clock": TRUSTS[status.trust] if status.trust < len(TRUSTS) else str(status.trust),
        "clock_utc_s": status.utc_s,
        "roster_id": status.roster_id,
        "roster_revision": status.roster_revision,
        "roster_count": status.roster_count,
        "fill_percent": status.fill_percent,
        "battery_mv": status.battery_mv,
        "faults": status.faults,
        "firmware": ".".join(str(part) for part in status.firmware),
        "policy_version": status.policy_version,
    }
