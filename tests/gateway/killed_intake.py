"""A process that takes runs until it is killed, and prints what it has acknowledged."""

import sys
from pathlib import Path

from gateway.intake.records import Intake
from tests.gateway.support import NOW_S, fresh_store
from tests.gateway.test_intake_faults import busy_journal


def main(folder: Path) -> None:
    """Take the journal in runs of four, from what is held on."""
    journal = busy_journal()
    store = fresh_store(folder)
    intake = Intake(store)
    seq = intake.held(1, 1).seq
    while seq < len(journal.records):
        [taken] = intake.take([journal.run(seq + 1, seq + 4)], NOW_S)
        seq = taken.seq
        print(seq, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
