"""Bodies: refuses what is larger than anything the interface takes, before it fills the memory; unpacks zstd."""

import io

import zstandard
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 4 << 20  # bytes: the largest batch the contract allows takes about 2.2 MB


class BodyLimit:
    """ASGI middleware: a body over `MAX_BODY` ends the request with 413."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what it sends."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY:
                raise HTTPException(413, f"a body may have at most {MAX_BODY} bytes; send less at once")
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)


class PackedBody:
    """ASGI middleware: a body sent with `Content-Encoding: zstd` reaches the interface unpacked; no other is known."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body unpacked if it is packed."""
        encoding = Headers(scope=scope).get("content-encoding", "") if scope["type"] == "http" else ""
        if encoding in ("", "identity"):
            await self._app(scope, receive, send)
            return
        given = False

        async def unpacked() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            if encoding != "zstd":
                raise HTTPException(415, f"a body may be packed with zstd, not with {encoding[:20]!r}")
            return {"type": "http.request", "body": _unpacked(await _whole(receive)), "more_body": False}

        await self._app(scope, unpacked, send)


async def _whole(receive: Receive) -> bytes:
    pieces, more = [], True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        more = bool(message.get("more_body", False))
    return b"".join(pieces)


def _unpacked(packed: bytes) -> bytes:
    try:
        found = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read(MAX_BODY + 1)
    except zstandard.ZstdError as error:
        raise HTTPException(400, f"the body is not zstd ({error})") from error
    if len(found) > MAX_BODY:
        raise HTTPException(413, f"a body may have at most {MAX_BODY} bytes when it is unpacked; send less at once")
    return bytes(found)
