"""Speaks to the centre: one request, its reply as a model, or an error by blame."""

from typing import TypeVar

import httpx
import zstandard
from pydantic import BaseModel, ValidationError

from gateway.contract import Batch, BatchReply, Board, Changes, Import, ImportReply
from gateway.contract.enrolment import CentreKeys, SealingKey, Signed
from gateway.contract.keys import ZoneKeys
from gateway.contract.reviews import GatewaySteps, StepsReply

CONNECT_S = 5.0
REPLY_S = 30.0  # a batch of 2,000 records on a slow disk, with room
WAIT_S = 10  # how long the centre may hold a request for changes open
PACK_OVER = 1024  # bytes of a body: below, packing saves no packet
PACK_LEVEL = 3  # zstd's usual one: hex packs to half in a millisecond
AGAIN = frozenset((408, 425, 429))  # of the 4xx: not our fault, try again

Reply = TypeVar("Reply", bound=BaseModel)


class CentreAway(Exception):
    """The centre cannot be reached or cannot serve now: try again later."""


class CentreRefuses(Exception):
    """The centre understood and says no. `kind`: the problem's name; trying the same again will not help."""

    def __init__(self, status: int, kind: str, detail: str):
        super().__init__(detail)
        self.status = status
        self.kind = kind

    @property
    def unknown_here(self) -> bool:
        """Return True if it is this gateway that the centre does not let in, whatever it brings."""
        return self.status == 401 or self.kind == "wrong-role"


class Centre:
    """The centre's API for gateways."""

    def __init__(self, http: httpx.AsyncClient):
        """`http`: with the centre's address and this gateway's token."""
        self._http = http
        self._url = str(http.base_url).rstrip("/")  # before each path: httpx would take both apart and join them anew

    async def send_batch(self, batch: Batch) -> BatchReply:
        """Deliver records; CentreAway or CentreRefuses when they are not taken."""
        return await self._ask("POST", "/v1/batches", BatchReply, body=batch)

    async def send_import(self, rows: Import) -> ImportReply:
        """Deliver imported rows; CentreAway or CentreRefuses when they are not taken."""
        return await self._ask("POST", "/v1/imports", ImportReply, body=rows)

    async def send_enrolment(self, given: Signed) -> Board:
        """Make a board known; CentreAway or CentreRefuses when it is not taken."""
        return await self._ask("POST", "/v1/board-enrolments", Board, body=given)

    async def introduce(self, sealing_key: str) -> CentreKeys:
        """Tell this gateway's public key, and return the centre's."""
        return await self._ask("PUT", "/v1/sealing-key", CentreKeys, body=SealingKey(sealing_key=sealing_key))

    async def send_steps(self, steps: GatewaySteps) -> StepsReply:
        """Deliver what persons did in reviews; CentreAway or CentreRefuses when it is not taken."""
        return await self._ask("POST", "/v1/reviews/steps", StepsReply, body=steps)

    async def changes(
        self, after: int, position: int, wait_s: int = WAIT_S, vouched: int | None = None, holes: str = ""
    ) -> Changes:
        """Return what is new since a revision and a position, as soon as there is something, empty after `wait_s`.

        `vouched`: up to then (Unix UTC) the centre holds all that this gateway's boards wrote; None: nobody can say.
        `holes`: the mark of those that are known here.
        """
        word = "" if vouched is None else f"&vouched={vouched}"
        word += f"&holes={holes}" if holes else ""
        return await self._ask("GET", f"/v1/changes?after={after}&position={position}&wait={wait_s}{word}", Changes)

    async def zone_keys(self) -> ZoneKeys:
        """Return the keys that prove cards at this gateway's points."""
        return await self._ask("GET", "/v1/zone-keys", ZoneKeys)

    async def _ask(self, method: str, path: str, model: type[Reply], body: BaseModel | None = None) -> Reply:
        headers = {"content-type": "application/json"} if body else {}
        content = body.model_dump_json(exclude_defaults=True).encode() if body else None
        if content and len(content) > PACK_OVER:
            content, headers["content-encoding"] = zstandard.compress(content, PACK_LEVEL), "zstd"
        try:
            response = await self._http.request(method, self._url + path, content=content, headers=headers)
            if response.is_server_error or response.status_code in AGAIN or response.is_redirect:
                raise CentreAway(f"the centre answered {response.status_code} to {method} {path}")
            if response.is_client_error:
                raise _refusal(response)
            return model.model_validate_json(response.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
            # A reply cut short, or one that is none, says as little as no reply.
            raise CentreAway(f"{method} {path}: {type(error).__name__} {error}".rstrip()) from error


def timeouts() -> httpx.Timeout:
    """Return the limits of a request: the centre may hold one for changes open for WAIT_S."""
    return httpx.Timeout(REPLY_S, connect=CONNECT_S, pool=CONNECT_S)


def _refusal(response: httpx.Response) -> CentreRefuses:
    try:
        document = response.json()
    except ValueError:
        document = {}
    if not isinstance(document, dict):
        document = {}
    kind = str(document.get("type", "")).rsplit(":", 1)[-1]
    detail = str(document.get("detail", "")) or f"the centre answered {response.status_code}"
    return CentreRefuses(response.status_code, kind, detail)
