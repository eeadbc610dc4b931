"""One board at a port, over mpremote's serial transport: `/dev/ttyACM0`, a pty, or `socket://HOST:PORT`."""

import base64
import json
import os
import struct
import time
from collections.abc import Callable
from importlib import resources
from typing import Any

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial import SerialException

from gateway.errors import OperatorError

CHUNK = 1024  # bytes of a file sent at once: a board has room for them, as base64 and as bytes
SILENCE_S = 60.0  # without a byte from the board; the longest work of a snippet is a signature, some seconds
ENTER_S = 5.0  # for the prompt, a try
FIRST_ENTER_S = 0.3  # for the first try, then twice as long each: a board that just starts hears no Ctrl-C yet
QUIET_S = 0.1  # without a byte: nothing more is on its way
BANNER = b"raw REPL; CTRL-B to exit\r\n"
TRIES = 12  # 45 seconds in all: a board that starts takes some of them until it hears Ctrl-C
LOST = (TransportError, SerialException, OSError, struct.error, IndexError)  # how mpremote says that the board is gone


class BoardTrouble(OperatorError):
    """A board does not do what was asked of it: the text names the board, the trouble and what to do."""


class CableLost(BoardTrouble):
    """The connection ended in the middle; the same command goes on where it stood."""


class Board:
    """A board in its raw prompt. `run` and `ask` execute source text there, `put` writes a file."""

    def __init__(self, port: str, transport: Any) -> None:
        self.port = port
        self._transport = transport
        self._loaded: set[str] = set()

    @property
    def transport(self) -> Any:
        """Return mpremote's transport, in the raw prompt."""
        return self._transport

    def run(self, source: str, on_line: Callable[[str], None] | None = None) -> str:
        """Execute source on the board and return what it printed; `on_line` is told each line as it comes."""
        said = bytearray()

        def hear(piece: bytes) -> None:
            said.extend(piece.replace(b"\x04", b""))
            if on_line and piece.endswith(b"\n"):
                on_line(bytes(said).rstrip(b"\r\n").rpartition(b"\n")[2].decode(errors="replace"))

        try:
            if on_line is None:
                return self._exec(source).decode(errors="replace")
            self._exec(source, hear)
        except TransportExecError as error:
            raise BoardTrouble(f"{self.port}: {_last_line(error.error_output)}") from error
        except LOST as error:
            raise CableLost(f"{self.port}: the board does not answer any more ({error}): run it again") from error
        return said.decode(errors="replace")

    def _exec(self, source: str, consumer: Callable[[bytes], None] | None = None) -> bytes:
        said, wrong = self._transport.exec_raw(source, timeout=SILENCE_S, data_consumer=consumer)
        if wrong:
            raise TransportExecError(said, wrong.decode(errors="replace"))
        return bytes(said)

    def ask(self, source: str) -> Any:
        """Execute source that prints one line of JSON, and return what it means."""
        said = self.run(source).strip()
        try:
            return json.loads(said.splitlines()[-1])
        except (ValueError, IndexError) as error:
            raise BoardTrouble(f"{self.port}: an answer that cannot be read: {said[-200:]!r}; run it again") from error

    def load(self, name: str) -> None:
        """Bring a snippet of `inside/` onto the board, once a connection."""
        if name not in self._loaded:
            self.run(resources.files("workbench.board").joinpath("inside", f"{name}.py").read_text())
            self._loaded.add(name)

    def put(self, path: str, data: bytes, sent: Callable[[int], None] | None = None) -> None:
        """Write a file in place; a connection that ends in between leaves it short."""
        self.run(f"from binascii import a2b_base64 as _u\n_f = open({path!r}, 'wb')")
        for at in range(0, len(data), CHUNK):
            piece = data[at : at + CHUNK]
            self.run(f"_f.write(_u({base64.b64encode(piece)!r}))")
            if sent:
                sent(len(piece))
        self.run("_f.close()")

    def replace(self, path: str, data: bytes) -> None:
        """Write a file so that at any moment the old one or the new one is there, whole."""
        self.put(path + ".new", data)
        self.run(f"import os\nos.rename({path + '.new'!r}, {path!r})")

    def read(self, path: str) -> bytes | None:
        """Return a file's content, None where there is none."""
        self.load("files")
        said = self.ask(f"_read({path!r})")
        return None if said is None else base64.b64decode(said)

    def close(self, restart: bool = True) -> None:
        """Let the board go: it starts anew, or stays at its prompt."""
        try:
            if restart:
                self._transport.exec_raw_no_follow("import machine; machine.reset()")
            else:
                self._transport.exit_raw_repl()
            self._transport.close()
        except LOST:
            pass  # it is gone already, which is what was wanted

    def abandon(self) -> None:
        """Close the port as a cable that is pulled does."""
        self._transport.serial.close()


def connect(port: str) -> Board:
    """Return the board at a port, in its raw prompt without a soft reset (which would end the watchdog's feeding)."""
    place = port if "://" in port else os.path.realpath(port)  # mpremote knows a pty by its real name
    why: BaseException | None = None
    try:
        transport = SerialTransport(place)
        for number in range(TRIES):
            try:
                _enter(transport, f"try {number}", min(ENTER_S, FIRST_ENTER_S * (1 << number)))
                return Board(port, transport)
            except (TransportError, struct.error) as error:  # a board that is just starting hears nothing yet
                why = error
        transport.close()
    except (*LOST, ValueError) as error:  # ValueError: a kind of address that pySerial does not know
        why = error
    raise BoardTrouble(f"no board answers at {port} ({why}): check the cable, and that no other program holds the port")


def _enter(transport: Any, token: str, within_s: float) -> None:
    """Reach the raw prompt, or raise TransportError when it does not come in time.

    As mpremote's enter_raw_repl, which prints what it cannot read and takes the answers to an earlier try for its own.
    """
    transport.serial.timeout = within_s
    transport.use_raw_paste = True
    transport.serial.write(b"\r\x03")
    while _waits(transport):
        transport.serial.read(transport.serial.inWaiting())
    transport.serial.write(b"\r\x01")
    if not transport.read_until(1, BANNER, timeout=within_s, timeout_overall=within_s).endswith(BANNER):
        raise TransportError("the raw prompt does not come")
    transport.serial.timeout = ENTER_S
    said, _ = transport.exec_raw(f"print('{token}')", timeout=ENTER_S)
    if said.strip() != token.encode():
        raise TransportError("the raw prompt gives other answers")
    transport.in_raw_repl = True
    transport.serial.timeout = SILENCE_S


def _waits(transport: Any) -> bool:
    """Return True as soon as bytes wait, False when none came for a moment."""
    for _ in range(10):
        if transport.serial.inWaiting():
            return True
        time.sleep(QUIET_S / 10)
    return False


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "it failed without a word"
