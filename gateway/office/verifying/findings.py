"""What a verification found."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """Something that does not fit. `leaf`: where in the log, None: outside it; the rest is for people."""

    leaf: int | None
    where: str
    what: str

    def __str__(self) -> str:
        at = f"leaf {self.leaf}, " if self.leaf is not None else ""
        return f"{at}{self.where}: {self.what}"


@dataclass
class Report:
    """What was checked, what does not fit (in the order of the log), what nobody can prove yet, and what was erased."""

    leaves: int = 0
    records: int = 0
    erased: int = 0
    seals: int = 0
    crossings: int = 0
    checkpoints: int = 0
    cosigned: int = 0
    compared: int = 0  # rows of the centre's tables that were held against the log
    findings: list[Finding] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    bridged: list[str] = field(default_factory=list)  # where the chain goes on behind what was erased

    def first(self) -> Finding | None:
        """Return the first finding in the order of the log."""
        return min(self.findings, key=lambda one: (one.leaf is None, one.leaf or 0), default=None)


def record_name(board: int | None, epoch: int | None, seq: int | None) -> str:
    """Return how a record is called."""
    return f"board {board}, epoch {epoch}, record {seq}"
