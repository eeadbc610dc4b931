"""Asks the centre on behalf of the office; whatever goes wrong is one sentence."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel

from gateway.contract import MAX_PAGE
from gateway.contract.log import MAX_LEAVES, Consistency, Leaf, Leaves
from gateway.contract.secrets import read_secret
from gateway.errors import OperatorError

NOT_FOUND = 404
TIMEOUT_S = 30  # a page takes milliseconds; this is for the line
LONG_S = 900  # an erasure writes the store's files anew: a minute for some gigabytes
OF_THE_TOKEN = ("wrong-role", "wrong-scope")  # another one is needed; every other refusal has words of its own
ROLES = ("office", "admin")  # which token of a tokens.json is taken, first found

Reply = TypeVar("Reply", bound=BaseModel)


class OfficeError(OperatorError):
    """It cannot be done; the message says what to do. `status`: of the answer of the centre, 0 without one."""

    def __init__(self, message: str, status: int = 0):
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Page:
    """A page of crossings, as they are written: (position, key, JSON line); and the log as it stood then."""

    rows: list[tuple[int, tuple[int, int, int], str]]
    position: int
    more: bool
    log: str
    crossings: int
    newest: int


class Client:
    """One centre, one token."""

    def __init__(self, url: str, token: str, transport: httpx.BaseTransport | None = None, purpose: str = ""):
        """`purpose`: why personal data are read; a person's token needs one."""
        self._url = url
        try:
            headers = {"Authorization": f"Bearer {token}"} | ({"Checkpost-Purpose": purpose} if purpose else {})
            self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, transport=transport)
        except (httpx.InvalidURL, UnicodeEncodeError, ValueError) as error:
            raise OfficeError(f"{url} is no address of a centre, or the token is no token ({error}).") from error

    def table(self) -> dict[str, Any]:
        """Return the office's table."""
        found: dict[str, Any] = self._get("/v1/table", {}).json()
        return found

    def pages(self, path: str, after: int) -> Iterator[Page]:
        """Yield the pages of a feed after a position, until the newest."""
        while True:
            page = self._page(path, after)
            yield page
            if not page.more:
                return
            after = page.position

    def text(self, path: str) -> str:
        """Return what the centre shows as text at a path."""
        return self._get(path, {}).text

    def cosigned(self) -> str | None:
        """Return the newest checkpoint that a second party signed, None when there is none."""
        try:
            return self._get("/v1/log/checkpoint", {"cosigned": True}).text
        except OfficeError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Return the proof that the log of one size begins with that of a smaller one."""
        found = self._model(Consistency, "/v1/log/consistency", {"first": first, "second": second})
        return [bytes.fromhex(step) for step in found.path]

    def leaves(self, after: int, size: int) -> Iterator[list[Leaf]]:
        """Yield the leaves of the log from a number to before `size`, a page at a time."""
        while after < size:
            asked = {"after": after, "limit": min(MAX_LEAVES, size - after)}
            page = self._model(Leaves, "/v1/log/leaves", asked).leaves
            if [leaf.leaf for leaf in page] != list(range(after, after + asked["limit"])):
                raise OfficeError(f"The centre at {self._url} did not give the leaves from {after} on; pull again.")
            yield page
            after += len(page)

    def standing(self) -> Iterator[bytes]:
        """Yield pieces of what the centre's tables say beside the log, from one snapshot: JSON lines."""
        try:
            with self._http.stream("GET", "/v1/log/standing", timeout=LONG_S) as answer:
                if not answer.is_success:
                    answer.read()
                yield from self._checked(answer).iter_bytes()
        except httpx.TransportError as error:
            raise OfficeError(f"The centre at {self._url} broke off ({error}); verify again.") from error

    def send_cosignature(self, note: str) -> None:
        """Hand in a checkpoint with a cosignature."""
        headers = {"content-type": "text/plain; charset=utf-8"}
        self._ask("POST", "/v1/log/cosignatures", content=note.encode(), headers=headers)

    def report(self, first: str, last: str, form: str) -> str:
        """Make the situation report; return it as a page (`html`) or as `json`."""
        return self.post("/v1/reports", {"first": first, "last": last}, {"form": form}).text

    def post(self, path: str, body: dict[str, Any], query: dict[str, str] | None = None) -> httpx.Response:
        """Send a body and return the answer; what the centre refuses is an OfficeError in its own words."""
        return self._ask("POST", path, json=body, params=query or {}, timeout=LONG_S)

    def _model(self, model: type[Reply], path: str, query: dict[str, int]) -> Reply:
        try:
            return model.model_validate_json(self._get(path, query).content)
        except ValueError as error:
            raise OfficeError(f"What answers at {self._url} is not a Checkpost centre; check --url.") from error

    def _page(self, path: str, after: int) -> Page:
        answer = self._get(path, {"after": after, "limit": MAX_PAGE})
        try:
            body = answer.json()
            rows = [
                (int(row["position"]), (row["board"], row["epoch"], row["seq"]), json.dumps(row, separators=(",", ":")))
                for row in body["crossings"]
            ]
            headers = answer.headers
            counts = int(headers["Checkpost-Crossings"]), int(headers["Checkpost-Position"])
            return Page(rows, body["position"], body["more"], headers["Checkpost-Log"], *counts)
        except (KeyError, TypeError, ValueError) as error:
            raise OfficeError(
                f"What answers at {self._url} is not a Checkpost centre ({error!r}); check --url."
            ) from error

    def _get(self, path: str, query: dict[str, Any]) -> httpx.Response:
        return self._ask("GET", path, params=query)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **more)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise OfficeError(f"{self._url} is no address of a centre; it begins with http:// or https://.") from error
        except httpx.TransportError as error:
            raise OfficeError(
                f"The centre at {self._url} cannot be reached ({error}); check --url and the line."
            ) from error
        return self._checked(answer)

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code == 401 or (answer.status_code == 403 and _kind(answer) in OF_THE_TOKEN):
            raise OfficeError(f"The centre at {self._url} does not accept this token; check --token-file.")
        if not answer.is_success:
            raise OfficeError(
                f"The centre at {self._url} answered {answer.status_code}: {_detail(answer)}", answer.status_code
            )
        return answer


def read_token(path: Path, roles: tuple[str, ...] = ROLES) -> str:
    """Return the token in a file: bare, or in a `tokens.json` of the centre; OfficeError when there is none.

    `roles`: whose token of a `tokens.json` is taken, the first that is there.
    """
    try:
        held = read_secret(path)
        if held is None:
            raise OfficeError(f"The token file {path} can be read by others: chmod 600 it, or get another token.")
        text = held.decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OfficeError(f"The token file {path} cannot be read ({error}).") from error
    if text.startswith("{"):
        try:
            tokens = json.loads(text)
        except ValueError as error:
            raise OfficeError(f"The token file {path} is not JSON ({error}).") from error
        text = str(next((tokens[role] for role in roles if role in tokens), ""))
    if not text or not text.isascii() or len(text.split()) != 1:
        raise OfficeError(f"The token file {path} holds no token.")
    return text


def _kind(answer: httpx.Response) -> str:
    """Return the short name of a problem."""
    try:
        return str(answer.json()["type"]).rsplit(":", 1)[-1]
    except (ValueError, KeyError, TypeError):
        return ""


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
