"""A client of a board's control channel, for demos and tests."""

import json
import os
import socket
import time
from collections import deque

LIMIT_S = 60.0  # of any wait: an answer takes a millisecond, and on a machine that does much else seconds
EVENT_LIMIT = 10_000  # events kept for a client that does not wait for them


class ControlError(RuntimeError):
    """The board refused a request; the message says why."""


class Board:
    """One connection to control.sock. Requests block for their answer; events are kept in `events`."""

    def __init__(self, path: str, limit_s: float = LIMIT_S) -> None:
        self.events: deque[dict[str, object]] = deque(maxlen=EVENT_LIMIT)
        self._limit_s = limit_s
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.settimeout(limit_s)
        self._sock.connect(os.fspath(path))
        self._in = bytearray()

    def do(self, name: str, **fields: object) -> dict[str, object]:
        """Send a request and return its answer; ControlError if it was refused."""
        self._sock.sendall(json.dumps({"do": name, **fields}).encode() + b"\n")
        while True:
            message = self._next(self._limit_s)
            if message is None:
                raise TimeoutError(f"the board did not answer {name!r} within {self._limit_s} s")
            if "event" in message:
                self.events.append(message)
            elif not message["ok"]:
                raise ControlError(str(message["error"]))
            else:
                return message

    def wait(self, name: str, limit_s: float = LIMIT_S, after: int = 0, **fields: object) -> dict[str, object]:
        """Return the next event of that name with those fields and a number above `after`; TimeoutError without."""
        until = time.monotonic() + limit_s
        while True:
            while self.events:
                event = self.events.popleft()
                wanted = event["event"] == name and int(str(event["n"])) > after
                if wanted and all(event.get(key) == value for key, value in fields.items()):
                    return event
            message = self._next(until - time.monotonic())
            if message is None:
                raise TimeoutError(f"no event {name} {fields or ''} within {limit_s} s")
            self.events.append(message)

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def _next(self, limit_s: float) -> dict[str, object] | None:
        until = time.monotonic() + limit_s
        while b"\n" not in self._in:
            rest = until - time.monotonic()
            if rest <= 0:
                return None
            self._sock.settimeout(rest)
            try:
                data = self._sock.recv(65536)
            except TimeoutError:
                return None
            if not data:
                raise ConnectionError("the board's host is gone")
            self._in += data
        line, _, rest_bytes = bytes(self._in).partition(b"\n")
        self._in = bytearray(rest_bytes)
        message: dict[str, object] = json.loads(line)
        return message
