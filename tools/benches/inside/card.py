"""The live proof of one card through the reader's driver, and where its key comes from: the answer, or the roster.

`given`: flash (a chip file with a roster of `cards`), cards, proofs (how many are timed). NXP's worked example is the
card (tests/vectors/ntag424_messaging.json), so that no other cipher runs here than the board's own.
"""

import gc
import json
import sys
from binascii import unhexlify

import micropython

gc.threshold(32_768)  # as boot.py
micropython.opt_level(3)
sys.path += [sys.argv[1], sys.argv[1] + "/lib"]

from checkpost.aes import ccm_open, ccm_seal
from checkpost.downward import Answer
from checkpost.downward_pack import pack_answer, pack_card_key
from checkpost.messages import parse
from checkpost.proofs import CardKey
from checkpost.roster import proof_key
from drivers import ntag424_status
from drivers.ntag424_plain import PlainNTAG424
from drivers.pn532 import PN532
from drivers.w25q import W25Q
from kiosk.faults import Faults
from kiosk.proving import Proving
from kiosk.roster import Roster
from cpu import CpuClock
from flashfile import FlashFile, Meter, Select
from parts import Pin, Reader, Ticks, uid

KEY = bytes(16)
RND_A = unhexlify("b98f4c50cf1c2e084fd150e33992b048")
CHALLENGE = unhexlify("b875ceb0e66a6c5cd00898dc371f92d1")
CLOSING = unhexlify("0cc9a8094a8eea683ecaac5c7bf20584206d0608d477110fc6b3d5d3f65c3a6a")
SAK_ISO14443_4 = 0x20
QUIET = 25  # percent: a quarter of the runs is disturbed least by what else the machine does


class Card(Reader):
    """The reader with the example's card in its field; APDUs and bytes are counted."""

    def __init__(self, meter):
        super().__init__(meter, self)
        self._said = {0xA4: b"\x90\x00", 0x71: CHALLENGE + b"\x91\xaf", 0xAF: CLOSING + b"\x91\x00"}
        self._framed = {code: self._frame(0x40, b"\x00" + self._said[code]) for code in self._said}
        self.apdus = self.sent = self.heard = 0

    def write(self, data):
        """Take a command; an APDU begins behind the target's number."""
        if len(data) < 12 or self._turned[data[7]] != 0x40:
            super().write(data)
            return
        code = self._turned[data[10]]
        self._now = self._framed[code]
        self.apdus += 1
        self.sent += self._turned[data[4]] - 3  # LEN counts TFI, command and target too
        self.heard += len(self._said[code])


def quarter(numbers):
    """Return what a quarter of the numbers does not exceed."""
    return sorted(numbers)[len(numbers) * QUIET // 100]


def timed(cpu, meter, times, work):
    """Return the microseconds of `work()`, a quarter of the runs at most."""
    took = []
    for _ in range(times):
        begun = cpu.now_us() - meter.us
        work()
        took.append(max(0, cpu.now_us() - meter.us - begun - cpu.look_us))
    return quarter(took)


def proven(proving):
    """Prove the card once; return the steps."""
    proving.begin(uid(0), SAK_ISO14443_4)
    proving.offer(KEY, 1)
    steps = 0
    while proving.busy():
        proving.step(0)
        steps += 1
    assert proving.live()
    return steps


def message(body, kind):
    """Return a packed message of under 128 bytes."""
    return bytes([kind, len(body)]) + body


def opening(payload):
    """Return what opens and reads a sealed payload, as the link does with a frame."""
    sealed = ccm_seal(KEY, bytes(13), b"head.", payload)
    return lambda: parse(ccm_open(KEY, bytes(13), b"head.", sealed), False)


def main(given):
    """Measure and print."""
    cpu, meter, ticks = CpuClock(), Meter(), Ticks()
    card = Card(meter)
    reader = PN532(card, Pin(), Pin(0), Pin(), ticks)
    reader.begin()
    card.put(uid(0))
    proving = Proving(reader, lambda: (PlainNTAG424, ntag424_status), lambda size: RND_A[:size], Faults((OSError,)))
    steps = proven(proving)
    found = {"steps": steps, "apdus": card.apdus, "sent": card.sent, "heard": card.heard}
    found["proof_us"] = timed(cpu, meter, given["proofs"], lambda: proven(proving))
    plain = message(pack_answer(Answer(1, 0, 0, 0, 0, 1, 0)), Answer.TYPE)
    with_key = message(pack_card_key(CardKey(1, 1, 1, KEY)), CardKey.TYPE) + plain
    for name, payload in (("answer", plain), ("answer_key", with_key)):
        found[name + "_us"] = timed(cpu, meter, given["proofs"], opening(payload))
        found[name + "_bytes"] = len(payload)
    chip = FlashFile(given["flash"], meter)
    flash = W25Q(chip, Select(chip), ticks, ticks.sleep_us)
    flash.identify()
    roster = Roster(flash)
    roster.open()
    found["lookup_us"] = timed(cpu, meter, given["proofs"], lambda: proof_key(roster.lookup(uid(given["cards"] // 3))))
    print(json.dumps(found))


with open(sys.argv[2]) as settings:
    main(json.load(settings))
