"""As much of MQTT 3.1.1 as a publisher and a subscriber with QoS 1 need. Section numbers are of the OASIS standard."""

import socket
import struct
from collections.abc import Iterator

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
_QOS_1 = 1
_CLEAN = 0x02
_RECEIVE = 1 << 16


class MqttError(Exception):
    """The broker said something else than it should."""


def packet(kind: int, body: bytes, flags: int = 0) -> bytes:
    """Return a control packet (2.2)."""
    size, length = len(body), b""
    while True:
        size, digit = divmod(size, 128)
        length += bytes([digit | (0x80 if size else 0)])
        if not size:
            return bytes([kind << 4 | flags]) + length + body


def text(words: str) -> bytes:
    """Return a string with its length before it (1.5.3)."""
    raw = words.encode()
    return struct.pack(">H", len(raw)) + raw


def connect(client: str) -> bytes:
    """Return the first packet of a connection (3.1), with no keep-alive: it lasts seconds."""
    return packet(CONNECT, text("MQTT") + bytes([4, _CLEAN, 0, 0]) + text(client))


def publish(topic: str, number: int, payload: bytes) -> bytes:
    """Return a message of QoS 1 (3.3); `number`: 1 to 65535, of those that are not acknowledged."""
    return packet(PUBLISH, text(topic) + struct.pack(">H", number) + payload, _QOS_1 << 1)


def subscribe(topic: str) -> bytes:
    """Return what asks for a topic's messages with QoS 1 (3.8)."""
    return packet(SUBSCRIBE, struct.pack(">H", 1) + text(topic) + bytes([_QOS_1]), 2)


def puback(number: int) -> bytes:
    """Return the acknowledgement of a message (3.4)."""
    return packet(PUBACK, struct.pack(">H", number))


def message(body: bytes) -> tuple[int, bytes]:
    """Return number and payload of a PUBLISH with QoS 1."""
    topic = struct.unpack_from(">H", body)[0]
    return struct.unpack_from(">H", body, 2 + topic)[0], body[4 + topic :]


class Parser:
    """Cuts a stream into packets."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (kind, body) of every packet that is whole now."""
        rest, at = self._rest + data, 0
        while (head := _head(rest, at)) is not None and head[1] <= len(rest):
            yield rest[at] >> 4, rest[head[0] : head[1]]
            at = head[1]
        self._rest = rest[at:]


def _head(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where the body of the packet at `at` begins and ends, None while its length is not there."""
    size = shift = 0
    for place in range(at + 1, min(at + 5, len(data))):
        size |= (data[place] & 0x7F) << shift
        shift += 7
        if data[place] < 0x80:
            return place + 1, place + 1 + size
    return None


class Connection:
    """A client's connection to a broker on this machine."""

    def __init__(self, port: int, client: str):
        """Connect; OSError when nobody listens, MqttError when the broker refuses."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parser = Parser()
        self.send(connect(client))
        self.expect(CONNACK, b"\0\0")

    def send(self, data: bytes) -> None:
        """Send packets."""
        self._socket.sendall(data)

    def receive(self) -> list[tuple[int, bytes]]:
        """Wait for packets and return those that came."""
        while True:
            data = self._socket.recv(_RECEIVE)
            if not data:
                raise MqttError("the broker hung up")
            if found := list(self._parser.feed(data)):
                return found

    def expect(self, kind: int, body: bytes) -> None:
        """Wait for one packet; MqttError when it is another."""
        if self.receive() != [(kind, body)]:
            raise MqttError(f"the broker does not answer with packet {kind}")

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
