"""Signed messages of any layout: what the card model shows, read through the driver, is what the core verifies."""

import binascii
from random import Random

import pytest

from checkpost import sun
from checkpost.ntag_passes import PLAIN
from drivers.ntag424 import NDEF_FILE, NTAG424
from tests.support.card import UID, fresh_card

SIZE = 256
UID_SIGN, COUNTER_SIGN, ENCRYPTS, ASCII = 0x80, 0x40, 0x10, 0x01  # SDMOptions (NXP NT4H2421Gx rev. 3.0, Table 69)
PLAIN_META, NO_META = 0xE, 0xF


class Layout:
    """Mirrors at places that chance chose: `settings` for ChangeFileSettings, and what is where."""

    def __init__(self, chance, meta, encrypts, uid=True, counter=True):
        self.meta, self.file_key = meta, chance.randrange(5)
        self.uid, self.counter, self.encrypts = uid, counter, encrypts
        sizes = {"meta": 32} if meta < 5 else {}
        if meta == PLAIN_META:
            sizes = {name: size for name, size, there in (("uid", 14, uid), ("counter", 6, counter)) if there}
        sizes |= {"encrypted": 32 * chance.randint(1, 3)} if encrypts else {}
        spare = SIZE - 16 - sum(sizes.values())
        self.at, at = {}, 0
        names = list(sizes)
        chance.shuffle(names)
        for name in names:
            gap = chance.randint(0, spare // 4)
            self.at[name], at, spare = at + gap, at + gap + sizes[name], spare - gap
        self.at["mac"] = at + chance.randint(0, spare)
        self.at["input"] = chance.randint(0, self.at.get("encrypted", self.at["mac"]))
        self.encrypted_size = sizes.get("encrypted", 0)

    def settings(self):
        options = ASCII | UID_SIGN * self.uid | COUNTER_SIGN * self.counter | ENCRYPTS * self.encrypts
        rights = (0xF0 | (0xE if self.counter else 0xF)) | self.file_key << 8 | self.meta << 12
        order = [self.at[name] for name in ("uid", "counter", "meta", "input") if name in self.at]
        order += [self.at["encrypted"], self.encrypted_size] if self.encrypts else []
        packed = b"".join(number.to_bytes(3, "little") for number in (*order, self.at["mac"]))
        return bytes([0x40, 0xE0, 0xEE, options]) + rights.to_bytes(2, "little") + packed


def raw(shown, at, size):
    return binascii.unhexlify(shown[at : at + 2 * size])


def check(layout, shown, keys, text, counter):
    """Verify a message with the core's sums alone."""
    at, file_key = layout.at, keys[layout.file_key]
    uid, count = UID if layout.uid else b"", counter if layout.counter else None
    if layout.meta < 5:
        assert sun.read_meta(keys[layout.meta], raw(shown, at["meta"], 16)) == (uid, count)
    if "uid" in at:
        assert raw(shown, at["uid"], 7) == UID
    if "counter" in at:
        assert int(shown[at["counter"] : at["counter"] + 6], 16) == counter
    if layout.encrypts:
        blocks = raw(shown, at["encrypted"], layout.encrypted_size // 2)
        assert sun.read_file_data(file_key, UID, counter, blocks) == text[at["encrypted"] :][: len(blocks)]
    signed = sun.sign(file_key, uid, count, shown[at["input"] : at["mac"]])
    assert signed == raw(shown, at["mac"], 8)


KINDS = {
    "encrypted": (3, False, True, True),
    "encrypted, UID only": (1, False, True, False),
    "encrypted, counter only": (0, False, False, True),
    "encrypted, with file data": (2, True, True, True),
    "plain": (PLAIN_META, False, True, True),
    "plain, with file data": (PLAIN_META, True, True, True),
    "counter, not shown": (NO_META, False, False, True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_of_any_layout_and_keys_verifies_and_its_counter_rises(kind):
    for seed in range(25):
        chance = Random(seed)
        card = fresh_card(seed=seed)
        card.activated()
        driver = NTAG424(lambda apdu, card=card: card.exchange(apdu)[0], chance.randbytes)
        keys = [chance.randbytes(16) for _ in range(5)]
        text = bytes(chance.choice(b"abcdefghijklmnopqrstuvwxyz") for _ in range(SIZE))
        driver.select()
        driver.write(NDEF_FILE, 0, text, PLAIN)
        driver.authenticate(0, bytes(16))
        layout = Layout(chance, *KINDS[kind])
        driver.change_file_settings(NDEF_FILE, layout.settings())
        for number in (1, 2, 3, 4, 0):
            driver.change_key(number, keys[number], 1, bytes(16))
        seen = []
        for counter in (1, 2, 3):
            driver.select()
            seen.append(driver.read_ndef(SIZE))
            check(layout, seen[-1], keys, text, counter)
        assert len(set(seen)) == (3 if layout.counter else 1) or layout.meta < 5
        if layout.counter:
            assert driver.read_counter(NDEF_FILE) == 3
        driver.key_version(0)  # whatever is not a reading ends a row of them
        check(layout, driver.read(NDEF_FILE, 0, SIZE, PLAIN), keys, text, 4)  # ReadData shows the same
