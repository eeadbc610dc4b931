"""Sums of cards over many lengths and keys, as another library has them: in both interpreters."""

from checkpost import cardkeys, cmac, ntag, ntag_passes, sun
from checkpost.aes import cbc_encrypt
from tests.core import card_sums, vectors


class Ours:
    """The core's."""

    @staticmethod
    def cmac(key, message):
        return cmac.cmac(key, message)

    @staticmethod
    def diversify(master, uid, application, system):
        return cardkeys.diversify(master, uid, application, system)

    @staticmethod
    def answer(key, rnd_a, rnd_b):
        return ntag_passes.answer_challenge(key, cbc_encrypt(key, bytes(16), rnd_b), rnd_a)

    @staticmethod
    def first(key, rnd_a, rnd_b, transaction, capabilities):
        closing = cbc_encrypt(key, bytes(16), transaction + ntag_passes.turn(rnd_a) + capabilities + bytes(6))
        return _parts(ntag.open_first(key, cbc_encrypt(key, bytes(16), rnd_b), rnd_a, closing))

    @staticmethod
    def following(key, rnd_a, rnd_b, transaction, counter):
        before = ntag.Session(transaction, bytes(16), bytes(16), counter)
        closing = cbc_encrypt(key, bytes(16), ntag_passes.turn(rnd_a))
        return _parts(ntag.open_next(key, cbc_encrypt(key, bytes(16), rnd_b), rnd_a, closing, before))

    @staticmethod
    def command(session, command, header, data, mode):
        return ntag.Session(*session).protect(command, header, data, mode)

    @staticmethod
    def signature(key, uid, counter, text):
        return sun.sign(key, uid, counter, text)

    @staticmethod
    def file_data(key, uid, counter, blocks):
        return sun.read_file_data(key, uid, counter, blocks)


def _parts(session):
    counter = bytes([session.counter & 0xFF, session.counter >> 8])
    return session.transaction, session._encryption_key, session._mac_key, counter


def test_every_sum_is_that_of_another_library():
    wanted = vectors.load("card_sums")["digests"]
    assert sorted(wanted) == sorted(card_sums.KINDS)
    for kind in wanted:
        assert card_sums.digest(kind, Ours) == wanted[kind], kind
