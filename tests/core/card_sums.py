"""What cards and readers reckon, over many lengths and keys: one digest a kind, so that two ways can be compared.

`sums` is whoever reckons: the core in both interpreters, or another library in test_card_sums_properties.py.
"""

import hashlib

MODES = (0, 1, 3)  # plain, MAC, full
COUNTERS = (0, 1, 0xFF, 0x100, 0x7FFF, 0xFFFE)


def some(label: str, size: int) -> bytes:
    """Return bytes that look random and are always the same."""
    found = b""
    while len(found) < size:
        found += hashlib.sha256((label + "/" + str(len(found))).encode()).digest()
    return found[:size]


def macs(sums):
    """Yield CMACs of every length to 256, then of the lengths around a kilobyte."""
    for size in list(range(257)) + [1023, 1024, 1025]:
        yield sums.cmac(some("key" + str(size), 16), some("message", size))


def card_keys(sums):
    """Yield keys made of every length of input that AN10922 takes, however it is divided."""
    for size in range(1, 32):
        text = some("input" + str(size), size)
        for first, second in ((size, size), (0, size // 2), (size // 3, size // 2)):
            yield sums.diversify(some("master" + str(size), 16), text[:first], text[first:second], text[second:])


def authentications(sums):
    """Yield what a reader answers, and the session that comes of it: transaction, keys, counter; first and next."""
    for at in range(24):
        key, rnd_a, rnd_b = (some(name + str(at), 16) for name in ("key", "a", "b"))
        yield sums.answer(key, rnd_a, rnd_b)
        for part in sums.first(key, rnd_a, rnd_b, some("transaction" + str(at), 4), some("capabilities", 6)):
            yield part
        for part in sums.following(key, rnd_b, rnd_a, some("transaction" + str(at), 4), at * 2730):
            yield part


def commands(sums):
    """Yield the fields of commands of every length to two blocks and more, in each mode, at edges of the counter."""
    for size in list(range(34)) + [95, 128]:
        for mode in MODES:
            for counter in COUNTERS:
                session = (some("transaction", 4), some("encryption" + str(size), 16), some("mac", 16), counter)
                yield sums.command(session, 0x8D, some("header", size % 8), some("data", size), mode)


def messages(sums):
    """Yield what a signed message's verifier reckons: keys, MAC over texts of any length, file data."""
    for at, counter in enumerate((0, 1, 0xFF, 0x100, 0xFFFF, 0x10000, 0xFFFFFF)):
        key, uid = some("file" + str(at), 16), some("uid" + str(at), 7)
        for given_uid, given_counter in ((uid, counter), (uid, None), (b"", counter), (b"", None)):
            for size in (0, 1, 15, 16, 17, 33, 120):
                yield sums.signature(key, given_uid, given_counter, some("text", size))
        for blocks in (1, 2, 5):
            yield sums.file_data(key, uid, counter, some("encrypted", 16 * blocks))


KINDS = {
    "macs": macs,
    "card_keys": card_keys,
    "authentications": authentications,
    "commands": commands,
    "messages": messages,
}


def digest(kind: str, sums: object) -> str:
    """Return the hash over all that a kind yields."""
    whole = hashlib.sha256()
    for part in KINDS[kind](sums):
        whole.update(bytes([len(part)]) + part)
    return "".join("%02x" % byte for byte in whole.digest())
