"""Serves the centre: one process, one ready line on standard output, an orderly end."""

import gc
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import uvicorn
from fastapi import FastAPI

from gateway.central.bell import Bell

BACKLOG = 256
END_S = 3  # given to open requests when the centre stops
COLLECT_AFTER = 50_000  # new objects: a batch of records makes some twenty thousand, most of which go by themselves
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


@dataclass(frozen=True)
class Tls:
    """Files in PEM form: the certificate with its chain, and its private key."""

    certificate: Path
    key: Path

    def check(self) -> None:
        """Return if the two fit; ServeError if not."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            why = (error.reason or "one of them is not PEM") if isinstance(error, ssl.SSLError) else error.strerror
            raise ServeError(
                f"The certificate {self.certificate} and its key {self.key} cannot be used ({why})."
            ) from error


def say_ready(url: str) -> None:
    """Print the ready line."""
    print(json.dumps({"ready": True, "url": url}), flush=True)


def serve(
    app: FastAPI,
    bound: socket.socket,
    until: BinaryIO | None,
    tls: Tls | None = None,
    ready: Callable[[str], None] = say_ready,
) -> None:
    """Serve until a signal, or until the stream `until` ends; `ready` is told the address when it is served."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=END_S,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    server = _Server(config, app.state.parts.bell, lambda: ready(url_of(bound, tls)))
    if until:
        threading.Thread(target=server.follow, args=(until,), daemon=True).start()
    # What was loaded stays: a collection need not look through it again, nor come with every batch of records.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    server.run(sockets=[bound])


class _Server(uvicorn.Server):
    """Says when it is ready, and lets go of long polls before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, bell: Bell, ready: Callable[[], None]):
        super().__init__(config)
        self._bell = bell
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._bell.close()
        await super().shutdown(sockets)

    def follow(self, until: BinaryIO) -> None:
        """Stop when the stream ends: whoever started this is gone."""
        until.read()
        self.should_exit = True


def url_of(bound: socket.socket, tls: Tls | None) -> str:
    """Return the address under which a socket is served."""
    scheme = "https" if tls else "http"
    host, port = bound.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
