"""Throws frames at both ends of a link: python -m tests.fuzz_frames --frames 1000000 [--seed N].

Half of them are broken outside (bytes of valid frames changed, cut, joined, or drawn), half inside: well sealed, with a
payload that nobody would say. Nothing may raise, and nothing that an end keeps may grow beyond its limit.
"""

import argparse
import random
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1] / part) for part in ("firmware/lib", "firmware", ".")]

from checkpost import frames, limits
from checkpost.carrier import serial
from checkpost.gateway_link import GatewayLink, Send, Turn
from checkpost.messages import Acked, Base, Batch, Query, Status, pack
from checkpost.session import Session
from checkpost.sync import BoardLink
from checkpost.upward import Sealed
from tests.core.linkworld import BOARD, EPOCH, KEY, MemoryJournal, card_of, radio

TELL_EVERY = 100_000
ANEW_EVERY = 5_000  # frames, then both ends start again: a session that was lost is not fuzzed
MAX_CUT = 30  # bytes drawn at once


class Ends:
    """Both ends of one link with a session, and what either may be told."""

    def __init__(self, draw: random.Random, packets: bool):
        self._draw = draw
        self.packets = packets
        carrier = radio(222) if packets else serial()
        self.gateway = GatewayLink(lambda board: KEY if board == BOARD else None, draw.randbytes, carrier, card_of)
        self.board = BoardLink(BOARD, KEY, MemoryJournal(), draw.randbytes, carrier)
        self.board.set_status(Status())
        self.now_ms = 0
        self.shown: list[bytes] = []
        self._shake_hands()
        self.ours: Session = self.board._session  # type: ignore[assignment]
        self.theirs: Session = self.gateway._peers[BOARD].session  # type: ignore[assignment]

    def _shake_hands(self) -> None:
        while not self.board._backlog.known:
            self.now_ms += 50
            said = self.board.step(self.now_ms)
            for event in self._to_gateway(said) if said else []:
                self._answer(event)

    def _answer(self, event: object) -> None:
        if isinstance(event, Send):
            self._to_board([event.frame])
        elif isinstance(event, Turn):
            self._to_board(self.gateway.answer_frames([Acked(EPOCH, 0)], self.now_ms, BOARD))

    def _to_gateway(self, said: bytes) -> list[object]:
        self.shown.append(said if self.packets else frames.decode(said.strip(b"\0")) or b"")
        receive = self.gateway.receive_frame if self.packets else self.gateway.receive
        return receive(said, self.now_ms)

    def _to_board(self, said: list[bytes]) -> None:
        for frame in said:
            self.shown.append(frame)
            self.throw(frame, self.board)

    def throw(self, frame: bytes, end: BoardLink | GatewayLink) -> None:
        """Give a frame to an end, as its carrier would."""
        self.now_ms += 1
        if self.packets:
            end.receive_frame(frame, self.now_ms)
        else:
            end.receive(frames.encode(frame) if self._draw.random() < 0.9 else frame + b"\0", self.now_ms)

    def check(self) -> None:
        """Raise AssertionError when something has grown beyond its limit."""
        peer = self.gateway._peers[BOARD]
        assert len(self.gateway._peers) <= 1
        assert len(peer.candidates) <= limits.CANDIDATES
        assert len(peer.reorder._held) <= limits.HELD_BATCHES
        for reader in (peer.reader, self.board._reader):
            joined = reader._joined
            assert joined is None or len(joined._parts) <= limits.MAX_PARTS  # type: ignore[attr-defined]
        assert len(self.board._backlog._held) <= limits.HELD_RANGES
        assert len(self.gateway._of_board) <= 1


class Fuzzer:
    """Makes frames from a seed."""

    def __init__(self, seed: int):
        self._draw = random.Random(seed)
        self.thrown = 0
        self._ends = [Ends(self._draw, False), Ends(self._draw, True)]
        self._words = [
            pack(Status()), pack(Batch(EPOCH, 1, bytes(64), bytes(4))), pack(Query(1, bytes(32))),
            pack(Base(EPOCH, 9, bytes(32))), pack(Sealed(EPOCH, 5, 1, bytes(8))), pack(Acked(EPOCH, 3, 2)),
            b"\x85" + bytes(3) + bytes(40), b"\x08\x05\1\x01abc", b"\x48\x05\1\x01abc",
        ]  # fmt: skip

    def run(self, count: int) -> None:
        """Throw `count` frames."""
        for _ in range(count):
            if self.thrown % ANEW_EVERY == ANEW_EVERY - 1:
                self._ends = [Ends(self._draw, False), Ends(self._draw, True)]
            self._throw(self._draw.choice(self._ends))
            self.thrown += 1

    def _throw(self, ends: Ends) -> None:
        draw = self._draw
        up = draw.random() < 0.6
        end = ends.gateway if up else ends.board
        if draw.random() < 0.5:
            ends.throw(self._broken(draw.choice(ends.shown)), end)
        else:
            session = ends.ours if up else ends.theirs
            payload = self._broken(b"".join(draw.choices(self._words, k=draw.randint(1, 3))))
            if not session.ended():
                ends.throw(session.seal(payload[: ends.board._carrier.max_payload], draw.random() < 0.5), end)
        ends.check()

    def _broken(self, words: bytes) -> bytes:
        """Return bytes with some changed, cut out, put in, or all drawn."""
        draw, found = self._draw, bytearray(words)
        for _ in range(draw.randint(0, 3)):
            at = draw.randint(0, len(found))
            what = draw.randint(0, 3)
            if what == 0 and found:
                found[at % len(found)] ^= 1 << draw.randint(0, 7)
            elif what == 1:
                del found[at : at + draw.randint(0, MAX_CUT)]
            elif what == 2:
                found[at:at] = draw.randbytes(draw.randint(0, MAX_CUT))
            else:
                found = bytearray(draw.randbytes(draw.randint(0, 80))) if draw.random() < 0.2 else found
        return bytes(found)


def main(arguments: list[str]) -> int:
    """Fuzz as the command line says; a failure names the seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_frames", description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    fuzzer = Fuzzer(asked.seed)
    begun = time.monotonic()
    while fuzzer.thrown < asked.frames:
        try:
            fuzzer.run(min(TELL_EVERY, asked.frames - fuzzer.thrown))
        except Exception:
            sys.stderr.write(f"Frame {fuzzer.thrown} of seed {asked.seed} did it.\n")
            raise
        sys.stdout.write(f"{fuzzer.thrown} frames, no crash, {time.monotonic() - begun:.0f} s\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
