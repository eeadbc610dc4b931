"""EV2 secure messaging against NXP's worked examples, and what has to be refused."""

import binascii

from checkpost import ntag, ntag_passes
from checkpost.aes import cbc_encrypt
from checkpost.card_aes import cbc_decrypt
from tests.core import vectors

KEY = bytes(range(16))
RND_A = bytes(range(100, 116))
RND_B = bytes(range(200, 216))
TI = b"\x11\x22\x33\x44"


def _bytes(entry, name):
    return binascii.unhexlify(entry[name])


def _session(entry):
    return ntag.Session(
        _bytes(entry, "transaction"), _bytes(entry, "encryption_key"), _bytes(entry, "mac_key"), entry["counter"]
    )


def _keys_of(session):
    return session._encryption_key, session._mac_key


def test_the_published_first_authentication():
    entry = vectors.load("ntag424_ev2_first")
    key, rnd_a, challenge = _bytes(entry, "key"), _bytes(entry, "rnd_a"), _bytes(entry, "encrypted_rnd_b")
    assert cbc_decrypt(key, bytes(16), challenge) == _bytes(entry, "rnd_b")
    assert ntag_passes.answer_challenge(key, challenge, rnd_a) == _bytes(entry, "command_data")
    session = ntag.open_first(key, challenge, rnd_a, _bytes(entry, "response"))
    assert session.transaction == _bytes(entry, "transaction_id")
    assert session.counter == 0
    assert _keys_of(session) == (_bytes(entry, "session_enc_key"), _bytes(entry, "session_mac_key"))


def test_the_other_published_authentications():
    tables = vectors.load("ntag424_messaging")
    for entry in tables["first"] + tables["next"]:
        key, rnd_a, challenge = _bytes(entry, "key"), _bytes(entry, "rnd_a"), _bytes(entry, "challenge")
        assert cbc_decrypt(key, bytes(16), challenge) == _bytes(entry, "rnd_b")
        assert ntag_passes.answer_challenge(key, challenge, rnd_a) == _bytes(entry, "answer")
        if "transaction" in entry:
            session = ntag.open_first(key, challenge, rnd_a, _bytes(entry, "closing"))
            assert session.transaction == _bytes(entry, "transaction")
        else:
            before = ntag.Session(TI, bytes(16), bytes(16), 5)
            session = ntag.open_next(key, challenge, rnd_a, _bytes(entry, "closing"), before)
            assert (session.transaction, session.counter) == (TI, 5)
        assert _keys_of(session) == (_bytes(entry, "encryption_key"), _bytes(entry, "mac_key"))


def test_the_published_commands():
    for entry in vectors.load("ntag424_messaging")["commands"]:
        session = _session(entry)
        field = session.protect(entry["command"], _bytes(entry, "header"), _bytes(entry, "data"), entry["mode"])
        assert field == _bytes(entry, "field"), entry["source"]
        assert session.counter == entry["counter"] + 1
        if "body" in entry:
            assert session.accept(entry["code"], _bytes(entry, "body"), entry["mode"]) == _bytes(entry, "answer")


def test_the_published_key_changes():
    for entry in vectors.load("ntag424_messaging")["change_key"]:
        data = ntag.new_key_data(entry["number"], _bytes(entry, "new_key"), entry["version"], _bytes(entry, "old_key"))
        assert data == _bytes(entry, "data")


def test_an_answer_with_one_wrong_bit_is_refused():
    for entry in vectors.load("ntag424_messaging")["commands"]:
        if "body" not in entry:
            continue
        body = _bytes(entry, "body")
        for at in range(len(body)):
            for bit in (1, 0x80):
                session = _session(entry)
                session.counter += 1
                changed = body[:at] + bytes([body[at] ^ bit]) + body[at + 1 :]
                assert session.accept(entry["code"], changed, entry["mode"]) is None


def test_an_answer_of_another_moment_is_refused():
    entry = vectors.load("ntag424_messaging")["commands"][5]
    for counter, code in ((0, 0), (2, 0), (1, 0xAF)):
        session = _session(entry)
        session.counter = counter
        assert session.accept(code, _bytes(entry, "body"), entry["mode"]) is None


def test_an_answer_cut_short_is_refused():
    entry = vectors.load("ntag424_messaging")["commands"][5]
    body = _bytes(entry, "body")
    for size in range(len(body)):
        session = _session(entry)
        session.counter += 1
        assert session.accept(0, body[:size], ntag_passes.FULL) is None


def _card(key, rnd_b=RND_B, capabilities=bytes(12)):
    """What a card with a key sends: challenge, and the closing of a first authentication."""
    challenge = cbc_encrypt(key, bytes(16), rnd_b)
    closing = cbc_encrypt(key, bytes(16), TI + ntag_passes.turn(RND_A) + capabilities)
    return challenge, closing


def test_a_card_with_another_key_is_refused():
    challenge, closing = _card(bytes(16))
    assert ntag.open_first(KEY, challenge, RND_A, closing) is None
    assert ntag.open_next(KEY, challenge, RND_A, closing[:16], ntag.Session(TI, KEY, KEY)) is None


def test_a_closing_with_one_wrong_byte_is_refused():
    challenge, closing = _card(KEY)
    assert ntag.open_first(KEY, challenge, RND_A, closing)
    for at in range(len(closing)):
        changed = closing[:at] + bytes([closing[at] ^ 0x01]) + closing[at + 1 :]
        assert ntag.open_first(KEY, challenge, RND_A, changed) is None, at


def test_a_closing_of_another_length_is_refused():
    challenge, closing = _card(KEY)
    for given in (b"", closing[:16], closing[:31], closing + bytes(16)):
        assert ntag.open_first(KEY, challenge, RND_A, given) is None


def test_a_closing_for_an_earlier_challenge_is_refused():
    challenge, closing = _card(KEY)
    assert ntag.open_first(KEY, challenge, bytes(16), closing) is None


def test_the_card_may_have_capabilities_and_the_reader_has_none():
    challenge, closing = _card(KEY, capabilities=b"\x00\x01\x02\x03\x04\x05" + bytes(6))
    assert ntag.open_first(KEY, challenge, RND_A, closing)
    challenge, closing = _card(KEY, capabilities=bytes(6) + b"\x02" + bytes(5))
    assert ntag.open_first(KEY, challenge, RND_A, closing) is None


def test_padding_comes_off_as_it_went_on():
    for size in range(40):
        data = b"\x80" * size
        assert len(ntag.pad(data)) == size // 16 * 16 + 16
        assert ntag.unpad(ntag.pad(data)) == data
    for wrong in (b"", bytes(16), b"\x80" + bytes(16), b"\x01" * 16):
        assert ntag.unpad(wrong) is None


def test_commands_count_in_every_mode():
    session = ntag.Session(TI, KEY, KEY)
    for mode in (ntag_passes.PLAIN, ntag_passes.MAC, ntag_passes.FULL):
        session.protect(0xAD, b"\x01", b"", mode)
    assert session.counter == 3
    assert session.protect(0xAD, b"\x01", b"data", ntag_passes.PLAIN) == b"\x01data"
    assert session.accept(0, b"anything", ntag_passes.PLAIN) == b"anything"


def test_the_last_count_ends_a_session():
    session = ntag.Session(TI, KEY, KEY, 0xFFFE)
    session.protect(0x51, b"", b"", ntag_passes.MAC)
    try:
        session.protect(0x51, b"", b"", ntag_passes.MAC)
    except ntag.SessionOver:
        return
    raise AssertionError("the counter went past FFFFh")


def test_forgetting_takes_the_keys():
    session = ntag.Session(TI, KEY, KEY)
    session.forget()
    assert _keys_of(session) == (b"", b"")
