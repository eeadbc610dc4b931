"""The peer of the gateway's intake: the same rows as messages of QoS 1 through Mosquitto into SQLite.

A publisher sends two messages a crossing (the crossing, its outcome), each with the rows that our gateway would write,
as JSON; a subscriber writes them with the gateway's tables, indexes and sync, as many a transaction as our intake, and
acknowledges after the commit. It checks and judges nothing. The broker keeps its queue in memory, as is its default.
"""

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benches import mqtt
from benches.bare import TABLES
from gateway.store import database

TOPIC = "crossings"
START_S = 5.0  # a broker listens within so long
_BYTES = "#"  # before bytes in hex: no text in these rows begins with it
IN_FLIGHT = 512  # messages that the publisher has under way: two transactions
_CONFIG = """listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_inflight_messages 0
max_queued_messages 0
set_tcp_nodelay true
log_type error
"""


def program() -> str | None:
    """Return the broker's path, None where it is not installed."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def crossings_a_second(broker: str, folder: Path, crossings: int, batch: int) -> float:
    """Send the rows of the gateway's store in `folder` through a broker into an empty store beside it.

    `batch`: crossings of one transaction.
    """
    load = folder / "messages.jsonl"
    load.write_text("".join(f"{one}\n" for one in messages(folder / database.FILE_NAME)))
    port = _free_port()
    config = folder / "mosquitto.conf"
    config.write_text(_CONFIG.format(port=port))
    with subprocess.Popen([broker, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            return crossings / _through(port, load, folder / "peer.db", 2 * batch)
        finally:
            running.terminate()


def messages(store: Path) -> Iterator[str]:
    """Yield, for each record of a store, the rows that came of it, by table, as JSON."""
    source = sqlite3.connect(store)
    rows: dict[tuple[int, int, int], dict[str, list[object]]] = {}
    for table in TABLES:
        for row in source.execute(f"SELECT * FROM {table} ORDER BY board, epoch, seq"):
            told = [_BYTES + value.hex() if isinstance(value, bytes) else value for value in row]
            rows.setdefault(row[:3], {})[table] = told
    source.close()
    yield from (json.dumps(found) for found in rows.values())


def _through(port: int, load: Path, path: Path, batch: int) -> float:
    """Return the seconds from the first message to the last commit."""
    subscriber = _connected(port, "subscriber")
    subscriber.send(mqtt.subscribe(TOPIC))
    subscriber.expect(mqtt.SUBACK, b"\0\1\1")
    conn = database.connect(path)
    database.migrate(conn, path)
    count = sum(1 for _ in load.open())
    sender = [sys.executable, "-m", "benches.mosquitto", str(port), str(load)]
    with subprocess.Popen(
        sender, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    ) as publisher:
        assert publisher.stdout is not None and publisher.stdin is not None
        publisher.stdout.readline()  # all is prepared
        publisher.stdin.write(b"\n")
        publisher.stdin.flush()
        begun = time.perf_counter()
        _take(subscriber, conn, count, batch)
        took_s = time.perf_counter() - begun
        if publisher.wait(timeout=60):
            raise mqtt.MqttError("the publisher failed")
    conn.close()
    subscriber.close()
    return took_s


def _take(subscriber: mqtt.Connection, conn: sqlite3.Connection, count: int, batch: int) -> None:
    """Write and acknowledge `count` messages, up to `batch` a transaction."""
    waiting: list[tuple[int, bytes]] = []
    while count:
        if not waiting:
            waiting = [mqtt.message(body) for kind, body in subscriber.receive() if kind == mqtt.PUBLISH]
        load, waiting = waiting[:batch], waiting[batch:]
        rows: dict[str, list[list[object]]] = {}
        for _, payload in load:
            for table, row in json.loads(payload).items():
                rows.setdefault(table, []).append(list(map(_untold, row)))
        conn.execute("BEGIN IMMEDIATE")
        for table in filter(rows.get, TABLES):
            found = rows[table]
            conn.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(found[0]))})", found)
        conn.execute("COMMIT")
        subscriber.send(b"".join(mqtt.puback(number) for number, _ in load))
        count -= len(load)


def _untold(value: object) -> object:
    return bytes.fromhex(value[1:]) if isinstance(value, str) and value[:1] == _BYTES else value


def _connected(port: int, client: str) -> mqtt.Connection:
    """Connect to a broker that is just starting."""
    until = time.monotonic() + START_S
    while True:
        try:
            return mqtt.Connection(port, client)
        except ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _publish(port: int, load: Path) -> None:
    """Send every line of a file as a message, when a line comes on standard input; return when all are acknowledged."""
    packets = [
        mqtt.publish(TOPIC, 1 + at % 0xFFFF, line.rstrip(b"\n"))
        for at, line in enumerate(load.read_bytes().splitlines())
    ]
    connection = mqtt.Connection(port, "publisher")
    print("ready", flush=True)
    sys.stdin.readline()
    acknowledged = 0
    for at in range(0, len(packets), IN_FLIGHT // 2):
        connection.send(b"".join(packets[at : at + IN_FLIGHT // 2]))
        while acknowledged < at:
            acknowledged += sum(kind == mqtt.PUBACK for kind, _ in connection.receive())
    while acknowledged < len(packets):
        acknowledged += sum(kind == mqtt.PUBACK for kind, _ in connection.receive())


if __name__ == "__main__":
    _publish(int(sys.argv[1]), Path(sys.argv[2]))
