"""The peer of the gateway's intake: its little MQTT, and the same rows through Mosquitto where that is installed."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benches import gateway, mosquitto, mqtt
from benches.bare import TABLES
from gateway.store import database
from gateway.store.store import open_store

CROSSINGS = 6


def test_a_length_is_written_as_in_the_standards_example():
    assert mqtt.packet(mqtt.PUBLISH, bytes(321))[1:3] == bytes([193, 2])  # 2.2.3: 65 + 2 x 128
    assert mqtt.connect("me") == b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x00\x00\x02me"


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 64))
def test_chunking_never_changes_which_messages_are_heard(payloads, size):
    stream = b"".join(mqtt.publish("t", number, payload) for number, payload in enumerate(payloads, start=1))
    parser = mqtt.Parser()
    heard = [found for at in range(0, len(stream), size) for found in parser.feed(stream[at : at + size])]
    assert [kind for kind, _ in heard] == [mqtt.PUBLISH] * len(payloads)
    assert [mqtt.message(body) for _, body in heard] == list(enumerate(payloads, start=1))


@pytest.mark.skipif(mosquitto.program() is None, reason="Mosquitto is not installed")
def test_the_same_rows_arrive_through_mosquitto(tmp_path):
    store = open_store(tmp_path, roster_id=1)
    gateway.teach(store, 10)
    gateway.take(store, list(gateway.sealed(CROSSINGS, 10)))
    store.close()
    assert mosquitto.crossings_a_second(mosquitto.program(), tmp_path, CROSSINGS, 2) > 0
    ours, theirs = (sqlite3.connect(tmp_path / name) for name in (database.FILE_NAME, "peer.db"))
    for table in TABLES:
        rows = [conn.execute(f"SELECT * FROM {table} ORDER BY board, epoch, seq").fetchall() for conn in (ours, theirs)]
        assert rows[0] == rows[1] and rows[0], table
    ours.close()
    theirs.close()
