"""Answers that are written while they are read, from a snapshot of the store that is let go of however they end."""

from collections.abc import Generator, Mapping

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Streamed(StreamingResponse):
    """Sends pieces; they are closed once they are sent, when who asked went away, and when nobody wants them."""

    def __init__(self, pieces: Generator[bytes], media_type: str, headers: Mapping[str, str] | None = None):
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._pieces.close()
