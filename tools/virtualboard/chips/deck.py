"""A folder of cards, one file each: people carry them from board to board, so every board takes them from here.

A card's file is taken when it comes into a field and written when it leaves; a card without a file is one that answers
with its UID only.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .cards import Card
from .ntag424 import Ntag424
from .ntag424_files import File
from .ntag424_keys import Key
from .ntag424_sdm import parse_mirror

FORM = 1


class Deck:
    """Cards in `folder`; `random(n)` is the chips' random generator."""

    def __init__(self, folder: Path, random: Callable[[int], bytes] = os.urandom) -> None:
        self.folder, self._random = folder, random
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, uid: bytes) -> Card:
        """Return the card with this UID; it is written back whenever it leaves a field."""
        try:
            held = json.loads(self._path(uid).read_text())
        except FileNotFoundError:
            return Card(uid)
        card = unpack(uid, held, self._random)
        card.on_removed = lambda: self.keep(card)
        return card

    def keep(self, card: Ntag424) -> None:
        """Write a card's file, whole or not at all."""
        path = self._path(card.uid)
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(pack(card)))
        beside.replace(path)

    def _path(self, uid: bytes) -> Path:
        return self.folder / f"{uid.hex().upper()}.json"


def pack(card: Ntag424) -> dict[str, object]:
    """Return what a card's memory holds, for JSON."""
    return {
        "form": FORM,
        "signature": card.signature.hex(),
        "keys": [
            [key.value.hex(), key.version, key.total_failures, key.failures_in_a_row, key.delays_spent]
            for key in card.keys.slots
        ],
        "files": {
            str(number): {
                "data": file.data.hex(),
                "mode": file.mode,
                "rights": [file.read, file.write, file.both, file.change],
                "mirror": [file.mirror.raw.hex(), file.mirror.counter] if file.mirror else None,
            }
            for number, file in card.files.files.items()
        },
    }


def unpack(uid: bytes, held: dict[str, Any], random: Callable[[int], bytes]) -> Ntag424:
    """Return the card whose memory `pack` gave; ValueError for another form."""
    if held.get("form") != FORM:
        raise ValueError(f"card {uid.hex().upper()}: its file is not of form {FORM}")
    card = Ntag424(uid, random, bytes.fromhex(held["signature"]))
    for slot, (value, version, total, row, spent) in enumerate(held["keys"]):
        key = card.keys.slots[slot] = Key(bytes.fromhex(value), version)
        key.total_failures, key.failures_in_a_row, key.delays_spent = total, row, spent
    for number, given in held["files"].items():
        data = bytes.fromhex(given["data"])
        file = card.files.files[int(number)] = File(len(data), given["mode"], *given["rights"])
        file.data[:] = data
        if given["mirror"]:
            # The counter comes after the check, which asks that a limit is still ahead.
            file.mirror = parse_mirror(bytes.fromhex(given["mirror"][0]), len(data), 0)
            file.mirror.counter = given["mirror"][1]
    return card
