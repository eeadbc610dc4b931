"""The control channel: JSON lines on a Unix socket. A request is answered in order; events go to every client."""

import json
import os
import socket
from collections.abc import Callable

CLIENT_LIMIT = 16  # a demo, a test and some onlookers
LINE_LIMIT = 65536  # a request is some hundred bytes; a client beyond this speaks another language
BACKLOG_LIMIT = 1 << 20  # bytes of events that a client may leave unread before it is dropped


class Client:
    """One connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._in = bytearray()
        self._out = bytearray()
        sock.setblocking(False)

    def lines(self) -> list[bytes] | None:
        """Return the whole lines that arrived, None at the end of the connection."""
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return []
        except ConnectionResetError:
            return None
        if not data or len(self._in) > LINE_LIMIT:
            return None
        self._in += data
        *lines, rest = bytes(self._in).split(b"\n")
        self._in = bytearray(rest)
        return [line for line in lines if line.strip()]

    def send(self, message: dict[str, object]) -> bool:
        """Queue a line and send what fits; False if the client is gone or too slow."""
        self._out += json.dumps(message, separators=(",", ":")).encode() + b"\n"
        return self.flush()

    def flush(self) -> bool:
        """Send what fits; False if the client is gone or too slow."""
        try:
            while self._out:
                del self._out[: self.sock.send(self._out)]
        except BlockingIOError:
            return len(self._out) < BACKLOG_LIMIT
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    @property
    def waiting(self) -> bool:
        """Return True if something could not be sent yet."""
        return bool(self._out)


class ControlServer:
    """Listens at `path`; `do(request)` answers one request and raises ValueError for a wrong one."""

    def __init__(self, path: str, do: Callable[[dict[str, object]], dict[str, object]]) -> None:
        self.path = path
        self.clients: dict[int, Client] = {}
        self._do = do
        self._count = 0
        if os.path.exists(path):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.listener.bind(path)
        except OSError as error:
            raise OSError(
                f"the control socket {path} cannot be made: {error} (a path has at most 100 bytes)"
            ) from error
        self.listener.listen(CLIENT_LIMIT)
        self.listener.setblocking(False)

    def accept(self) -> None:
        """Take a new client."""
        sock, _ = self.listener.accept()
        if len(self.clients) >= CLIENT_LIMIT:
            sock.close()
            return
        self.clients[sock.fileno()] = Client(sock)

    def serve(self, number: int) -> None:
        """Answer what the client with that file descriptor asks."""
        client = self.clients[number]
        lines = client.lines()
        alive = lines is not None
        for line in lines or []:
            alive = client.send(self._answer(line)) and alive
        if not alive:
            self._drop(number)

    def flush(self) -> None:
        """Send on what clients did not take before."""
        for number, client in list(self.clients.items()):
            if client.waiting and not client.flush():
                self._drop(number)

    def event(self, name: str, fields: dict[str, object]) -> None:
        """Tell every client; `n` counts events, and answers carry its value too."""
        self._count += 1
        for number, client in list(self.clients.items()):
            if not client.send({"event": name, "n": self._count, **fields}):
                self._drop(number)

    def close(self) -> None:
        """Close everything and remove the socket's name."""
        for number in list(self.clients):
            self._drop(number)
        self.listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    def _answer(self, line: bytes) -> dict[str, object]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError("a request is a JSON object with a member do")
            answer: dict[str, object] = {"ok": True, **self._do(request)}
        except (ValueError, KeyError, TypeError, LookupError) as error:
            return {"ok": False, "error": str(error), "n": self._count}
        if "id" in request:
            answer["id"] = request["id"]
        return {**answer, "n": self._count}

    def _drop(self, number: int) -> None:
        client = self.clients.pop(number)
        client.sock.close()
