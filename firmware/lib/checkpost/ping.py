"""The range test: a board's ping, and what the gateway's radio heard of it. Loaded by a modem and for the test alone.

SPEC.md, "Range test".
"""

import struct

from checkpost.frames import VERSION, Header, parse_header
from checkpost.limits import HEADER_SIZE

PING = 5
PONG = 6
SIZE = 32  # bytes of both: about a query's frame on the air
_SIGNALS = 2


def pack_ping(board: int, number: int) -> bytes:
    """Return the frame of a board's ping; `number`: of the ping, 16 bits."""
    return Header(PING, board, number, False).pack() + bytes(SIZE - HEADER_SIZE)


def answer(frame: bytes, rssi_dbm: int, snr_db: int) -> bytes:
    """Return the frame that answers a ping, with how it was heard; b"" for any other frame."""
    header = parse_header(frame)
    if header is None or len(frame) != SIZE or (header.version, header.kind, header.down) != (VERSION, PING, False):
        return b""
    signals = struct.pack("<bb", max(-128, rssi_dbm), snr_db)
    return Header(PONG, header.board, header.counter, True).pack() + signals + bytes(SIZE - HEADER_SIZE - _SIGNALS)


def parse_pong(frame: bytes, board: int, number: int) -> tuple[int, int] | None:
    """Return (dBm, dB) at which a ping was heard, None for a frame that does not answer it."""
    header = parse_header(frame)
    if header is None or len(frame) != SIZE or (header.version, header.kind, header.down) != (VERSION, PONG, True):
        return None
    if (header.board, header.counter) != (board, number):
        return None
    rssi_dbm, snr_db = struct.unpack("<bb", frame[HEADER_SIZE : HEADER_SIZE + _SIGNALS])
    return rssi_dbm, snr_db
