"""The centre as the technician's tools see it: points and boards, over HTTPS with the admin's token."""

from pathlib import Path
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from gateway.contract import Board, Changes, CrossingPoint
from gateway.contract.enrolment import Signed
from gateway.contract.secrets import read_secret
from gateway.errors import OperatorError

Answer = TypeVar("Answer", bound=BaseModel)
TIMEOUT_S = 20.0
NO_CENTRE = "what answers there is no Checkpost centre, or another version of it: check --centre"


class CentreTrouble(OperatorError):
    """The centre refused something, or cannot be reached: the text says why and what to do."""


class CentreAway(CentreTrouble):
    """No way leads to the centre."""


class Centre:
    """Registers boards. `client` is an httpx client with base URL and token."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def knowledge(self) -> tuple[dict[str, CrossingPoint], str]:
        """Return the crossing points by code, and the assurance that the policy asks for."""
        points: dict[str, CrossingPoint] = {}
        assurance, after = "live", 0
        while True:
            page = _shaped(Changes, self._ask("GET", f"/v1/changes?after={after}"))
            for change in page.changes:
                if change.crossing_point:
                    points[change.crossing_point.code] = change.crossing_point
                if change.policy:
                    assurance = change.policy.assurance
            if not page.more:
                return points, assurance
            after = page.revision

    def register(self, point: str, lane: str, gateway: str, link_key: bytes, seal_key: bytes) -> Board:
        """Return the board of a link key: a new number, or the one it has when it was asked for before."""
        body = {"crossing_point": point, "lane": lane, "gateway": gateway}
        keys = {"link_key": link_key.hex(), "seal_key": seal_key.hex()}
        return _shaped(Board, self._ask("POST", "/v1/boards", body | keys))

    def open_epoch(self, number: int, link_key: bytes, seal_key: bytes) -> Board:
        """Return a board with its next epoch and new keys; the old link key opens nothing any more."""
        body = {"link_key": link_key.hex(), "seal_key": seal_key.hex()}
        return _shaped(Board, self._ask("POST", f"/v1/boards/{number}/epochs", body))

    def held(self, number: int, epoch: int) -> int:
        """Return up to which record the centre holds an epoch of a board, without a gap."""
        said = self._ask("GET", "/v1/held")
        try:
            found = [row["seq"] for row in said["held"] if (row["board"], row["epoch"]) == (number, epoch)]
        except (KeyError, TypeError):
            raise CentreTrouble(NO_CENTRE) from None
        return max(found, default=0)

    def enrol(self, gateway: str) -> str:
        """Return a new token for a gateway; the one that it had ends."""
        try:
            return str(self._ask("POST", "/v1/gateways", {"name": gateway})["token"])
        except (KeyError, TypeError):
            raise CentreTrouble(NO_CENTRE) from None

    def voucher(self, gateway: str, technician: str, boards: int) -> Signed:
        """Return a voucher for so many boards of a gateway; `technician`: the public key that signs for them."""
        body = {"gateway": gateway, "technician": technician, "boards": boards}
        return _shaped(Signed, self._ask("POST", "/v1/vouchers", body))

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            reply = self._client.request(method, path, json=body)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise CentreTrouble(f"--centre is no address of a centre ({error})") from error
        except httpx.HTTPError as error:
            raise CentreAway(f"the centre cannot be reached ({error}): check --centre and the network") from error
        if reply.is_success:
            try:
                return reply.json()
            except ValueError:
                raise CentreTrouble(NO_CENTRE) from None
        try:
            why = reply.json()["detail"]  # RFC 9457
        except (ValueError, KeyError, TypeError):
            why = f"it answers {reply.status_code}"
        raise CentreTrouble(f"the centre refused {method} {path.split('?')[0]}: {why}")


def open_centre(url: str, token_file: Path | None) -> Centre:
    """Return the centre at an address, with the admin's token from a file that holds nothing else."""
    if token_file is None:
        raise CentreTrouble("a centre wants the admin's token: give --token-file")
    headers = {"Authorization": f"Bearer {_token(token_file)}"}
    try:
        return Centre(httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S))
    except httpx.InvalidURL as error:
        raise CentreTrouble(f"{url} is no address of a centre ({error}): check --centre") from error


def _token(file: Path) -> str:
    """Return the token in a file; one that cannot be sent is not tried, since httpx would quote it as it complains."""
    try:
        held = read_secret(file)
        if held is None:
            raise CentreTrouble(f"{file} can be read by others: chmod 600 it, or get another token")
        token = held.decode().strip()
    except OSError as error:
        raise CentreTrouble(f"{file} cannot be read ({error.strerror}): it holds the admin's token") from error
    except UnicodeDecodeError:
        token = ""
    if not token.isascii() or len(token.split()) != 1:
        raise CentreTrouble(f"{file} holds no token: it is to hold the admin's token and nothing else")
    return token


def _shaped(kind: type[Answer], said: Any) -> Answer:
    try:
        return kind.model_validate(said)
    except ValidationError:
        raise CentreTrouble(NO_CENTRE) from None  # without the cause: it would quote the answer, and keys are in it
