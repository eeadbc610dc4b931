"""Readers at a desk: a board over its USB port, or a PC/SC reader. Both carry APDUs and know nothing of keys."""

import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module, resources
from types import ModuleType
from typing import Any, Protocol

from gateway.errors import OperatorError

FIND_S = 30.0  # somebody is laying the card down
_RESTARTS = 5  # seconds in which a board that was the reader for the card before comes back to USB
_LOOK_MS = 500  # one look on the board; between looks Ctrl-C works
_NO_CARD = "no card came: lay it flat on the reader"
_UID_APDU = b"\xff\xca\x00\x00\x00"  # PC/SC part 3, 3.2.2.1.3


class ReaderTrouble(OperatorError):
    """The reader cannot be used as it is: the text says why and what to do."""


class Reader(Protocol):
    """Finds one card and carries APDUs to it."""

    def find(self, limit_s: float = FIND_S) -> bytes:
        """Wait for one card and return its UID. Raises ReaderTrouble."""

    def exchange(self, apdu: bytes) -> bytes | None:
        """Return the card's answer, None if it gives none. Raises ReaderTrouble."""

    def close(self) -> None:
        """Let go of the reader."""


class BoardReader:
    """A kiosk board as the reader, over mpremote; `transport` is its serial transport, in the raw REPL."""

    def __init__(self, transport: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._transport, self._clock = transport, clock
        # What runs there lies with the scripts for whose sake a flash keeps the firmware's names.
        self._run(resources.files("workbench.board").joinpath("inside", "reader.py").read_text())

    def find(self, limit_s: float = FIND_S) -> bytes:
        """Wait for one card and return its UID."""
        until = self._clock() + limit_s
        while self._clock() < until:
            found = self._run(f"_find({_LOOK_MS})").split()
            if len(found) > 1:
                raise ReaderTrouble("several cards lie on the reader: leave one")
            if found:
                return bytes.fromhex(found[0])
        raise ReaderTrouble(_NO_CARD)

    def exchange(self, apdu: bytes) -> bytes | None:
        """Carry one APDU."""
        said = self._run(f"_exchange('{apdu.hex()}')")
        return None if said == "none" else bytes.fromhex(said)

    def close(self) -> None:
        """Give the board back: it starts its own program again."""
        # Of a board that was unplugged there is nothing to give back, and its trouble was told by what failed before.
        with suppress(ReaderTrouble), _told():
            self._transport.exec_raw_no_follow("import machine; machine.reset()")
        with suppress(OSError):
            self._transport.close()

    def _run(self, source: str) -> str:
        with _told():
            said: bytes = self._transport.exec(source)
        return said.decode().strip()


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a board, its port or mpremote raises into ReaderTrouble."""
    try:
        yield
    except import_module("mpremote.transport").TransportError as error:
        # The board's own words end in the line that names the fault; the rest is a traceback.
        raise ReaderTrouble(f"the board's reader fails: {_last_line(str(error))}") from error
    except (OSError, struct.error) as error:  # mpremote unpacks what it could not read
        raise ReaderTrouble("the board left its port: plug it in, and begin again") from error


class PcscReader:
    """A reader of the PC/SC service; `smartcard` is pyscard."""

    def __init__(self, smartcard: ModuleType, name: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._smartcard, self._clock = smartcard, clock
        self._errors = (smartcard.Exceptions.SmartcardException, smartcard.pcsc.PCSCExceptions.BaseSCardException)
        with self._working():
            known = smartcard.System.readers()
        found = [reader for reader in known if name in str(reader)]
        if len(found) != 1:
            names = ", ".join(str(reader) for reader in known) or "none"
            raise ReaderTrouble(f"{len(found)} readers are named {name!r}; there are: {names}")
        self._reader = found[0]
        self._connection: Any = None

    def find(self, limit_s: float = FIND_S) -> bytes:
        """Wait for one card and return its UID."""
        until = self._clock() + limit_s
        while (left_s := until - self._clock()) > 0:
            self._wait(left_s)
            answer = self.exchange(_UID_APDU)
            if answer is not None and answer[-2:] == b"\x90\x00":
                return answer[:-2]
            if answer is not None:
                raise ReaderTrouble("the reader does not give the card's UID: take a contactless reader")
        raise ReaderTrouble(_NO_CARD)

    def exchange(self, apdu: bytes) -> bytes | None:
        """Carry one APDU."""
        if self._connection is None:
            return None
        try:
            data, sw1, sw2 = self._connection.transmit(list(apdu))
        except self._smartcard.Exceptions.SmartcardException:
            return None
        return bytes([*data, sw1, sw2])

    def close(self) -> None:
        """Let go of the card."""
        if self._connection is not None:
            with suppress(*self._errors):  # of a card that left, or a reader without its cable, nothing is held
                self._connection.disconnect()
        self._connection = None

    def _wait(self, limit_s: float) -> None:
        """Connect to the next card; to none if it leaves at once."""
        self.close()
        card_request = self._smartcard.CardRequest.CardRequest
        with self._working():
            request = card_request(timeout=limit_s, readers=[self._reader], newcardonly=False)
            try:
                service = request.waitforcard()
            except self._smartcard.Exceptions.CardRequestTimeoutException as error:
                raise ReaderTrouble(_NO_CARD) from error
        with suppress(self._smartcard.Exceptions.SmartcardException):
            service.connection.connect()
            self._connection = service.connection

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Turn what the PC/SC service raises into ReaderTrouble."""
        try:
            yield
        except self._errors as error:
            raise ReaderTrouble(f"the PC/SC service fails ({error}): start pcscd, plug the reader in") from error


def open_board(port: str, sleep: Callable[[float], None] = time.sleep) -> BoardReader:
    """Return the board at a serial port as a reader. Raises OperatorError."""
    for _ in range(_RESTARTS):
        if "://" in port or os.path.exists(port):
            break
        sleep(1.0)
    return BoardReader(import_module("workbench.board.wire").connect(port).transport)


def open_pcsc(name: str = "") -> PcscReader:
    """Return the PC/SC reader whose name holds `name`. Raises ReaderTrouble."""
    try:
        for part in ("CardRequest", "Exceptions", "System", "pcsc.PCSCExceptions"):
            import_module(f"smartcard.{part}")
    except ImportError as error:
        raise ReaderTrouble(
            "PC/SC readers need pyscard: install checkpost[card], or use a board with --board"
        ) from error
    return PcscReader(import_module("smartcard"), name)


def _last_line(text: str) -> str:
    lines = text.replace("\\r\\n", "\n").strip().splitlines()
    return lines[-1].strip() if lines else "no reason given"
