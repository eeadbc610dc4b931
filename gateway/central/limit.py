"""Refuses a request body that is larger than anything the interface takes, before it fills the memory."""

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
