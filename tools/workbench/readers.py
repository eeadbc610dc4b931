"""Readers at a desk: a board over its USB port, or a PC/SC reader. Both carry APDUs and know nothing of keys."""

import time
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

from gateway.errors import OperatorError

FIND_S = 30.0  # somebody is laying the card down
_LOOK_MS = 500  # one look on the board; between looks Ctrl-C works
_UID_APDU = b"\xff\xca\x00\x00\x00"  # PC/SC part 3, 3.2.2.1.3

_ON_THE_BOARD = """
import time
import pins
from machine import Pin, SPI
from drivers.pn532 import PN532
_desk = PN532(
    SPI(0, baudrate=5000000, sck=Pin(pins.NFC_SCK), mosi=Pin(pins.NFC_MOSI), miso=Pin(pins.NFC_MISO)),
    Pin(pins.NFC_CS_N, Pin.OUT, value=1), Pin(pins.NFC_IRQ_N, Pin.IN, Pin.PULL_UP),
    Pin(pins.NFC_RST_N, Pin.OUT, value=1), time)
_desk.begin()
def _find(limit_ms):
    began = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), began) < limit_ms:
        found = _desk.poll_targets(time.ticks_ms())
        if found:
            return " ".join(uid.hex() for uid, _, _ in found)
        time.sleep_ms(2)
    return ""
def _exchange(apdu):
    answer = _desk.exchange(1, bytes.fromhex(apdu))
    return "none" if answer is None else answer.hex()
"""


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
        self._run(_ON_THE_BOARD)

    def find(self, limit_s: float = FIND_S) -> bytes:
        """Wait for one card and return its UID."""
        until = self._clock() + limit_s
        while self._clock() < until:
            found = self._run(f"print(_find({_LOOK_MS}))").split()
            if len(found) > 1:
                raise ReaderTrouble("several cards lie on the reader: leave one")
            if found:
                return bytes.fromhex(found[0])
        raise ReaderTrouble("no card came: lay it flat on the reader")

    def exchange(self, apdu: bytes) -> bytes | None:
        """Carry one APDU."""
        said = self._run(f"print(_exchange('{apdu.hex()}'))")
        return None if said == "none" else bytes.fromhex(said)

    def close(self) -> None:
        """Give the board back: it starts its own program again."""
        self._transport.exec_raw_no_follow("import machine; machine.reset()")
        self._transport.close()

    def _run(self, source: str) -> str:
        try:
            said: bytes = self._transport.exec(source)
        except import_module("mpremote.transport").TransportError as error:
            # The board's own words end in the line that names the fault; the rest is a traceback.
            raise ReaderTrouble(f"the board's reader fails: {_last_line(str(error))}") from error
        return said.decode().strip()


class PcscReader:
    """A reader of the PC/SC service; `smartcard` is pyscard."""

    def __init__(self, smartcard: ModuleType, name: str = "") -> None:
        self._smartcard = smartcard
        found = [reader for reader in smartcard.System.readers() if name in str(reader)]
        if len(found) != 1:
            names = ", ".join(str(reader) for reader in smartcard.System.readers()) or "none"
            raise ReaderTrouble(f"{len(found)} readers are named {name!r}; there are: {names}")
        self._reader = found[0]
        self._connection: Any = None

    def find(self, limit_s: float = FIND_S) -> bytes:
        """Wait for one card and return its UID."""
        request = self._smartcard.CardRequest.CardRequest(timeout=limit_s, readers=[self._reader], newcardonly=False)
        try:
            service = request.waitforcard()
        except self._smartcard.Exceptions.CardRequestTimeoutException as error:
            raise ReaderTrouble("no card came: lay it flat on the reader") from error
        self._connection = service.connection
        self._connection.connect()
        answer = self.exchange(_UID_APDU)
        if answer is None or answer[-2:] != b"\x90\x00":
            raise ReaderTrouble("the reader does not give the card's UID: take a contactless reader")
        return answer[:-2]

    def exchange(self, apdu: bytes) -> bytes | None:
        """Carry one APDU."""
        try:
            data, sw1, sw2 = self._connection.transmit(list(apdu))
        except (self._smartcard.Exceptions.CardConnectionException, self._smartcard.Exceptions.NoCardException):
            return None
        return bytes([*data, sw1, sw2])

    def close(self) -> None:
        """Let go of the card."""
        if self._connection is not None:
            self._connection.disconnect()


def open_board(port: str) -> BoardReader:
    """Return the board at a serial port as a reader. Raises ReaderTrouble."""
    try:
        transport = import_module("mpremote.transport_serial").SerialTransport(port)
        # Without a soft reset: it would stop the timer that feeds the watchdog at the prompt.
        transport.enter_raw_repl(soft_reset=False)
    except (import_module("mpremote.transport").TransportError, OSError) as error:
        raise ReaderTrouble(f"no board answers at {port}: {_last_line(str(error))}") from error
    return BoardReader(transport)


def open_pcsc(name: str = "") -> PcscReader:
    """Return the PC/SC reader whose name holds `name`. Raises ReaderTrouble."""
    try:
        for part in ("CardRequest", "Exceptions", "System"):
            import_module(f"smartcard.{part}")
    except ImportError as error:
        raise ReaderTrouble(
            "PC/SC readers need pyscard: install checkpost[card], or use a board with --board"
        ) from error
    return PcscReader(import_module("smartcard"), name)


def _last_line(text: str) -> str:
    lines = text.replace("\\r\\n", "\n").strip().splitlines()
    return lines[-1].strip() if lines else "no reason given"
