"""What stands at the river in a run: points, permits and cards of a seed, registered at the centre as people would."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gateway.central.access import ADMIN
from simulator.centre import Centre

DAY = "2026-11-%02d"
ZONES = ("north", "south")
PERMITS = 24
HISTORY_AGE_S = 20
FIRST_UTC_MS = 1_794_960_000_000  # 2026-11-18, in the middle of the permits' days


@dataclass
class Site:
    """What the centre gave: tokens by gateway, settings by board; and the cards that travellers carry."""

    tokens: dict[str, str] = field(default_factory=dict)
    boards: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    cards: list[bytes] = field(default_factory=list)
    knowledge: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)


async def register(centre: Centre, boards: int, rng: Random, link: Callable[[int], dict[str, object]]) -> Site:
    """Register everything of a run with `boards` boards at two gateways (one gateway where there is one board).

    `link(number)` gives the link of a board's settings.
    """
    site = Site()
    # A run is over before news are as old as a policy usually allows.
    policy = {"assurance": "uid", "frequent_count": 7, "history_max_age_s": HISTORY_AGE_S}
    await _tell(site, centre, "PUT", "/v1/policy", policy)
    gateways = ("g1", "g2")[: max(1, min(2, boards))]
    for name in gateways:
        site.tokens[name] = (await _tell(site, centre, "POST", "/v1/gateways", {"name": name}))["token"]
        site.boards[name] = []
    for number in range(boards):
        await _add_board(site, centre, number, gateways[number % len(gateways)], rng, link(number))
    await _tell(site, centre, "POST", "/v1/imports", _papers(site, boards, rng))
    return site


async def _tell(site: Site, centre: Centre, method: str, path: str, body: dict[str, Any]) -> Any:
    """Tell the centre, and remember it for a second centre that is to know the same."""
    site.knowledge.append((method, path, body))
    return await centre.office(method, path, ADMIN, json=body)


async def _add_board(
    site: Site, centre: Centre, number: int, gateway: str, rng: Random, link: dict[str, object]
) -> None:
    code, zone = f"P{number:02d}", ZONES[number % len(ZONES)]
    kind = "internal" if number % 5 == 4 else "border"
    point = {"code": code, "name": code, "kind": kind, "zone": zone}
    await _tell(site, centre, "PUT", f"/v1/crossing-points/{code}", point)
    asked = {"crossing_point": code, "lane": "1", "gateway": gateway, "link_key": rng.randbytes(16).hex()}
    board = await _tell(site, centre, "POST", "/v1/boards", asked)
    site.boards[gateway].append(
        {
            "board": board["board"],
            "epoch": board["epoch"],
            "crossing_point": point,
            "lane": "1",
            "direction": "switched",
            "offset_quarters": 36,
            "link": link,
            "link_key": asked["link_key"],
            "seal_key": rng.randbytes(32).hex(),
            "assurance": "uid",
            "language": "en",
            "oled": "sh1106",
        }
    )


def _papers(site: Site, boards: int, rng: Random) -> dict[str, Any]:
    """Return applications of every sort and their cards; some travellers carry a card that nobody issued."""
    applications, cards = [], []
    for number in range(PERMITS):
        name, uid = f"A{number:04d}", rng.randbytes(7)
        applications.append(
            {
                "application_id": name,
                "decision": rng.choice(("approved", "approved", "approved", "approved", "pending", "refused")),
                "valid_from": DAY % rng.choice((1, 1, 1, 19)),
                "valid_until": DAY % rng.choice((17, 18, 30, 30)),
                "crossing_points": [f"P{at:02d}" for at in range(boards) if rng.random() < 0.7] or ["P00"],
                "entries": rng.choice((None, None, 1, 3)),
                "max_stay_days": rng.choice((None, 2)),
                "zones": rng.choice(([], list(ZONES), ["north"])),
                "companions": rng.choice((None, 0, 1)),
            }
        )
        status = rng.choice(("active",) * 8 + ("lost", "revoked"))
        cards.append({"card_uid": uid.hex().upper(), "application_id": name, "status": status})
        site.cards.append(uid)
    site.cards += [rng.randbytes(7) for _ in range(3)]
    return {"applications": applications, "cards": cards}
