"""Each board's epoch: its records in their sequence, its chain, and what its seals say of them."""

import json
from dataclasses import dataclass, field

from checkpost import chain, record
from checkpost.chain import HEAD_SIZE
from gateway.contract.log import Leaf
from gateway.office.verifying.findings import Finding, record_name

Key = tuple[int, int]
UNKNOWN = bytes(HEAD_SIZE)  # in the place of a head that nobody can compute: an erased record went into it


@dataclass
class Gap:
    """Records that a board could not read, from `first` to `last`; its chain goes on behind `seq`."""

    first: int
    last: int
    seq: int
    sealed: int  # the last good seal up to there
    until: int = 0  # the first good seal behind; 0: none yet

    def take(self, seq: int) -> None:
        """Note a good seal: those of the batch that brought the gap come after it in the log."""
        if seq <= self.seq:
            self.sealed = max(self.sealed, seq)
        else:
            self.until = min(self.until or seq, seq)


@dataclass
class BoardLog:
    """One epoch of a board so far. `heads`: after each record, end to end, `UNKNOWN` from an erased one to a seal."""

    heads: bytearray
    seq: int = 0
    sealed: int = 0  # the last record under a good seal
    seals: int = 0
    broken: bool = False  # something did not fit: what follows from it is not said again
    joined: bytes = b""  # the head that the next record continues, behind records that the board could not read
    gaps: list[Gap] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)  # since the chain was known last
    waiting: dict[int, bytes] = field(default_factory=dict)  # records behind an erased one, until a seal
    bridged: list[str] = field(default_factory=list)  # where the chain was taken up again behind erased records

    def head(self, seq: int) -> bytes:
        """Return the chain's head after a record."""
        return bytes(self.heads[seq * HEAD_SIZE : (seq + 1) * HEAD_SIZE])

    def add(self, raw: bytes | None) -> None:
        """Follow the chain over record `seq`; None: it was erased."""
        before, self.joined = self.joined or self.head(self.seq - 1), b""
        if raw is None:
            self.erased.append(self.seq)
        elif before == UNKNOWN:
            self.waiting[self.seq] = raw
        self.heads += UNKNOWN if raw is None or before == UNKNOWN else chain.link(before, raw)

    def bridge(self, seq: int, head: bytes) -> list[int]:
        """Take the chain up again at a seal's head, and follow it on; return the erased records that lie before it."""
        gone = [one for one in self.erased if one <= seq]
        self.erased = self.erased[len(gone) :]
        self.heads[seq * HEAD_SIZE : (seq + 1) * HEAD_SIZE] = head
        at = seq
        while (raw := self.waiting.pop(at + 1, None)) is not None:
            at, head = at + 1, chain.link(head, raw)
            self.heads[at * HEAD_SIZE : (at + 1) * HEAD_SIZE] = head
        self.waiting = {one: raw for one, raw in self.waiting.items() if one > at}
        return gone


class BoardCheck:
    """Fed with the log's records and seals in their order."""

    def __init__(self) -> None:
        self._boards: dict[Key, BoardLog] = {}

    def record(self, line: Leaf) -> list[Finding]:
        """Take a record's leaf."""
        log = self._log(line)
        name = record_name(line.board, line.epoch, line.seq)
        expected, log.seq = log.seq + 1, line.seq or 0
        found = []
        if log.seq != expected:
            what = f"it follows record {expected - 1}: records were left out, added or reordered"
            found.append(Finding(line.leaf, name, what))
            log.broken = True
        if not log.broken:
            raw = None if line.raw is None else bytes.fromhex(line.raw)
            log.add(raw)
            if raw is not None and record.valid(raw) and record.unpack(raw).seq != log.seq:
                what = f"the board numbered it {record.unpack(raw).seq}: it was put in another's place"
                found.append(Finding(line.leaf, name, what))
        return found

    def seal(self, line: Leaf) -> list[Finding]:
        """Take a seal's leaf: what the centre found, and whether it looked at these records.

        Behind an erased record nobody can compute the chain; there it is taken up again at the head that the centre
        logged when it checked the seal, and the gap is named.
        """
        log, seen, seq = self._log(line), line.found, line.seq or 0
        if seen is None:
            return []
        log.seals += seen.result != "no-key"
        span = f"board {line.board}, epoch {line.epoch}, records {log.sealed + 1} to {seq}"
        if seen.result == "wrong":
            log.broken = True
            what = f"the board's seal at {seq} does not fit: among them is one that the board never wrote so"
            return [Finding(line.leaf, span, what)]
        if not log.broken and log.head(seq) == UNKNOWN:
            gone = ", ".join(map(str, log.bridge(seq, bytes.fromhex(seen.head))))
            log.bridged.append(f"{span}: {gone or 'one before them'} erased; the chain goes on from the seal at {seq}")
        elif not log.broken and log.head(seq).hex() != seen.head:
            log.broken = True
            what = f"the seal at {seq} was checked over another chain: among them is one that was altered since"
            return [Finding(line.leaf, span, what)]
        if seen.result == "good":
            log.sealed = max(log.sealed, seq)
            for gap in log.gaps:
                gap.take(seq)
        return []

    def gap(self, line: Leaf) -> list[Finding]:
        """Take a gap's leaf: the board's own chain goes on behind the record that came last."""
        log = self._log(line)
        if line.body is None:
            return []
        if line.seq != log.seq:
            what = f"it stands behind record {log.seq}: it was put in another's place"
            return [Finding(line.leaf, f"the gap at {record_name(line.board, line.epoch, line.seq)}", what)]
        said = json.loads(line.body)
        log.joined = bytes.fromhex(said["head"])
        log.gaps.append(Gap(said["first_seq"], said["last_seq"], log.seq, log.sealed))
        return []

    def ends(self) -> dict[Key, tuple[int, bytes]]:
        """Return by board and epoch the last record and the chain's head there, b"" where nobody can compute it."""
        found = {}
        for key, log in self._boards.items():
            head = b"" if log.broken else log.joined or log.head(log.seq)
            found[key] = log.seq, b"" if head == UNKNOWN else head
        return found

    def unproven(self) -> list[str]:
        """Return for each board what no good seal covers."""
        found = []
        for (board, epoch), log in sorted(self._boards.items()):
            found += [f"board {board}, epoch {epoch}: {_named(gap)}" for gap in log.gaps]
            if not log.seals:
                found.append(f"board {board}, epoch {epoch}: no seal could be checked for its {log.seq} records")
            elif log.sealed < log.seq:
                found.append(
                    f"board {board}, epoch {epoch}: records {log.sealed + 1} to {log.seq} have no good seal yet"
                )
        return found

    def bridged(self) -> list[str]:
        """Return for each board where its chain was taken up again behind erased records."""
        return [line for _, log in sorted(self._boards.items()) for line in log.bridged]

    def _log(self, line: Leaf) -> BoardLog:
        key = line.board or 0, line.epoch or 0
        if key not in self._boards:
            self._boards[key] = BoardLog(bytearray(chain.start(*key)))
        return self._boards[key]


def _named(gap: Gap) -> str:
    """Return a sentence on records that their board could not read."""
    which = f"record {gap.first}" if gap.first == gap.last else f"records {gap.first} to {gap.last}"
    sealed = f"the seal at {gap.sealed}" if gap.sealed else "its beginning"
    until = f"to the seal at {gap.until}" if gap.until else "on, no seal has come yet"
    return f"{which} could not be read at the board; its chain is not proven from {sealed} {until}"
