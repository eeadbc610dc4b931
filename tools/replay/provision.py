"""Registers a scenario at the centre and writes what each board and gateway needs to start."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

from gateway.contract import Board, CrossingPoint
from replay.processes import ReplayError
from replay.scenario import Scenario

BAUD = 921_600


@dataclass
class Registered:
    """What the centre gave: a token for each gateway, the boards by crossing point, and the office's token."""

    office_token: str
    gateway_tokens: dict[str, str] = field(default_factory=dict)
    boards: dict[str, Board] = field(default_factory=dict)
    seal_keys: dict[str, str] = field(default_factory=dict)


def register(scenario: Scenario, url: str, tokens: Path) -> Registered:
    """Register points, policy, gateways and boards at a running centre, board ids in the order of the points."""
    given = json.loads(tokens.read_text())
    done = Registered(given["office"])
    gateway_of = {code: name for name, codes in scenario.gateways.items() for code in codes}
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {given['admin']}"}, timeout=20) as client:
        _ok(client.put("/v1/policy", json=scenario.policy.model_dump()))
        for point in scenario.points.values():
            fields = asdict(point) | {"time_zone": zone_name(scenario.offset_of(point.code))}
            _ok(client.put(f"/v1/crossing-points/{point.code}", json=CrossingPoint.model_validate(fields).model_dump()))
        for name in scenario.gateways:
            done.gateway_tokens[name] = _ok(client.post("/v1/gateways", json={"name": name})).json()["token"]
        for code in scenario.points:
            done.seal_keys[code] = secrets.token_hex(32)
            body = {"crossing_point": code, "lane": "1", "gateway": gateway_of[code], "link_key": secrets.token_hex(16)}
            body["seal_key"] = done.seal_keys[code]
            done.boards[code] = Board.model_validate(_ok(client.post("/v1/boards", json=body)).json())
    return done


def zone_name(offset: int) -> str:
    """Return a fixed time zone of an offset in quarter hours, as `+09:00`."""
    sign = "-" if offset < 0 else "+"
    return f"{sign}{abs(offset) // 4:02d}:{abs(offset) % 4 * 15:02d}"


def board_settings(scenario: Scenario, board: Board, seal_key: str) -> dict[str, object]:
    """Return the settings.json of one board."""
    point = scenario.points[board.crossing_point]
    return {
        "board": board.board,
        "epoch": board.epoch,
        "crossing_point": {"code": point.code, "name": point.name, "kind": point.kind, "zone": point.zone},
        "lane": board.lane,
        "direction": "switched",
        "offset_quarters": scenario.offset_of(point.code),
        "link": {"carrier": "serial", "baud": BAUD},
        "link_key": board.link_key,
        "seal_key": seal_key,
        "assurance": scenario.policy.assurance,
        "language": "en",
        "oled": "sh1106",
    }


def gateway_config(
    folder: Path, name: str, url: str, token: str, ports: list[Path], radios: list[Path], clock: Path
) -> Path:
    """Write a gateway's configuration file and return its path."""
    values = {
        "data": str(folder),
        "name": name,
        "central_url": url,
        "token": token,
        "serial": [str(port) for port in ports],
        "radio": [str(port) for port in radios],
        "baud": BAUD,
        "clock_file": str(clock),
    }
    path = folder / "gateway.toml"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    path.chmod(0o600)
    return path


def _ok(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        why = response.json()["detail"]  # RFC 9457
    except (ValueError, KeyError, TypeError):
        why = response.text[:200]
    raise ReplayError(f"the centre refused {response.request.method} {response.request.url.path}: {why}")
