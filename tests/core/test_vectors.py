from tests.core import vectors


def test_vectors_are_at_hand():
    assert len(vectors.load("crc16")) > 0
