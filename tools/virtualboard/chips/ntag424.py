"""NTAG 424 DNA as the reader's field meets it: activation, APDUs, commands. "DS" is NXP NT4H2421Gx rev. 3.0.

Written from the data sheet with a cryptography of its own, so that a mistake in the firmware's sums shows. Not
modelled, and answered as unknown commands: LRP, SetConfiguration (so no random identifier). The data sheet gives no
times; the ones here are of the order that readers report.
"""

from collections.abc import Callable

from . import ntag424_answers as rc
from .cards import Card
from .ntag424_answers import Refused
from .ntag424_files import FileCommands
from .ntag424_keys import KeyCommands

ATQA, SAK = 0x0344, 0x20
ATS = bytes.fromhex("067777710280")  # FSCI 7, FWI 7, one historical byte (DS 8.1.1)
FRAME = 128 - 4  # INF bytes of a frame with FSCI 7, without PCB, CID and CRC
VERSION = (bytes.fromhex("04040230001105"), bytes.fromhex("04040201021105"))  # DS 10.5.2, Tables 54 and 56
PRODUCTION = bytes.fromhex("CF391D5B") + b"\x30\x2a\x18"  # batch, default FabKey, week 42, year 2018

BYTE_S = 9 / 106_000  # on the air: eight bits and parity at 106 kbit/s
BLOCK_S = 0.0009  # frame delay, prologue and CRC of a pair of frames
COMMAND_S = 0.0015
_APPLICATION, _PICC_LEVEL = bytes.fromhex("D2760000850101"), bytes.fromhex("D2760000850100")
_APPLICATION_ID, _MF_ID = b"\xe1\x10", b"\x3f\x00"
_FILES = {b"\xe1\x03": 1, b"\xe1\x04": 2, b"\xe1\x05": 3}


class Apdu:
    """A command split by ISO/IEC 7816-4: one length byte, data, one expected length (None if it is not there)."""

    def __init__(self, raw: bytes) -> None:
        self.cla, self.ins, self.p1, self.p2 = raw[:4]
        self.data, self.expected = b"", None
        self.sound = True
        if len(raw) == 5:
            self.expected = raw[4]
        elif len(raw) > 5:
            size = raw[4]
            self.data = raw[5 : 5 + size]
            self.sound = size > 0 and len(raw) in (5 + size, 6 + size)
            if len(raw) == 6 + size:
                self.expected = raw[-1]


class Ntag424(Card):
    """A card as delivered: all keys zero, files as Tables 7 to 9 say. `random(n)` gives its random bytes."""

    sak = SAK
    ats = ATS

    def __init__(self, uid: bytes, random: Callable[[int], bytes], signature: bytes = bytes(56)) -> None:
        super().__init__(uid, ATQA)
        if len(uid) != 7:
            raise ValueError("an NTAG 424 DNA has a 7-byte UID")
        self.signature = signature
        self.keys = KeyCommands(random)
        self.files = FileCommands(uid, self.keys, random)
        self.commands = 0  # APDUs that reached the card, for tests
        self.on_removed: Callable[[], None] | None = None
        self._power_up()

    def activated(self) -> None:
        """Begin at PICC level, without authentication."""
        self._power_up()

    def removed(self) -> None:
        """Lose what is in the RAM."""
        self._power_up()
        if self.on_removed is not None:
            self.on_removed()

    def exchange(self, command: bytes) -> tuple[bytes, float] | None:
        """Answer one APDU; a command shorter than an APDU's head stays without an answer."""
        if len(command) < 4:
            return None
        self.commands += 1
        self._busy_s = COMMAND_S
        answer = self._answer(Apdu(command))
        frames = -(-len(command) // FRAME) + -(-len(answer) // FRAME)
        return answer, (len(command) + len(answer)) * BYTE_S + frames * BLOCK_S + self._busy_s

    def _power_up(self) -> None:
        self._in_application = False
        self._version_part = 0
        self._busy_s = 0.0
        self.keys.power_up()
        self.files.power_up()

    def _answer(self, apdu: Apdu) -> bytes:
        try:
            if apdu.cla == 0x90:
                return self._native(apdu)
            if apdu.cla == 0x00:
                return self._iso(apdu)
        except Refused as refused:
            # Any error ends authentication and what was under way (DS 9.1.9).
            self._version_part = 0
            self.keys.end_session()
            self.files.other_command()
            return refused.status.to_bytes(2, "big")
        return rc.CLASS_NOT_SUPPORTED.to_bytes(2, "big")

    # Commands of class 90h

    def _native(self, apdu: Apdu) -> bytes:
        if not apdu.sound or apdu.expected is None:
            raise Refused(rc.LENGTH_ERROR)
        if apdu.p1 or apdu.p2:
            raise Refused(rc.PARAMETER_ERROR)
        if apdu.ins != 0xAF and (self._version_part or self.keys.under_way):
            raise Refused(rc.COMMAND_ABORTED)
        if apdu.ins != 0xAD:
            self.files.other_command()
        if apdu.ins in (0x71, 0x77, 0xAF) and not self._version_part:
            data, status, self._busy_s = self.keys.authenticate(apdu.ins, apdu.data, self._in_application)
            return data + status.to_bytes(2, "big")
        if apdu.ins in (0x60, 0xAF):
            return self._get_version(apdu)
        data = self._command(apdu)
        if apdu.ins == 0x3C:
            # The tables say 9100h, the application note and the silicon 9190h (AN12196, Read_Sig).
            return data + rc.SIGNATURE_FOLLOWS.to_bytes(2, "big")
        return data + rc.OK.to_bytes(2, "big")

    def _command(self, apdu: Apdu) -> bytes:
        """Run a command of one pass; return its data, protected as the state asks."""
        secure, files = self.keys, self.files
        if apdu.ins == 0x51:
            secure.need_session()
            secure.take(apdu.ins, apdu.data, 0, rc.FULL, 0)
            return secure.give(self.uid, rc.FULL)
        if apdu.ins == 0x3C:
            data = secure.take(apdu.ins, apdu.data, 1, rc.FULL, 0)[0]
            if data != b"\x00":
                raise Refused(rc.COMMAND_FORMAT_ERROR)
            return secure.give(self.signature, rc.FULL, rc.SIGNATURE_FOLLOWS & 0xFF)
        if apdu.ins == 0x64:
            number = secure.take(apdu.ins, apdu.data, 1, rc.MAC, 0)[0][0]
            return secure.give(bytes([secure.version_of(number, self._in_application)]), rc.MAC)
        if apdu.ins == 0xC4:
            self._busy_s += 0.005
            return secure.change_key(apdu.data, self._in_application)
        handler = {
            0xF5: files.get_settings, 0xF6: files.get_counters, 0x5F: files.change_settings, 0xAD: files.read,
            0x8D: files.write,
        }.get(apdu.ins)  # fmt: skip
        if handler is None:
            raise Refused(rc.ILLEGAL_COMMAND)
        if not self._in_application:
            raise Refused(rc.PERMISSION_DENIED)
        if apdu.ins in (0x5F, 0x8D):
            self._busy_s += 0.004
        return handler(apdu.data)

    def _get_version(self, apdu: Apdu) -> bytes:
        """Give the three parts of GetVersion; a MAC goes over all of them (DS Table 22, note 1)."""
        if self._version_part == 0:
            self.keys.take(apdu.ins, apdu.data, 0, rc.MAC, 0)
        elif apdu.data:
            raise Refused(rc.LENGTH_ERROR)
        if self._version_part < len(VERSION):
            self._version_part += 1
            return VERSION[self._version_part - 1] + rc.MORE.to_bytes(2, "big")
        self._version_part = 0
        last = self.uid + PRODUCTION
        whole = self.keys.give(b"".join(VERSION) + last, rc.MAC)
        return whole[14:] + rc.OK.to_bytes(2, "big")

    # Commands of ISO/IEC 7816-4, class 00h

    def _iso(self, apdu: Apdu) -> bytes:
        if self._version_part or self.keys.under_way:
            raise Refused(rc.CONDITIONS_NOT_SATISFIED)
        if apdu.ins != 0xB0:
            self.files.other_command()
        if not apdu.sound:
            raise Refused(rc.WRONG_LENGTH)
        if apdu.ins == 0xA4:
            self._select(apdu)
            return rc.ISO_OK.to_bytes(2, "big")
        if apdu.ins == 0xB0:
            if apdu.expected is None or apdu.data:
                raise Refused(rc.WRONG_LENGTH)
            data = self.files.read_binary(apdu.p1, apdu.p2, apdu.expected, self._in_application)
            return data + rc.ISO_OK.to_bytes(2, "big")
        if apdu.ins == 0xD6:
            self.files.update_binary(apdu.p1, apdu.p2, apdu.data, self._in_application)
            self._busy_s += 0.004
            return rc.ISO_OK.to_bytes(2, "big")
        raise Refused(rc.INSTRUCTION_NOT_SUPPORTED)

    def _select(self, apdu: Apdu) -> None:
        """Select level, application or file (DS 10.9.1); a new level or application ends an authentication."""
        if apdu.p1 not in (0, 1, 2, 3, 4) or apdu.p2 not in (0x00, 0x0C):
            raise Refused(rc.WRONG_P1_P2)
        if len(apdu.data) > 16:
            raise Refused(rc.LC_INCONSISTENT)
        name = apdu.data
        if apdu.p1 in (0, 2) and name in _FILES and self._in_application:
            self.files.selected = _FILES[name]
            return
        application = (apdu.p1 == 4 and name == _APPLICATION) or (apdu.p1 in (0, 1) and name == _APPLICATION_ID)
        level = (apdu.p1 == 4 and name == _PICC_LEVEL) or (apdu.p1 in (0, 3) and name in (b"", _MF_ID))
        if not application and not level:
            raise Refused(rc.FILE_NOT_FOUND_ISO)
        self._in_application = application
        self.keys.end_session()
        self.files.power_up()
