"""Checks the boards' seals with keys that no gateway holds: who rewrote a chain cannot rewrite its seals."""

import hmac
from collections.abc import Mapping

import structlog

from checkpost import chain, seal
from gateway.central.cases.questions import ask
from gateway.central.proof.leaf import SEAL_GOOD, SEAL_NO_KEY, SEAL_RESULTS, SEAL_WRONG, seal_entry
from gateway.central.store import Transaction
from gateway.central.store.reviews import Question
from gateway.central.store.seals import SealRow
from gateway.contract import Seal

WALK = 4096  # records read at once on the way to a sealed head: 128 KiB
SPARE_GENERATIONS = 64  # sectors that a board gave up without a record in them: power cuts, worn sectors
WRONG_SEAL = "wrong-seal"
MAX_KEPT = 4096  # boards whose newest key stays at hand
Place = tuple[int, int, int]  # board, epoch, sequence


class Sealer:
    """Keeps what it found as rows and leaves; a wrong seal refuses nothing, since it is evidence."""

    def __init__(self) -> None:
        self._keys: dict[tuple[int, int], tuple[int, bytes]] = {}  # newest generation computed, its key
        self._log = structlog.get_logger("checkpost.seals")

    def take(self, transaction: Transaction, seals: list[Seal], heads: Mapping[Place, bytes]) -> None:
        """Check the seals of a batch whose records are stored; one of a sequence that is not held yet is left out.

        `heads`: chain heads after records of this batch; as a rule a seal stands over its board's last one.
        """
        for told in sorted(seals, key=lambda one: (one.board, one.epoch, one.seq)):
            place = told.board, told.epoch, told.seq
            if transaction.seals.get(*place) is not None:
                continue
            if place in heads:
                self._take(transaction, told, heads[place])
                continue
            held = transaction.log.head(told.board, told.epoch)
            if held is not None and told.seq <= held.seq:
                self._take(transaction, told, _head_at(transaction, *place))

    def _take(self, transaction: Transaction, told: Seal, head: bytes | None) -> None:
        place = told.board, told.epoch, told.seq
        if head is None:  # late, and from before an erasure: nobody can check it any more
            self._log.warning("seal left out", board=told.board, epoch=told.epoch, seq=told.seq)
            return
        given = bytes.fromhex(told.seal)
        result = self._result(transaction, told, given, head)
        if result == SEAL_WRONG:
            self._log.error("wrong seal", board=told.board, epoch=told.epoch, seq=told.seq)
            said = {"seal": told.seal, "generation": told.generation, "head": head.hex()}
            ask(transaction, Question(WRONG_SEAL, "", *place), f"generation {told.generation}", said)
        transaction.seals.add(SealRow(*place, told.generation, given, head, result))
        transaction.tree.append([seal_entry(place, told.generation, given, head, result)])
        transaction.erasing.forget_marks(*place)

    def _result(self, transaction: Transaction, told: Seal, given: bytes, head: bytes) -> int:
        first = transaction.seals.key(told.board, told.epoch)
        if first is None:
            return SEAL_NO_KEY
        # Without this bound a gateway could have the centre compute 16 million keys for one seal.
        if told.generation > 2 * told.seq + SPARE_GENERATIONS:
            return SEAL_WRONG
        key = self._key(told.board, told.epoch, told.generation, first)
        good = seal.seal(key, told.board, told.epoch, told.seq, head)
        return SEAL_GOOD if hmac.compare_digest(good, given) else SEAL_WRONG

    def _key(self, board: int, epoch: int, generation: int, first: bytes) -> bytes:
        reached, key = self._keys.get((board, epoch), (0, first))
        if reached > generation:
            return seal.key_at(first, generation)
        key = seal.key_at(key, generation - reached)
        if len(self._keys) >= MAX_KEPT:
            self._keys.clear()
        self._keys[board, epoch] = generation, key
        return key


def result_name(result: int) -> str:
    """Return the word for a result."""
    return SEAL_RESULTS[result]


def known_head(transaction: Transaction, board: int, epoch: int, seq: int) -> tuple[int, bytes]:
    """Return (sequence, head) of the last place up to a sequence where the chain's head is written down."""
    at, head = 0, chain.start(board, epoch)
    seal = transaction.seals.before(board, epoch, seq + 1)
    if seal is not None:
        at, head = seal.seq, seal.head
    mark = transaction.erasing.mark_before(board, epoch, seq)
    if mark is not None and mark[0] >= at:
        at, head = mark
    gap = transaction.gaps.before(board, epoch, seq)
    if gap is not None and gap.seq >= at:  # the next record continues this one, whatever stood before it
        at, head = gap.seq, gap.head
    return at, head


def _head_at(transaction: Transaction, board: int, epoch: int, seq: int) -> bytes | None:
    """Return the chain head after a record that is held, None where an erased one keeps it from being computed."""
    at, head = known_head(transaction, board, epoch, seq)
    while at < seq:
        raws = transaction.log.records(board, epoch, at + 1, min(seq, at + WALK))
        if not all(raws):
            return None
        head = chain.extend(head, b"".join(raws))
        at += len(raws)
    return head
