"""Each board's epoch: its records in their sequence, its chain, and what its seals say of them."""

from dataclasses import dataclass, field

from checkpost import chain, record
from checkpost.chain import HEAD_SIZE
from gateway.contract_log import Leaf
from gateway.office.verifying.findings import Finding, record_name

Key = tuple[int, int]


@dataclass
class BoardLog:
    """One epoch of a board so far. `heads`: after each record, end to end; cut at the first erased one."""

    heads: bytearray
    seq: int = 0
    sealed: int = 0  # the last record under a good seal
    seals: int = 0
    broken: bool = False  # something did not fit: what follows from it is not said again
    whole: bool = True  # no record was erased: the chain can be followed
    told: set[int] = field(default_factory=set)


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
        if line.raw is None:
            log.whole = False
        elif log.whole and not log.broken:
            raw = bytes.fromhex(line.raw)
            log.heads += chain.link(bytes(log.heads[-HEAD_SIZE:]), raw)
            if record.valid(raw) and record.unpack(raw).seq != log.seq:
                what = f"the board numbered it {record.unpack(raw).seq}: it was put in another's place"
                found.append(Finding(line.leaf, name, what))
        return found

    def seal(self, line: Leaf) -> list[Finding]:
        """Take a seal's leaf: what the centre found, and whether it looked at these records."""
        log, seen, seq = self._log(line), line.found, line.seq or 0
        if seen is None:
            return []
        log.seals += seen.result != "no-key"
        span = f"board {line.board}, epoch {line.epoch}, records {log.sealed + 1} to {seq}"
        if seen.result == "wrong":
            log.broken = True
            what = f"the board's seal at {seq} does not fit: among them is one that the board never wrote so"
            return [Finding(line.leaf, span, what)]
        at = seq * HEAD_SIZE
        if log.whole and not log.broken and bytes(log.heads[at : at + HEAD_SIZE]).hex() != seen.head:
            log.broken = True
            what = f"the seal at {seq} was checked over another chain: among them is one that was altered since"
            return [Finding(line.leaf, span, what)]
        if seen.result == "good":
            log.sealed = max(log.sealed, seq)
        return []

    def unproven(self) -> list[str]:
        """Return for each board what no good seal covers."""
        found = []
        for (board, epoch), log in sorted(self._boards.items()):
            if not log.seals:
                found.append(f"board {board}, epoch {epoch}: no seal could be checked for its {log.seq} records")
            elif log.sealed < log.seq:
                found.append(
                    f"board {board}, epoch {epoch}: records {log.sealed + 1} to {log.seq} have no good seal yet"
                )
        return found

    def _log(self, line: Leaf) -> BoardLog:
        key = line.board or 0, line.epoch or 0
        if key not in self._boards:
            self._boards[key] = BoardLog(bytearray(chain.start(*key)))
        return self._boards[key]
