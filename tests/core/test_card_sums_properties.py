"""The digests of tests/vectors/card_sums.json are those of `cryptography`; and the core agrees with it on any input."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpost import cardkeys, cmac, ntag, ntag_passes, sun
from tests.core import card_sums, vectors
from tests.core.test_card_sums import Ours

KEYS = st.binary(min_size=16, max_size=16)
FEW = settings(max_examples=60, deadline=None)


def cbc(key, iv, data, back=False):
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    return (cipher.decryptor() if back else cipher.encryptor()).update(data)


def mac(key, data):
    made = CMAC(algorithms.AES(key))
    made.update(data)
    return made.finalize()


def short(key, data):
    return mac(key, data)[1::2]


class Theirs:
    """The same after the data sheets, with nothing of the core (NXP NT4H2421Gx rev. 3.0, AN10922, NIST SP 800-38B)."""

    cmac = staticmethod(mac)

    @staticmethod
    def diversify(master, *parts):
        """AN10922 2.2: always two blocks, the last one masked by K1 if it is whole and by K2 else."""
        text = b"\x01" + b"".join(parts)
        mask = int.from_bytes(cbc(master, bytes(16), bytes(16)), "big")
        for _ in range(1 if len(text) == 32 else 2):
            mask = mask << 1 ^ (mask >> 127) * (1 << 128 | 0x87)
        padded = text if len(text) == 32 else (text + b"\x80").ljust(32, b"\x00")
        last = (int.from_bytes(padded[16:], "big") ^ mask).to_bytes(16, "big")
        return cbc(master, bytes(16), padded[:16] + last)[16:]

    @staticmethod
    def answer(key, rnd_a, rnd_b):
        return cbc(key, bytes(16), rnd_a + rnd_b[1:] + rnd_b[:1])

    @staticmethod
    def first(key, rnd_a, rnd_b, transaction, _, counter=0):
        mixed = bytes(a ^ b for a, b in zip(rnd_a[2:8], rnd_b[:6], strict=True))
        vector = b"\x00\x01\x00\x80" + rnd_a[:2] + mixed + rnd_b[6:] + rnd_a[8:]
        keys = [mac(key, label + vector) for label in (b"\xa5\x5a", b"\x5a\xa5")]
        return transaction, *keys, counter.to_bytes(2, "little")

    @staticmethod
    def following(key, rnd_a, rnd_b, transaction, counter):
        return Theirs.first(key, rnd_a, rnd_b, transaction, b"", counter)

    @staticmethod
    def command(session, command, header, data, mode):
        transaction, encryption, macing, counter = session
        count = counter.to_bytes(2, "little")
        if mode == ntag_passes.FULL and data:
            iv = cbc(encryption, bytes(16), b"\xa5\x5a" + transaction + count + bytes(8))
            data = cbc(encryption, iv, data + b"\x80" + bytes(-(len(data) + 1) % 16))
        proof = short(macing, bytes([command]) + count + transaction + header + data)
        return header + data + (proof if mode != ntag_passes.PLAIN else b"")

    @staticmethod
    def _key(key, label, uid, counter):
        text = label + b"\x00\x01\x00\x80" + uid + (b"" if counter is None else counter.to_bytes(3, "little"))
        return mac(key, text + bytes(-len(text) % 16))

    @staticmethod
    def signature(key, uid, counter, text):
        return short(Theirs._key(key, b"\x3c\xc3", uid, counter), text)

    @staticmethod
    def file_data(key, uid, counter, blocks):
        own = Theirs._key(key, b"\xc3\x3c", uid, counter)
        return cbc(own, cbc(own, bytes(16), counter.to_bytes(3, "little") + bytes(13)), blocks, back=True)


def test_the_digests_are_of_another_library():
    assert vectors.load("card_sums")["digests"] == {kind: card_sums.digest(kind, Theirs) for kind in card_sums.KINDS}


@FEW
@given(KEYS, st.binary(max_size=600))
def test_a_cmac_of_any_length(key, message):
    assert cmac.cmac(key, message) == mac(key, message)


@FEW
@given(KEYS, st.binary(min_size=1, max_size=31), st.integers(0, 31), st.integers(0, 31))
def test_a_key_of_any_input(master, text, first, second):
    parts = text[:first], text[first : first + second], text[first + second :]
    assert cardkeys.diversify(master, *parts) == Theirs.diversify(master, text)


@FEW
@given(KEYS, KEYS, KEYS, st.binary(min_size=4, max_size=4), st.binary(min_size=6, max_size=6))
def test_an_authentication_of_any_key_and_challenges(key, rnd_a, rnd_b, transaction, capabilities):
    given_all = key, rnd_a, rnd_b, transaction, capabilities
    assert tuple(Ours.first(*given_all)) == Theirs.first(*given_all)


@FEW
@given(
    KEYS, KEYS, st.binary(min_size=4, max_size=4), st.integers(0, 0xFFFE), st.binary(max_size=200),
    st.sampled_from(card_sums.MODES),
)  # fmt: skip
def test_a_command_and_its_answer_of_any_length(encryption, macing, transaction, counter, data, mode):
    session = ntag.Session(transaction, encryption, macing, counter)
    given_all = (transaction, encryption, macing, counter), 0xAD, b"\x03", data, mode
    assert session.protect(*given_all[1:]) == Theirs.command(*given_all)
    count = (counter + 1).to_bytes(2, "little")
    body = data
    if mode == ntag_passes.FULL and data:
        iv = cbc(encryption, bytes(16), b"\x5a\xa5" + transaction + count + bytes(8))
        body = cbc(encryption, iv, data + b"\x80" + bytes(-(len(data) + 1) % 16))
    if mode != ntag_passes.PLAIN:
        body += short(macing, b"\x00" + count + transaction + body)
    assert session.accept(0, body, mode) == data


@FEW
@given(KEYS, KEYS, st.binary(min_size=7, max_size=7), st.integers(0, 0xFFFFFF), st.binary(max_size=200))
def test_a_signed_message_of_any_card(meta_key, file_key, uid, counter, text):
    block = cbc(meta_key, bytes(16), b"\xc7" + uid + counter.to_bytes(3, "little") + bytes(5))
    assert sun.read_meta(meta_key, block) == (uid, counter)
    assert sun.sign(file_key, uid, counter, text) == Theirs.signature(file_key, uid, counter, text)
