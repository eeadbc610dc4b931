"""NTAG 424 DNA: keys, authentication and secure messaging. "DS" is NXP NT4H2421Gx rev. 3.0, 9.1, 10.4 to 10.6."""

import zlib
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from . import ntag424_answers as rc
from .ntag424_answers import Refused

KEYS = 5
SLOW_AFTER = 50  # failures in a row before AUTHENTICATION_DELAY (AN12196, failed authentication counter)
TOTAL_LIMIT, TOTAL_DECREASE = 1000, 10  # as delivered (DS Table 50)
FRAME_WAIT_S = 4096 / 13_560_000 * 2**7  # FWI 7
DELAY_S = 0.65 * FRAME_WAIT_S  # of one AUTHENTICATION_DELAY (DS 9)
MAX_DELAYS = 205  # the longest wait, in such answers: SeqFailCtr ends at 255
AES_S = 0.001


def aes_cbc(key: bytes, iv: bytes, data: bytes, back: bool = False) -> bytes:
    """Encrypt whole blocks in CBC mode, or decrypt them."""
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    worker = cipher.decryptor() if back else cipher.encryptor()
    return worker.update(data) + worker.finalize()


def aes_cmac(key: bytes, data: bytes) -> bytes:
    """Return the CMAC of NIST SP 800-38B."""
    mac = CMAC(algorithms.AES(key))
    mac.update(data)
    return mac.finalize()


def mac_t(key: bytes, data: bytes) -> bytes:
    """Return the 8 even-numbered bytes of the CMAC (DS 9.1.3)."""
    return aes_cmac(key, data)[1::2]


class Key:
    """One application key with its version and its failure counters."""

    def __init__(self, value: bytes = bytes(16), version: int = 0) -> None:
        self.value, self.version = value, version
        self.total_failures = self.failures_in_a_row = self.delays_spent = 0

    def failed(self) -> None:
        """Count an authentication that failed."""
        self.total_failures += 1
        self.failures_in_a_row = min(255, self.failures_in_a_row + 1)
        self.delays_spent = 0

    def succeeded(self) -> None:
        """Count one that did not."""
        self.total_failures = max(0, self.total_failures - TOTAL_DECREASE)
        self.failures_in_a_row = self.delays_spent = 0

    def delays_due(self) -> int:
        """Return how many delay answers are still to be given."""
        return max(0, min(MAX_DELAYS, self.failures_in_a_row - SLOW_AFTER + 1) - self.delays_spent)


class _State:
    """EV2 authenticated state."""

    def __init__(self, number: int, ti: bytes, counter: int, enc: bytes, mac: bytes) -> None:
        self.number, self.ti, self.counter, self.enc, self.mac = number, ti, counter, enc, mac

    def stamp(self, code: int) -> bytes:
        return bytes([code]) + self.counter.to_bytes(2, "little") + self.ti

    def iv(self, label: bytes) -> bytes:
        text = label + self.ti + self.counter.to_bytes(2, "little") + bytes(8)
        return aes_cbc(self.enc, bytes(16), text)


class KeyCommands:
    """The application's five keys, the authentication under way and the session."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self.slots = [Key() for _ in range(KEYS)]
        self.power_up()

    def power_up(self) -> None:
        """Begin without authentication."""
        self._state: _State | None = None
        self._pending: tuple[int, bytes, _State | None, bytes] | None = None

    @property
    def under_way(self) -> bool:
        """Whether a first pass waits for its second."""
        return self._pending is not None

    @property
    def authenticated_with(self) -> int | None:
        """The number of the key of the session, or None."""
        return self._state.number if self._state else None

    def end_session(self) -> None:
        """Return to the not authenticated state."""
        self.power_up()

    def need_session(self) -> None:
        """Refuse what is not for everybody."""
        if self._state is None:
            raise Refused(rc.AUTHENTICATION_ERROR)

    def authenticate(self, ins: int, data: bytes, in_application: bool) -> tuple[bytes, int, float]:
        """Run a pass of AuthenticateEV2First or NonFirst; return data, status and the time it took."""
        if ins == 0xAF:
            return self._second_pass(data), rc.OK, 6 * AES_S
        before = self._state
        if len(data) < 1 or (ins == 0x71 and (len(data) < 2 or len(data) != 2 + data[1])) or (ins == 0x77 and data[1:]):
            raise Refused(rc.LENGTH_ERROR)
        if data[0] & 0xC0 or (ins == 0x71 and data[1] > 6):
            raise Refused(rc.PARAMETER_ERROR)
        if not in_application or data[0] >= KEYS:
            raise Refused(rc.NO_SUCH_KEY)  # at PICC level there are originality keys only (DS 9.2.5)
        key = self.slots[data[0]]
        if (ins == 0x77 and before is None) or key.total_failures >= TOTAL_LIMIT:
            raise Refused(rc.PERMISSION_DENIED)
        if key.delays_due():
            key.delays_spent += 1
            self.end_session()
            return b"", rc.AUTHENTICATION_DELAY, DELAY_S
        rnd_b = self._random(16)
        capabilities = (data[2:8] + bytes(6))[:6] if ins == 0x71 else b""
        self._state = None
        self._pending = (data[0], rnd_b, before if ins == 0x77 else None, capabilities)
        return aes_cbc(key.value, bytes(16), rnd_b), rc.MORE, 2 * AES_S

    def _second_pass(self, data: bytes) -> bytes:
        pending, self._pending = self._pending, None
        if pending is None:
            raise Refused(rc.ILLEGAL_COMMAND)
        number, rnd_b, before, capabilities = pending
        key = self.slots[number]
        if len(data) != 32:
            raise Refused(rc.LENGTH_ERROR)
        plain = aes_cbc(key.value, bytes(16), data, back=True)
        rnd_a = plain[:16]
        if plain[16:] != rnd_b[1:] + rnd_b[:1]:
            key.failed()
            raise Refused(rc.AUTHENTICATION_ERROR)
        key.succeeded()
        ti, counter = (before.ti, before.counter) if before else (self._random(4), 0)
        context = bytes(a ^ b for a, b in zip(rnd_a[2:8], rnd_b[:6], strict=True))
        vector = b"\x00\x01\x00\x80" + rnd_a[:2] + context + rnd_b[6:] + rnd_a[8:]
        enc, mac = aes_cmac(key.value, b"\xa5\x5a" + vector), aes_cmac(key.value, b"\x5a\xa5" + vector)
        self._state = _State(number, ti, counter, enc, mac)
        turned = rnd_a[1:] + rnd_a[:1]
        closing = turned if before else ti + turned + bytes(6) + capabilities
        return aes_cbc(key.value, bytes(16), closing)

    # Secure messaging (DS 9.1.8 to 9.1.10)

    def take(self, ins: int, field: bytes, header: int, mode: int, size: int | None) -> tuple[bytes, bytes]:
        """Return header and data of a command after checking its protection; `size` is the data's, None if free."""
        state = self._state
        if state is None:
            head, data = field[:header], field[header:]
        else:
            head, data = self._opened(state, ins, field, header, mode)
            state.counter += 1
        if len(head) != header or (size is not None and len(data) != size):
            raise Refused(rc.LENGTH_ERROR)
        return head, data

    def _opened(self, state: _State, ins: int, field: bytes, header: int, mode: int) -> tuple[bytes, bytes]:
        if state.counter == 0xFFFF:
            raise Refused(rc.INTEGRITY_ERROR)
        if mode == rc.PLAIN:
            return field[:header], field[header:]
        if len(field) < header + 8:
            raise Refused(rc.LENGTH_ERROR)
        body, given = field[:-8], field[-8:]
        if mac_t(state.mac, state.stamp(ins) + body) != given:
            raise Refused(rc.INTEGRITY_ERROR)
        data = body[header:]
        if mode == rc.FULL and data:
            if len(data) % 16:
                raise Refused(rc.LENGTH_ERROR)
            plain = aes_cbc(state.enc, state.iv(b"\xa5\x5a"), data, back=True)
            data = plain.rstrip(b"\x00")[:-1]
            if plain != data + b"\x80" + bytes(len(plain) - len(data) - 1) or len(plain) - len(data) > 16:
                raise Refused(rc.INTEGRITY_ERROR)
        return body[:header], data

    def give(self, data: bytes, mode: int, code: int = 0x00) -> bytes:
        """Return an answer's data field, protected if there is a session."""
        state = self._state
        if state is None or mode == rc.PLAIN:
            return data
        if mode == rc.FULL and data:
            padded = data + b"\x80" + bytes(-(len(data) + 1) % 16)
            data = aes_cbc(state.enc, state.iv(b"\x5a\xa5"), padded)
        return data + mac_t(state.mac, state.stamp(code) + data)

    # Key management (DS 10.6)

    def version_of(self, number: int, in_application: bool) -> int:
        """Return a key's version."""
        if number & 0xF0:
            raise Refused(rc.PARAMETER_ERROR)
        if number >= KEYS or not in_application:
            raise Refused(rc.NO_SUCH_KEY)
        return self.slots[number].version

    def change_key(self, field: bytes, in_application: bool) -> bytes:
        """Run ChangeKey; a new key starts with fresh failure counters, a new key 0 ends the session."""
        if not in_application or self.authenticated_with != 0:
            raise Refused(rc.AUTHENTICATION_ERROR)
        head, data = self.take(0xC4, field, 1, rc.FULL, None)
        number = head[0]
        if number & 0xC0:
            raise Refused(rc.PARAMETER_ERROR)
        if number >= KEYS:
            raise Refused(rc.NO_SUCH_KEY)
        if len(data) != (17 if number == 0 else 21):
            raise Refused(rc.LENGTH_ERROR)
        if number == 0:
            self.slots[0] = Key(data[:16], data[16])
            self.end_session()
            return b""
        value = bytes(a ^ b for a, b in zip(data[:16], self.slots[number].value, strict=True))
        if (zlib.crc32(value) ^ 0xFFFFFFFF).to_bytes(4, "little") != data[17:]:
            raise Refused(rc.INTEGRITY_ERROR)
        self.slots[number] = Key(value, data[16])
        return self.give(b"", rc.FULL)
