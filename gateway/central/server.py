"""Serves the centre: one process, one ready line on standard output, an orderly end."""

import json
import socket
import sys
import threading

import uvicorn
from fastapi import FastAPI

from gateway.central.bell import Bell

BACKLOG = 256
END_S = 3  # given to open requests when the centre stops
KEEP_ALIVE_S = 75  # longer than a gateway's pause between two requests, so that each finds its connection open


class ServeError(Exception):
    """The centre cannot listen; the message says why and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket (port 0: any free one); ServeError when the address cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # Named as TCP, or asyncio leaves Nagle's delay on: 40 ms for each answer.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except OSError as error:
        raise ServeError(f"Cannot listen on {host} port {port} ({error.strerror}); choose another --port.") from error
    return bound


def serve(app: FastAPI, bound: socket.socket, follow_stdin: bool) -> None:
    """Serve until a signal, or until standard input closes when `follow_stdin` is set."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=END_S,
    )
    server = _Server(config, app.state.parts.bell, _url(bound))
    if follow_stdin:
        threading.Thread(target=server.follow_stdin, daemon=True).start()
    server.run(sockets=[bound])


class _Server(uvicorn.Server):
    """Says when it is ready, and lets go of long polls before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, bell: Bell, url: str):
        super().__init__(config)
        self._bell = bell
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(json.dumps({"ready": True, "url": self._url}), flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._bell.close()
        await super().shutdown(sockets)

    def follow_stdin(self) -> None:
        """Stop when standard input ends: whoever started this is gone."""
        sys.stdin.buffer.read()
        self.should_exit = True


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
