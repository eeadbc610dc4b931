"""HEAD: what GET would answer, without its body."""

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Said(Exception):
    """The head is out: nothing more is wanted, and a stream of news would have no end."""


class Heads:
    """ASGI middleware: a HEAD is served as the GET of the same address; nothing of a body goes out."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the headers of its answer are those of the GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        scope["method"] = "GET"  # in its place: who measures finds the route in the same scope

        async def bodiless(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _Said

        with suppress(_Said):
            await self._app(scope, receive, bodiless)
