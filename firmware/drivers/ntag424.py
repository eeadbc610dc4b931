"""Card NTAG 424 DNA, through a reader's exchange of APDUs. "DS" is NXP NT4H2421Gx rev. 3.0.

Every command raises CardGone, CardRefused or CardForged (drivers.ntag424_status); then the session is over and its keys
are forgotten. What takes several APDUs is bounded by the size of a file; only an authentication that the card delays is
repeated.
"""

from checkpost import ntag
from checkpost.const import const
from checkpost.ntag_passes import FULL, MAC
from drivers.ntag424_plain import ADDITIONAL_FRAME, READ_PIECE, PlainNTAG424
from drivers.ntag424_status import MORE, OK, SIGNATURE_FOLLOWS, CardForged, CardRefused

NDEF_FILE = 2
DATA_FILE = 3

# Commands (DS Table 22)
_AUTHENTICATE_NEXT = const(0x77)
_GET_VERSION = const(0x60)
_GET_CARD_UID = const(0x51)
_CHANGE_KEY = const(0xC4)
_CHANGE_FILE_SETTINGS = const(0x5F)
_GET_FILE_SETTINGS = const(0xF5)
_GET_FILE_COUNTERS = const(0xF6)
_READ_DATA = const(0xAD)
_WRITE_DATA = const(0x8D)
_READ_SIGNATURE = const(0x3C)

# With header, padding and MAC one frame of 124 bytes, which the card writes whole or not (DS 10.8.2).
_WRITE_PIECE = const(95)
# All the delays that a card can ask for in a row, some 7 s: the count of failures ends at 255 (AN12196, failed
# authentications), and who issues cards waits.
_DELAYS = const(255)
_UID_SIZE = const(7)
_SIGNATURE_SIZE = const(56)
_VERSION_PART = const(7)
_VERSION_LAST = (14, 15)  # with the optional FabKeyID


class NTAG424(PlainNTAG424):
    """A card in the field, whole; `authenticate` opens a session, under whose protection all else then goes."""

    delays = _DELAYS

    def __init__(self, exchange, random):
        super().__init__(exchange, random)
        self._session = None

    def authenticate_next(self, number, key):
        """Change to another key within the transaction of the session (DS 9.1.6); ValueError without a session."""
        before = self._session
        if before is None:
            raise ValueError("a next authentication needs a first")
        self.forget()
        challenge, rnd_a, closing = self._passes(_AUTHENTICATE_NEXT, bytes((number,)), key)
        self._session = ntag.open_next(key, challenge, rnd_a, closing, before)
        if self._session is None:
            raise CardForged("it does not have key %d" % number)

    def forget(self):
        """End the session on this side."""
        if self._session is not None:
            self._session.forget()
        self._session = None

    def version(self):
        """Return what GetVersion gives in three parts, 28 or 29 bytes: hardware, software, production (DS 10.5.2)."""
        session = self._session
        field = session.protect(_GET_VERSION, b"", b"", MAC) if session else b""
        whole = self._expect(_GET_VERSION, field, MORE)
        whole += self._expect(ADDITIONAL_FRAME, b"", MORE)
        if len(whole) != 2 * _VERSION_PART:
            self._forged("a version of another length")
        whole += self._expect(ADDITIONAL_FRAME, b"", OK)
        if session:
            whole = self._accepted(0, whole, MAC)
        if len(whole) - 2 * _VERSION_PART not in _VERSION_LAST:
            self._forged("a version of another length")
        return whole

    def uid(self):
        """Return the card's 7-byte UID under its session's protection (DS 10.5.3)."""
        return self._sized(self._call(_GET_CARD_UID, b"", b"", FULL), _UID_SIZE)

    def signature(self):
        """Return the maker's signature over the UID, 56 bytes r and s, for a host to verify (AN12196, Read_Sig).

        ValueError with a session: it is read before.
        """
        if self._session is not None:
            raise ValueError("the signature is read without a session")
        status, body = self._send(_READ_SIGNATURE, b"\x00")
        if status != SIGNATURE_FOLLOWS and status != OK:
            raise CardRefused(status)
        return self._sized(body, _SIGNATURE_SIZE)

    def file_settings(self, number):
        """Return a file's settings as the card gives them (DS Table 73)."""
        return self._call(_GET_FILE_SETTINGS, bytes((number,)), b"", MAC)

    def change_file_settings(self, number, settings):
        """Set what `checkpost.ntag_files.settings` made; needs the session of the file's change key (DS 10.7.1)."""
        self._call(_CHANGE_FILE_SETTINGS, bytes((number,)), settings, FULL)

    def read_counter(self, number):
        """Return how often the file was read with a message (DS 10.7.3)."""
        body = self._sized(self._call(_GET_FILE_COUNTERS, bytes((number,)), b"", FULL), 5)
        return body[0] | body[1] << 8 | body[2] << 16

    def read(self, number, offset, size, mode):
        """Return `size` bytes of a file in the mode that its settings ask: PLAIN, MAC or FULL (DS 10.8.1)."""
        found = b""
        while len(found) < size:
            piece = min(READ_PIECE, size - len(found))
            header = _span(number, offset + len(found), piece)
            found += self._sized(self._call(_READ_DATA, header, b"", mode), piece)
        return found

    def write(self, number, offset, data, mode):
        """Write bytes to a file in the mode that its settings ask; pieces of 95 bytes are whole each (DS 10.8.2)."""
        for at in range(0, len(data), _WRITE_PIECE):
            piece = data[at : at + _WRITE_PIECE]
            self._sized(self._call(_WRITE_DATA, _span(number, offset + at, len(piece)), piece, mode), 0)

    def change_key(self, number, new_key, version, old_key):
        """Give a key its value and version; needs the session of key 0, ends it when key 0 changes (DS 10.6.1)."""
        data = ntag.new_key_data(number, new_key, version, old_key)
        if self._session is None or number:
            self._call(_CHANGE_KEY, bytes((number,)), data, FULL)
            return
        field = self._session.protect(_CHANGE_KEY, b"\x00", data, FULL)
        self._sized(self._expect(_CHANGE_KEY, field, OK), 0)  # no MAC: its key is gone (AN12196, ChangeKey)
        self.forget()

    # One command under the session's protection.

    def _open(self, key, challenge, rnd_a, closing):
        self._session = ntag.open_first(key, challenge, rnd_a, closing)
        return self._session is not None

    def _call(self, command, header, data, mode):
        """Return the data of a command's answer; without a session everything is plain (DS 8.2.3.5)."""
        if self._session is None:
            return super()._call(command, header, data, mode)
        body = self._expect(command, self._session.protect(command, header, data, mode), OK)
        return self._accepted(OK & 0xFF, body, mode)

    def _accepted(self, code, body, mode):
        data = self._session.accept(code, body, mode)
        if data is None:
            self._forged("the answer is not from this session")
        return data


def _span(number, offset, size):
    """Return the header of a data command: file, offset and length, each number of 3 bytes least significant first."""
    return bytes((number, offset & 0xFF, offset >> 8, 0, size & 0xFF, size >> 8, 0))
