"""SUN messages: NXP's worked examples, the form of ours, and what has to be refused."""

import binascii

from checkpost import sun, sun_form
from checkpost.aes import cbc_encrypt, ecb_encrypt
from tests.core import vectors

META = bytes(range(16))
FILE = bytes(range(50, 66))
UID = binascii.unhexlify("04a1b2c3d4e5f6")


def _bytes(entry, name):
    return binascii.unhexlify(entry[name])


def test_the_published_message():
    entry = vectors.load("ntag424_sdm")
    assert sun.read_meta(_bytes(entry, "sdm_meta_read_key"), _bytes(entry, "picc_enc_data")) == (
        _bytes(entry, "uid"),
        entry["read_counter"],
    )
    made = sun.sign(_bytes(entry, "sdm_file_read_key"), _bytes(entry, "uid"), entry["read_counter"], b"")
    assert made == _bytes(entry, "mac")


def test_the_published_session_keys():
    for entry in vectors.load("ntag424_messaging")["sdm_keys"]:
        key, uid, counter = _bytes(entry, "file_key"), _bytes(entry, "uid"), entry["counter"]
        assert sun.mac_key(key, uid, counter) == _bytes(entry, "mac_key")
        if "encryption_key" in entry:
            assert sun.encryption_key(key, uid, counter) == _bytes(entry, "encryption_key")


def test_the_published_file_data():
    for entry in vectors.load("ntag424_sdm_more")["file_data"]:
        uid, counter = _bytes(entry, "uid"), entry["read_counter"]
        assert sun.read_meta(bytes(16), _bytes(entry, "picc_enc_data")) == (uid, counter)
        if "encryption_key" in entry:
            assert sun.encryption_key(bytes(16), uid, counter) == _bytes(entry, "encryption_key")
        assert sun.read_file_data(bytes(16), uid, counter, _bytes(entry, "encrypted")) == _bytes(entry, "plain")


def test_the_published_macs():
    for entry in vectors.load("ntag424_sdm_more")["macs"]:
        uid, counter = _bytes(entry, "uid"), entry["read_counter"]
        if "mac_key" in entry:
            assert sun.mac_key(bytes(16), uid, counter) == _bytes(entry, "mac_key")
        assert sun.sign(bytes(16), uid, counter, entry["text"].encode()) == _bytes(entry, "mac")


def test_what_is_not_mirrored_is_not_in_the_key():
    made = [sun.mac_key(FILE, uid, counter) for uid in (b"", UID) for counter in (None, 1, 2)]
    assert len(set(made)) == 6


def test_parts_of_the_meta_data():
    def block(plain):
        return cbc_encrypt(META, bytes(16), plain + bytes(16 - len(plain)))

    assert sun.read_meta(META, block(b"\xc7" + UID + b"\x01\x02\x03")) == (UID, 0x030201)
    assert sun.read_meta(META, block(b"\x87" + UID)) == (UID, None)
    assert sun.read_meta(META, block(b"\x40\x05\x00\x00")) == (b"", 5)
    assert sun.read_meta(META, block(b"\x00")) is None
    assert sun.read_meta(META, block(b"\xc4" + UID + b"\x01\x02\x03")) is None


def test_encrypted_file_data_comes_back():
    key = sun.encryption_key(FILE, UID, 9)
    secret = cbc_encrypt(key, ecb_encrypt(key, b"\x09" + bytes(15)), b"permit of a card" * 2)
    assert sun.read_file_data(FILE, UID, 9, secret) == b"permit of a card" * 2


def _message(counter, uid=UID, meta_key=META, file_key=FILE):
    """What a card makes of the blank message."""
    plain = b"\xc7" + uid + bytes([counter & 255, counter >> 8 & 255, counter >> 16]) + b"\x5a" * 5
    meta = binascii.hexlify(cbc_encrypt(meta_key, bytes(16), plain)).upper()
    text = meta + b";"
    mac = binascii.hexlify(sun.sign(file_key, uid, counter, text)).upper()
    return sun.blank_message()[: sun_form.META_OFFSET] + text + mac


def test_the_blank_message_is_one_record():
    blank = sun.blank_message()
    assert len(blank) == sun_form.MESSAGE_SIZE == 2 + blank[1]
    assert blank[2:5] == bytes([0xD4, 13, 49])
    assert blank[5:18] == b"checkpost:sun"
    assert blank[sun_form.META_OFFSET : sun_form.META_OFFSET + sun_form.META_SIZE] == b"0" * 32
    assert blank[sun_form.MAC_OFFSET :] == b"0" * 16


def test_a_message_gives_its_counter():
    for counter in (0, 1, 255, 0x123456):
        assert sun.read_message(_message(counter), UID, META, FILE) == counter
    assert sun.read_message(_message(7) + bytes(100), UID, META, FILE) == 7


def test_a_message_of_another_card_or_key_is_none():
    other = UID[:-1] + b"\x00"
    assert sun.read_message(_message(7), other, META, FILE) is None
    assert sun.read_message(_message(7, uid=other), UID, META, FILE) is None
    assert sun.read_message(_message(7, meta_key=FILE), UID, META, FILE) is None
    assert sun.read_message(_message(7, file_key=META), UID, META, FILE) is None
    assert sun.read_message(sun.blank_message(), UID, META, FILE) is None


def test_a_message_with_one_wrong_byte_is_none():
    message = _message(7)
    for at in range(2, len(message)):
        changed = message[:at] + bytes([message[at] ^ 0x01]) + message[at + 1 :]
        assert sun.read_message(changed, UID, META, FILE) is None, at


def test_the_two_parts_are_all_that_a_verifier_needs():
    parts = sun_form.split_message(_message(7))
    assert (len(parts[0]), len(parts[1])) == (16, 8)
    assert sun.verify(parts[0], parts[1], UID, META, FILE) == 7
    assert sun.verify(parts[0], parts[1][:7], UID, META, FILE) is None
    assert sun.verify(parts[0][:15], parts[1], UID, META, FILE) is None
    assert sun.verify(parts[0], parts[1], UID[:-1] + b"\x00", META, FILE) is None


def test_small_letters_are_not_what_the_card_writes():
    message = _message(7)
    at = next(n for n in range(sun_form.META_OFFSET, len(message)) if message[n] > 64)
    changed = message[:at] + message[at : at + 1].lower() + message[at + 1 :]
    assert sun.read_message(changed, UID, META, FILE) is None


def test_a_message_cut_short_is_none():
    message = _message(7)
    for size in range(len(message)):
        assert sun.read_message(message[:size], UID, META, FILE) is None
