"""The card's driver inside MicroPython; NXP's worked example is the card. Run by test_drivers_ntag424_inside.py."""

import binascii
import gc
import json
import os
import time

import uctypes

from checkpost import cardkeys, ntag, ntag_passes, sun, sun_form
from checkpost.aes import cbc_encrypt
from drivers.ntag424 import NTAG424
from drivers.ntag424_status import CardForged, CardGone, CardRefused
from kiosk.scrub import scrub

with open("tests/vectors/ntag424_messaging.json") as source:
    TABLES = json.load(source)
FIRST = TABLES["first"][0]
WRITE = TABLES["commands"][2]
TIMES = 200


def _bytes(text):
    return binascii.unhexlify(text)


class Example:
    """Answers the APDUs of the example; `spoil` alters an answer, `heard` takes the newest four."""

    def __init__(self, spoil=None):
        self.spoil = spoil
        self.answers = {
            b"\x00\xa4": b"\x90\x00",
            b"\x90\x71": _bytes(FIRST["challenge"]) + b"\x91\xaf",
            b"\x90\xaf": _bytes(FIRST["closing"]) + b"\x91\x00",
            b"\x90\x8d": _bytes(WRITE["body"]) + b"\x91\x00",
        }
        self.heard = []

    def exchange(self, apdu):
        """Answer an APDU."""
        newest = self.heard[-3:]
        newest.append(apdu)
        self.heard = newest
        answer = self.answers.get(apdu[:2])
        return self.spoil(answer) if self.spoil and apdu[:2] == b"\x90\xaf" else answer


def _driver(example):
    return NTAG424(example.exchange, lambda size: _bytes(FIRST["rnd_a"])[:size])


def test_the_worked_example():
    example = Example()
    card = _driver(example)
    card.select()
    card.authenticate(3, bytes(16))
    card.write(3, 0, _bytes(WRITE["data"]), 3)
    field = _bytes(WRITE["field"])
    assert example.heard[2] == b"\x90\xaf\x00\x00\x20" + _bytes(FIRST["answer"]) + b"\x00"
    assert example.heard[3] == b"\x90\x8d\x00\x00" + bytes([len(field)]) + field + b"\x00"


def _raised(call, wanted):
    try:
        call()
    except wanted as error:
        return str(error)
    raise AssertionError("nothing was raised")


def test_a_closing_that_is_not_the_card_s():
    card = _driver(Example(lambda answer: b"\x00" + answer[1:]))
    assert "key 3" in _raised(lambda: card.authenticate(3, bytes(16)), CardForged)
    card = _driver(Example(lambda answer: b"\x91\xae"))
    assert "authentication error" in _raised(lambda: card.authenticate(3, bytes(16)), CardRefused)
    card = _driver(Example(lambda answer: None))
    assert "no answer" in _raised(lambda: card.authenticate(3, bytes(16)), CardGone)


def _mean_us(call):
    gc.collect()
    start = time.ticks_us()
    for _ in range(TIMES):
        call()
    return time.ticks_diff(time.ticks_us(), start) // TIMES


def test_what_a_proof_costs():
    card = _driver(Example())
    uid = _bytes("04a1b2c3d4e580")
    message = sun.blank_message()
    gc.collect()
    before = gc.mem_alloc()
    card.authenticate(3, bytes(16))
    taken = gc.mem_alloc() - before
    proof_us = _mean_us(lambda: card.authenticate(3, bytes(16)))
    key_us = _mean_us(lambda: cardkeys.card_key(bytes(16), uid, 1, 1))
    text = message[sun_form.MAC_INPUT_OFFSET : sun_form.MAC_OFFSET]
    sign_us = _mean_us(lambda: sun.sign(bytes(16), uid, 1, text))
    print(f"authentication {proof_us} us and {taken} bytes of heap, card key {key_us} us, SUN signature {sign_us} us")
    assert taken < 12288  # half of it on a 32-bit chip; the collector takes it back


WINDOW = 4096


def _found(needle, low, high):
    """Return how many places outside the needle itself hold its bytes, in memory from `low` to `high`."""
    own = uctypes.addressof(needle)
    count = 0
    for start in range(low, high, WINDOW):
        window = uctypes.bytearray_at(start, min(WINDOW + 15, high - start))
        if needle not in window:
            continue
        for at in range(len(window) - 15):
            if window[at] == needle[0] and start + at != own and bytes(window[at : at + 16]) == needle:
                count += 1
    return count


def _heap():
    """Return two addresses between which nearly all of the heap lies."""
    held = [bytearray(1024) for _ in range(gc.mem_free() // 2048)]
    seen = [uctypes.addressof(piece) for piece in held]
    return min(seen), max(seen)


def _prove_and_forget(key):
    """Authenticate to a card that has the key, as a board does with a key that came with the online answer."""
    rnd_a, rnd_b = os.urandom(16), os.urandom(16)

    def exchange(apdu):
        if apdu[1] == 0x71:
            return cbc_encrypt(key, bytes(16), rnd_b) + b"\x91\xaf"
        return cbc_encrypt(key, bytes(16), b"TITI" + ntag_passes.turn(rnd_a) + bytes(12)) + b"\x91\x00"

    card = NTAG424(exchange, lambda size: rnd_a)
    card.authenticate(1, bytes(bytearray(key)))
    secrets = ntag.derive_keys(key, rnd_a, rnd_b)
    card.forget()
    return secrets


def test_a_used_key_is_not_left_in_memory():
    low, high = _heap()
    key = os.urandom(16)
    encryption_key, mac_key = _prove_and_forget(key)
    secrets = (key, encryption_key, mac_key)
    left = sum(_found(secret, low, high) for secret in secrets)
    assert left > 0, "the search finds nothing, so it proves nothing"
    free = gc.mem_free()
    began = time.ticks_us()
    scrub()
    took_us = time.ticks_diff(time.ticks_us(), began)
    print(f"{left} copies of keys in memory before it is scrubbed, which takes {took_us} us")
    assert [_found(secret, low, high) for secret in secrets] == [0, 0, 0]
    assert gc.mem_free() > free - 8192
