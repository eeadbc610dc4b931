"""What a desk asks of the centre: keys of one card, and its row changed. No key is in an error text."""

from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from gateway.contract import Card
from gateway.contract.keys import CardKeySets
from gateway.errors import OperatorError
from gateway.office.client import read_token
from workbench.cards import CardKeys

TIMEOUT_S = 30
ROLES = ("desk", "admin")  # whose token of the centre's tokens.json is taken


class CentreTrouble(OperatorError):
    """The centre did not do it; the text says why and what to do."""


class Centre:
    """One centre, with a desk's token."""

    def __init__(self, url: str, token_file: Path, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url
        headers = {"Authorization": f"Bearer {read_token(token_file, ROLES)}"}
        try:
            self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, transport=transport)
        except (httpx.InvalidURL, ValueError) as error:
            raise CentreTrouble(f"{url} is no address of a centre: check --url") from error

    def register(self, uid: bytes, application_id: str) -> None:
        """Put a card to a permit; a card that carries it already stays as it is."""
        self._card("PUT", uid, "", {"application_id": application_id})

    def keys(self, uid: bytes, reason: str) -> tuple[str, list[CardKeys]]:
        """Return a registered card's zone and its key sets, those to be issued last."""
        answer = self._ask("POST", f"/v1/cards/{_name(uid)}/keys", {"reason": reason})
        try:
            given = CardKeySets.model_validate_json(answer.content)
            sets = [
                CardKeys(uid, one.version, {at: bytes.fromhex(key) for at, key in one.keys.items()})
                for one in given.cards
            ]
        except (ValidationError, ValueError):
            # Without the cause: a parser's message may quote the answer.
            raise CentreTrouble(f"the centre at {self._url} gave no keys that can be used: check --url") from None
        return given.zone, sorted(sets, key=lambda one: one.version)

    def issued(self, uid: bytes, version: int) -> Card:
        """Say which keys a card has now; return its row."""
        return self._card("POST", uid, "/issued", {"version": version})

    def block(self, uid: bytes, status: str, blocked_from: int | None) -> Card:
        """Block a card; return its row."""
        return self._card("POST", uid, "/block", {"status": status, "blocked_from": blocked_from})

    def replace(self, uid: bytes, by_uid: bytes) -> Card:
        """End a card and put another to its permit; return the new one's row."""
        return self._card("POST", uid, "/replacement", {"card_uid": _name(by_uid)})

    def _card(self, method: str, uid: bytes, path: str, body: dict[str, Any]) -> Card:
        answer = self._ask(method, f"/v1/cards/{_name(uid)}{path}", body)
        try:
            return Card.model_validate_json(answer.content)
        except ValidationError as error:
            raise CentreTrouble(f"what answers at {self._url} is no Checkpost centre: check --url") from error

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        try:
            answer = self._http.request(method, path, json=body)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise CentreTrouble(f"{self._url} is no address of a centre: check --url") from error
        except httpx.TransportError as error:
            raise CentreTrouble(f"the centre at {self._url} cannot be reached ({error}): check --url") from error
        if answer.status_code in (401, 403):
            raise CentreTrouble(f"the centre at {self._url} does not let this desk do that: check --token-file")
        if not answer.is_success:
            raise CentreTrouble(f"the centre says {answer.status_code}: {_detail(answer)}")
        return answer


def _name(uid: bytes) -> str:
    return uid.hex().upper()


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return "no reason given"
