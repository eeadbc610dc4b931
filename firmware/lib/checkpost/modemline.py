"""The line between a gateway and its radio: messages as text lines on the radio's USB port. SPEC.md, "Modem".

That port is MicroPython's console, where a byte of 3 is Ctrl-C and belongs to the technician; so the bytes are text
(base64, RFC 4648), and a line break ends a message as the zero does in COBS.
"""

import binascii
import struct

SEND = 0x01  # token (2), begin within ms (2), urgent (1), frame
ASK = 0x02  # for a report
HEARD = 0x81  # signal dBm (1, signed), signal to noise dB (1, signed), frame
DONE = 0x82  # token (2), how (1), airtime ms (2)
REPORT = 0x83  # as Report

SENT = 0
CHANNEL_TAKEN = 1
NO_AIRTIME = 2
TOO_MANY = 3
TOO_LATE = 4
HOW = ("sent", "channel taken", "no airtime left", "too many at once", "too late")

MAX_FRAME = 255
_MARK = 0x7E  # "~": what else the console prints is no message
_REPORT = "<8sIBBIIIIIII"
REPORT_FIELDS = (
    "region", "channel_hz", "spreading_factor", "radio_ok", "airtime_limit_ms", "airtime_ms", "heard", "broken",
    "sent", "given_up", "refused",
)  # fmt: skip


def line(kind: int, body: bytes = b"") -> bytes:
    """Return a message as a line without its end."""
    return bytes([_MARK]) + binascii.b2a_base64(bytes([kind]) + body).rstrip()


def parse(text: bytes) -> tuple[int, bytes] | None:
    """Return (kind, body) of a line, None when it is no message."""
    if not text or text[0] != _MARK:
        return None
    try:
        raw = binascii.a2b_base64(text[1:])
    except ValueError:
        return None
    return (raw[0], raw[1:]) if raw else None


def pack_send(token: int, within_ms: int, urgent: bool, frame: bytes) -> bytes:
    """Return the line that has a frame sent."""
    return line(SEND, struct.pack("<HHB", token, within_ms, urgent) + frame)


def parse_send(body: bytes) -> tuple[int, int, bool, bytes] | None:
    """Return (token, within ms, urgent, frame), None when it is none."""
    if not 5 < len(body) <= 5 + MAX_FRAME:
        return None
    token, within_ms, urgent = struct.unpack("<HHB", body[:5])
    return token, within_ms, bool(urgent), body[5:]


def pack_heard(rssi_dbm: int, snr_db: int, frame: bytes) -> bytes:
    """Return the line of a frame that came."""
    return line(HEARD, struct.pack("<bb", max(-128, rssi_dbm), snr_db) + frame)


def parse_heard(body: bytes) -> tuple[int, int, bytes] | None:
    """Return (dBm, dB, frame), None when it is none."""
    if len(body) < 3:
        return None
    rssi_dbm, snr_db = struct.unpack("<bb", body[:2])
    return rssi_dbm, snr_db, body[2:]


def pack_done(token: int, how: int, airtime_ms: int) -> bytes:
    """Return the line that says what became of a frame."""
    return line(DONE, struct.pack("<HBH", token, how, airtime_ms))


def parse_done(body: bytes) -> tuple[int, int, int] | None:
    """Return (token, how, airtime ms), None when it is none."""
    if len(body) != 5 or body[2] >= len(HOW):
        return None
    token, how, airtime_ms = struct.unpack("<HBH", body)
    return token, how, airtime_ms


def pack_report(identity: bytes, fields: list[object]) -> bytes:
    """Return the report's line. `identity`: the chip's 8 bytes; `fields`: in the order of REPORT_FIELDS."""
    region = fields[0].encode()  # type: ignore[attr-defined]
    return line(REPORT, identity + struct.pack(_REPORT, region, *fields[1:]))


def parse_report(body: bytes) -> dict[str, object] | None:
    """Return the report by name, with `identity` in hex; None when it is none."""
    if len(body) != 8 + struct.calcsize(_REPORT):
        return None
    values = list(struct.unpack(_REPORT, body[8:]))
    try:
        values[0] = values[0].rstrip(b"\0").decode()
    except ValueError:
        return None
    found = dict(zip(REPORT_FIELDS, values))
    found["identity"] = binascii.hexlify(body[:8]).decode()
    return found
