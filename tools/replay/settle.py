"""Before the first tap: permits imported and known to every gateway, cards issued, rosters on the boards."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.status import status
from replay.processes import ReplayError
from replay.stage import CHECKPOST, Stage

AIR_PATIENCE = 10  # times longer: a roster by radio takes hours of the air


async def settle(stage: Stage) -> None:
    """Import the scenario at the first gateway, and wait until every part that is connected knows it."""
    first = next(iter(stage.gateways))
    await stage.run_command(
        CHECKPOST, "gateway", "import", "--config", str(stage.config_of(first)), str(stage.scenario.folder)
    )
    if stage.plan.broken:
        return
    await _until(stage, "applications and cards reach every gateway", lambda: _gateways_agree(stage))
    for guard in stage.guards.values():
        await guard.ready()
    await asyncio.to_thread(stage.issue_cards)
    patience_s = stage.patience_s * (AIR_PATIENCE if stage.air else 1)
    await _until(stage, "rosters reach every board", lambda: _rosters_complete(stage), patience_s)
    if not stage.plan.links_up:  # what a board is to do alone it was told before
        await stage.links(up=False)


async def _until(stage: Stage, what: str, done: Callable[[], Awaitable[bool]], patience_s: float = 0.0) -> None:
    patience_s = patience_s or stage.patience_s
    deadline = asyncio.get_running_loop().time() + patience_s
    while not await done():
        if asyncio.get_running_loop().time() > deadline:
            raise ReplayError(f"waited {patience_s:.0f} s in vain: {what}")
        await asyncio.sleep(0.2)


async def _statuses(stage: Stage) -> list[dict[str, Any]]:
    """Return what `checkpost gateway status --json` shows of each gateway; as a command it would work more than all
    that is waited for."""
    return [await asyncio.to_thread(status, stage.config_of(name).parent, name) for name in stage.gateways]


async def _gateways_agree(stage: Stage) -> bool:
    statuses = await _statuses(stage)
    same = {json.dumps(one["knowledge"], sort_keys=True) for one in statuses}
    return len(same) == 1 and all(one["outbox"] == 0 for one in statuses)


async def _rosters_complete(stage: Stage) -> bool:
    stage.pass_quietly()
    statuses = await _statuses(stage)
    boards = [board for one in statuses for board in one["boards"]]
    keys = all(one["card_keys"]["current"] for one in statuses)
    return keys and len(boards) == len(stage.boards) and all(board["roster_current"] for board in boards)
