"""The examples and limits in SPEC.md against the code."""

import binascii

from checkpost import (
    anchor,
    chain,
    frames,
    handshake,
    limits,
    messages,
    modemline,
    ping,
    priors,
    proofs,
    record,
    seal,
    source,
)
from checkpost.compact import Packing
from checkpost.gap import Gap
from checkpost.piece import Piece, Wanted
from checkpost.record_names import TRUSTS
from checkpost.session import Session
from checkpost.shift_record import pack_shift, unpack_shift
from checkpost.x25519 import multiply

SPEC = __file__[: -len("tests/core/test_spec.py")] + "firmware/lib/checkpost/SPEC.md"
FENCE = "```"


def lines():
    with open(SPEC) as spec:
        return [line.rstrip() for line in spec]


def examples():
    """Return the example blocks as (name, fields)."""
    found = []
    fields = None
    for line in lines():
        if line.startswith(FENCE + "example "):
            fields = {}
            found.append((line.split(" ")[1], fields))
        elif line == FENCE:
            fields = None
        elif fields is not None:
            key, value = line.split(": ")
            fields[key] = value
    return found


def raw(text):
    return binascii.unhexlify(text.replace(" ", ""))


def modem_heard(given):
    heard = modemline.pack_heard(int(given["rssi_dbm"]), int(given["snr_db"]), raw(given["frame"]))
    return {"line": heard}


def record_crossing(given):
    crossing = record.Crossing(raw(given["uid"]), int(given["direction"]), int(given["party"]), int(given["assurance"]))
    crossing.verdict = int(given["verdict"])
    crossing.reasons = int(given["reasons"])
    crossing.rule_version = 1
    head = [int(given[name]) for name in ("seq", "seconds", "offset", "trust", "uncertainty")]
    return {"record": record.Record(record.CROSSING, *head, crossing.pack()).pack()}


def record_by_hand(given):
    crossing = record.Crossing(raw(given["uid"]), int(given["direction"]), int(given["party"]), int(given["assurance"]))
    crossing.verdict = int(given["verdict"])
    body = source.marked(crossing.pack(), int(given["source"]))
    assert source.source_of(body) == int(given["source"]) and source.source_of(crossing.pack()) == source.TAP
    assert record.unpack_crossing(body).uid == crossing.uid
    head = [int(given[name]) for name in ("seq", "seconds", "offset", "trust", "uncertainty")]
    return {"record": record.Record(record.CROSSING, *head, body).pack()}


def record_shift(given):
    verdicts = [int(given[name]) for name in ("permitted", "refer", "unverifiable")]
    outcomes = [int(given[name]) for name in ("admitted", "referred", "turned_back")]
    body = pack_shift(int(given["first_seq"]), verdicts, outcomes, int(given["persons"]))
    assert unpack_shift(body) == (int(given["first_seq"]), verdicts, outcomes, int(given["persons"]))
    return {"body": body}


def chain_start(given):
    start = chain.start(int(given["board"]), int(given["epoch"]))
    return {"start": start, "head": chain.link(start, raw(given["record"]))}


def seal_and_key(given):
    key = raw(given["key"])
    numbers = [int(given[name]) for name in ("board", "epoch", "seq")]
    return {"seal": seal.seal(key, *numbers, raw(given["head"])), "next_key": seal.next_key(key)}


def sealed_frame(given):
    session = Session(raw(given["key"]), int(given["board"]), False, 0)
    return {"frame": session.seal(raw(given["payload"]), True)}


def cobs(given):
    assert frames.decode(raw(given["coded"])[:-1]) == raw(given["frame"])
    return {"coded": frames.encode(raw(given["frame"]))}


def hands_shaken(given):
    key, board = raw(given["link_key"]), int(given["board"])
    ours, theirs = raw(given["board_scalar"]), raw(given["gateway_scalar"])
    hello = handshake.hello(key, board, multiply(ours))
    welcome = handshake.welcome(key, hello, board, multiply(theirs))
    shared = multiply(ours, handshake.read_welcome(key, hello, welcome))
    assert shared == multiply(theirs, handshake.read_hello(key, hello))
    return {"hello": hello, "welcome": welcome, "session_key": handshake.session_key(key, shared, hello, welcome)}


def query(given):
    return {"packed": messages.pack(messages.Query(int(given["query_id"]), raw(given["record"])))}


def acked(given):
    message = messages.Acked(int(given["epoch"]), int(given["gateway_seq"]), int(given["centre_seq"]))
    first, last = given["held"].split("-")
    message.held = [(int(first), int(last))]
    return {"packed": messages.pack(message)}


def answer(given):
    names = ("query_id", "verdict", "reasons", "causes", "notes", "rule_version", "age_code")
    return {"packed": messages.pack(messages.Answer(*[int(given[name]) for name in names]))}


def gap(given):
    made = Gap(3, int(given["first_seq"]), int(given["last_seq"]), int(given["seq"]), raw(given["head"]))
    return {"packed": messages.pack(made)}


def sun(given):
    return {"packed": messages.pack(proofs.Sun(int(given["query_id"]), raw(given["picc_data"]), raw(given["mac"])))}


def card_key(given):
    numbers = [int(given[name]) for name in ("query_id", "number", "version")]
    return {"packed": messages.pack(proofs.CardKey(*numbers, raw(given["key"])))}


def card_counter(given):
    return {"packed": messages.pack(proofs.CardCounter(int(given["query_id"]), int(given["counter"])))}


def piece(given):
    message = Piece(raw(given["bundle"]), int(given["file"]), int(given["place"]), raw(given["data"]))
    return {"packed": messages.pack(message)}


def range_test(given):
    board, number = int(given["board"]), int(given["number"])
    sent = ping.pack_ping(board, number)
    pong = ping.answer(sent, int(given["rssi_dbm"]), int(given["snr_db"]))
    assert ping.parse_pong(pong, board, number) == (int(given["rssi_dbm"]), int(given["snr_db"]))
    assert ping.parse_pong(pong, board, number + 1) is None and ping.answer(pong, 0, 0) == b""
    return {"ping": sent, "pong": pong}


def wanted(given):
    numbers = [int(given[name]) for name in ("file", "place", "state", "percent")]
    return {"packed": messages.pack(Wanted(raw(given["bundle"]), *numbers))}


def time(given):
    message = messages.Time(int(given["utc_s"]), int(given["ms"]), int(given["offset_quarters"]))
    return {"packed": messages.pack(message)}


def anchoring(given):
    """Check the worked example of "Time of a record": `word seconds trust [before uptime]` by record."""
    kinds = {"crossing": record.CROSSING, "outcome": record.OUTCOME, "boot": record.BOOT, "clock-set": record.CLOCK_SET}
    times = anchor.Times()
    waiting = []
    found = []
    orders = []
    for seq, words in enumerate([text.split(" ") for text in given["records"].split(", ")], 1):
        body = record.pack_clock_set(int(words[4]), 1) if len(words) > 3 else b""
        trust = TRUSTS.index(words[2])
        told = times.feed(seq, record.Record(kinds[words[0]], seq, int(words[1]), 36, trust, 2, body))
        found.append((told.utc_s, anchor.CLOCKS[told.trust]))
        if told.anchor:
            for at in [at for at in waiting if at + 1 >= told.anchor.first_seq]:
                found[at] = (told.anchor.time_of(int(given["records"].split(", ")[at].split(" ")[1]))[0], "anchored")
        if told.utc_s is None and words[0] != "boot":
            waiting.append(seq - 1)
    last = 0
    for (utc_s, _), text in zip(found, given["records"].split(", ")):
        last = max(last, utc_s or 0)
        if text.startswith("crossing"):
            orders.append(last)
    assert ", ".join([str(utc_s or "none") for utc_s, _ in found]) == given["times"]
    assert ", ".join([clock for _, clock in found]) == given["clocks"]
    assert ", ".join([str(order) for order in orders]) == given["order"]
    return {}


def compact_priors(given):
    return {"table": priors.PRIORS}


def compact_batch(given):
    records = raw(given["records"])
    first_seq = record.unpack(records[:32]).seq
    slot = int(given["slot"])
    packing = Packing(first_seq, records, int(given["utc_s"]), lambda uid: slot)
    assert packing.fill(209)
    seq = first_seq + packing.count - 1
    packed = packing.pack(raw(given["chain_head"]), (seq, int(given["generation"]), raw(given["seal"])))
    (found,) = messages.parse(packed, True)
    uid = record.unpack_crossing(records[11:30]).uid
    assert found.records(first_seq, int(given["utc_s"]), lambda told: uid if told == slot else b"") == records
    return {"packed": packed}


CHECKS = {
    "compact-priors": compact_priors,
    "compact-batch": compact_batch,
    "modem-heard": modem_heard,
    "record-crossing": record_crossing,
    "record-by-hand": record_by_hand,
    "record-shift": record_shift,
    "anchoring": anchoring,
    "chain": chain_start,
    "seal": seal_and_key,
    "sealed-frame": sealed_frame,
    "cobs": cobs,
    "handshake": hands_shaken,
    "message-query": query,
    "message-acked": acked,
    "message-answer": answer,
    "message-sun": sun,
    "message-card-key": card_key,
    "message-card-counter": card_counter,
    "message-piece": piece,
    "range-test": range_test,
    "message-wanted": wanted,
    "message-time": time,
    "message-gap": gap,
}


def test_every_example_is_what_the_code_makes():
    for name, given in examples():
        made = CHECKS[name](given)
        for key in made:
            assert raw(given[key]) == made[key], name + " " + key + ": " + binascii.hexlify(made[key]).decode()


def test_every_check_has_its_example():
    assert sorted(name for name, _ in examples()) == sorted(CHECKS)


def test_the_limits_are_those_of_the_code():
    told = {}
    begun = False
    for line in lines():
        begun = begun or line == "## Limits"
        cells = line.split(" | ")
        if begun and len(cells) == 2 and cells[1].rstrip(" |").isdigit():
            told[cells[0].lstrip("| ")] = int(cells[1].rstrip(" |"))
    assert len(told) > 20
    for name in told:
        assert getattr(limits, name) == told[name], name
