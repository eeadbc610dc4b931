"""What a checkpoint asks of an NTAG 424 DNA: to prove that it has a key, and to show its message; no session.

`drivers.ntag424` is the whole card, for a desk that issues it. "DS" is NXP NT4H2421Gx rev. 3.0.
Every command raises CardGone, CardRefused or CardForged (drivers.ntag424_status); then what is under way is over and
its keys are forgotten. Only an authentication that the card delays is repeated.
"""

from checkpost import ntag_passes
from checkpost.const import const
from drivers.ntag424_status import AUTHENTICATION_DELAY, ISO_OK, MORE, OK, CardForged, CardGone, CardRefused

# Commands (DS Table 22)
_AUTHENTICATE_FIRST = const(0x71)
_GET_KEY_VERSION = const(0x64)
ADDITIONAL_FRAME = 0xAF

_SELECT_APPLICATION = b"\x00\xa4\x04\x0c\x07\xd2\x76\x00\x00\x85\x01\x01\x00"  # NFC Forum Type 4 Tag
_NDEF_SHORT_ID = const(0x84)  # P1 of ISOReadBinary: select the file with short identifier 4 (DS Table 87)
READ_PIECE = 128  # with MAC and padding under the 252 bytes that the reader's normal frame holds
# Answers of 25 ms that a card gives after 50 failed tries before it goes on (DS 9); a guard waits 0.7 s.
_DELAYS = const(8)


class PlainNTAG424:
    """A card in the field; `exchange(apdu)` gives its answer or None, `random(n)` gives n fresh bytes."""

    delays = _DELAYS

    def __init__(self, exchange, random):
        self._exchange = exchange
        self._random = random

    def select(self):
        """Select the NDEF application, which an authentication needs; it ends a session (DS 10.9.1)."""
        self.forget()
        status, body = self._transmit(_SELECT_APPLICATION)
        if status != ISO_OK:
            raise CardRefused(status)
        self._sized(body, 0)

    def authenticate(self, number, key):
        """Prove card and reader to each other with key `number`, 16 bytes (DS 9.1.5)."""
        self.forget()
        challenge, rnd_a, closing = self._passes(_AUTHENTICATE_FIRST, bytes((number, 0)), key)
        if not self._open(key, challenge, rnd_a, closing):
            raise CardForged("it does not have key %d" % number)

    def forget(self):
        """Nothing is kept of a card."""

    def key_version(self, number):
        """Return the version of a key, 0 to 255; 0 as delivered (DS 10.6.2)."""
        return self._sized(self._call(_GET_KEY_VERSION, bytes((number,)), b"", ntag_passes.MAC), 1)[0]

    def read_ndef(self, size):
        """Return the first `size` bytes (to 256) of the NDEF file as a phone reads it, mirrors in place (DS 10.9.2)."""
        found = b""
        while len(found) < size:
            piece = min(READ_PIECE, size - len(found))
            status, body = self._transmit(bytes((0x00, 0xB0, _NDEF_SHORT_ID, len(found), piece)))
            if status != ISO_OK:
                self._refused(status)
            found += self._sized(body, piece)
        return found

    # One command: APDU, status, proof.

    def _open(self, key, challenge, rnd_a, closing):
        """Return True if the card closed as only one with the key can."""
        return ntag_passes.closed(key, rnd_a, closing) is not None

    def _call(self, command, header, data, mode):
        """Return the data of a command's answer: without a session everything is plain (DS 8.2.3.5)."""
        return self._expect(command, header + data, OK)

    def _passes(self, command, header, key):
        """Run both passes of an authentication; return challenge, RndA and closing."""
        status, challenge = self._send(command, header)
        for _ in range(self.delays):
            if status != AUTHENTICATION_DELAY:
                break
            status, challenge = self._send(command, header)
        if status != MORE:
            raise CardRefused(status)
        self._sized(challenge, ntag_passes.RANDOM_SIZE)
        rnd_a = self._random(ntag_passes.RANDOM_SIZE)
        answer = ntag_passes.answer_challenge(key, challenge, rnd_a)
        return challenge, rnd_a, self._expect(ADDITIONAL_FRAME, answer, OK)

    def _sized(self, body, size):
        if len(body) != size:
            self._forged("an answer of another length")
        return body

    def _expect(self, command, field, wanted):
        """Send a command of class 90h; return the answer's data if its status is the wanted one."""
        status, body = self._send(command, field)
        if status != wanted:
            self._refused(status)
        return body

    def _send(self, command, field):
        head = bytes((0x90, command, 0x00, 0x00))
        return self._transmit(head + (bytes((len(field),)) + field if field else b"") + b"\x00")

    def _transmit(self, apdu):
        """Return status word and data of the card's answer."""
        answer = self._exchange(apdu)
        if answer is None:
            self.forget()
            raise CardGone()
        if len(answer) < 2:
            self._forged("an answer without a status")
        return answer[-2] << 8 | answer[-1], answer[:-2]

    def _refused(self, status):
        self.forget()
        raise CardRefused(status)

    def _forged(self, what):
        self.forget()
        raise CardForged(what)
