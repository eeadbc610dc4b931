"""What proves a card, between board and gateway: its message up; its key or read counter down. SPEC.md, "Messages".

Loaded when such a message is first said or heard: a board whose policy takes cards by their UID has no use for it.
"""

from checkpost.aes import BLOCK, KEY_SIZE
from checkpost.fields import exact, put
from checkpost.ntag_passes import MAC_SIZE

SUN = 0x07
CARD_COUNTER = 0x49
CARD_KEY = 0x4A


class Sun:
    """The message that the queried card signed (checkpost.sun): PICCData, 16 bytes, and MAC, 8. Board to gateway."""

    TYPE = SUN

    def __init__(self, query_id: int, picc_data: bytes, mac: bytes, board: int = 0):
        """`board` is filled in at the gateway."""
        self.query_id = query_id
        self.picc_data = picc_data
        self.mac = mac
        self.board = board

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        exact(self.picc_data, BLOCK)
        exact(self.mac, MAC_SIZE)
        out = bytearray()
        put(out, self.query_id, 2)
        return bytes(out) + self.picc_data + self.mac


class CardKey:
    """The key with which the board proves the queried card, and no other. Gateway to board, before its answer."""

    TYPE = CARD_KEY

    def __init__(self, query_id: int, number: int, version: int, key: bytes):
        """`number` on the card and `version` as in checkpost.cardkeys; `key`: 16 bytes."""
        self.query_id = query_id
        self.number = number
        self.version = version
        self.key = key


class CardCounter:
    """The queried card's own message holds, and its read counter rose. Gateway to board, before its answer."""

    TYPE = CARD_COUNTER

    def __init__(self, query_id: int, counter: int):
        self.query_id = query_id
        self.counter = counter


def parse_card_key(body: bytes) -> CardKey:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 4 + KEY_SIZE)
    return CardKey(body[0] | body[1] << 8, body[2], body[3], bytes(body[4:]))


def parse_card_counter(body: bytes) -> CardCounter:
    """Return the message in a body; MessageError when it is none."""
    exact(body, 5)
    return CardCounter(body[0] | body[1] << 8, body[2] | body[3] << 8 | body[4] << 16)


PARSERS = {CARD_KEY: parse_card_key, CARD_COUNTER: parse_card_counter}
