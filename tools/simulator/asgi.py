"""Carries an httpx request to an ASGI application in this process, without the machinery that a real one needs."""

from typing import Any

import httpx
from fastapi import FastAPI


async def ask(app: FastAPI, request: httpx.Request) -> httpx.Response:
    """Return the application's response; whatever it raises goes through."""
    body = [{"type": "http.request", "body": await request.aread(), "more_body": False}]
    started: dict[str, Any] = {}
    parts: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return body.pop() if body else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(_scope(request), receive, send)
    return httpx.Response(started["status"], headers=started["headers"], content=b"".join(parts), request=request)


def _scope(request: httpx.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": url.path,
        "raw_path": url.raw_path.split(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 123),
        "server": (url.host, url.port),
    }
