"""A card that proves itself: what passes between reader and card, and what it costs the board's processor.

Limits are those of a guard's patience, airtime apart: a tap with everything in it is `bench board`'s to show.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benches import interpreter
from benches.board import SLOWER
from benches.figures import Figure, Limit

NAME = "card"
CARDS = 10_000
PROOFS, QUICK_PROOFS = 400, 60
ANSWER_LIMIT_MS = 700  # what a guard waits
# From the tap to the drawn answer without the proof, as `bench board` estimates it for the RP2040 at most.
TAP_LIMIT_MS = 400
# On the air and at the reader, typical and slowest: at 106 kbit/s a byte with its parity takes 85 us; the card answers
# an APDU in some 5 ms, an authentication's passes in 10 to 20 (no figure in the data sheet; measured by others); the
# PN532 adds its own millisecond to each, and SPI at 5 MHz next to nothing.
BYTE_MS = 9 / 106
CARD_MS = (6.0, 21.0)


def measure(quick: bool, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Yield the figures of a live proof."""
    proofs = QUICK_PROOFS if quick else PROOFS
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "roster.bin")
        interpreter.run("lay.py", {"flash": path, "newest": -1, "cards": CARDS}, tell, interpreter.ROOMY_HEAP)
        tell(f"  {proofs} proofs")
        found = interpreter.run("card.py", {"flash": path, "cards": CARDS, "proofs": proofs}, tell)
    yield Figure(NAME, "apdus", found["apdus"], "APDUs", Limit(3), "select, two passes of AuthenticateEV2First")
    yield Figure(NAME, "apdu-bytes", found["sent"] + found["heard"], "bytes", None, "commands and answers")
    yield Figure(NAME, "loop-steps", found["steps"], "steps", None, "the panel and the line go on between")
    yield Figure(
        NAME, "proof-cpu", found["proof_us"] / 1000, "ms", None, "VM, the quicker quarter, with the reader's driver"
    )
    extra_us = max(0, found["answer_key_us"] - found["answer_us"])
    extra_bytes = found["answer_key_bytes"] - found["answer_bytes"]
    yield Figure(NAME, "key-with-answer-bytes", extra_bytes, "bytes", None, "in the frame of the answer")
    yield Figure(NAME, "key-with-answer-cpu", extra_us / 1000, "ms", None, "VM: a longer frame opened and read")
    yield Figure(NAME, "key-from-roster-cpu", found["lookup_us"] / 1000, "ms", None, f"VM: found among {CARDS} cards")
    ways = (("without-roster", extra_us), ("with-roster", found["lookup_us"]))
    for way, key_us in ways:
        for which, name in enumerate(("low", "high")):
            air_ms = BYTE_MS * (found["sent"] + found["heard"]) + CARD_MS[which] * found["apdus"]
            proof_ms = (found["proof_us"] + key_us) / 1000 * SLOWER[which] + air_ms
            how = f"VM x {SLOWER[which]}, card and air {air_ms:.0f} ms"
            yield Figure(NAME, f"proof-rp2040-{way}-{name}", proof_ms, "ms", Limit(ANSWER_LIMIT_MS - TAP_LIMIT_MS), how)
