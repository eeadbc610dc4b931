"""Verifies a pulled folder: signatures, tree, leaves, chains, seals, and the crossings themselves."""

from contextlib import ExitStack, closing
from pathlib import Path

from gateway.central.proof.checkpoint import Checkpoint
from gateway.central.proof.note import COSIGNATURE, Note, NoteError, Verifier
from gateway.contract.log import Leaf
from gateway.office.client import Client, OfficeError
from gateway.office.files import differing_from, read_state
from gateway.office.folder import CROSSINGS, LogFolder
from gateway.office.verifying.boards import BoardCheck
from gateway.office.verifying.centre import Centre
from gateway.office.verifying.findings import Finding, Report
from gateway.office.verifying.leaves import LeafCheck
from gateway.office.verifying.states import StateCheck


def verify(folder: LogFolder, cosigners: list[Verifier], client: Client | None = None) -> Report:
    """Return what fits and what does not; OfficeError when the folder holds no pulled log.

    `cosigners`: second parties whose signature must be on the newest checkpoint that any of them signed, if they are
    named. `client`: of the centre, whose log and tables, as they stand now, are then held against the folder.
    """
    report = Report()
    key = folder.key()
    signed = _signed(folder, key)
    report.checkpoints = len(signed)
    newest = max((one for one, _ in signed), key=lambda one: one.size)
    for party in cosigners:
        report.findings += _cosigned(party, newest.text(), [note for _, note in signed], report)
    with ExitStack() as stack:
        centre = stack.enter_context(closing(Centre(client, folder.path, key))) if client else None
        _check(folder, [one for one, _ in signed], centre, report)
    return report


def _signed(folder: LogFolder, key: Verifier) -> list[tuple[Checkpoint, Note]]:
    try:
        signed = folder.checkpoints(key)
    except (NoteError, ValueError) as error:
        raise OfficeError(f"A checkpoint in {folder.path} does not fit the log's key: {error}.") from error
    if not signed:
        raise OfficeError(f"{folder.path} holds no checkpoint; pull into it first.")
    return signed


def _check(folder: LogFolder, checkpoints: list[Checkpoint], centre: Centre | None, report: Report) -> None:
    seen = [*checkpoints, centre.checkpoint] if centre else checkpoints
    # The log is pulled behind the table, and goes on meanwhile.
    until = read_state(folder.path / f"{CROSSINGS}.state").position or None
    tree, boards, states = LeafCheck(seen), BoardCheck(), StateCheck(until)
    pulled = folder.count()
    file = folder.path / CROSSINGS
    newest_file = differing_from(file) if differing_from(file).exists() else file
    for at, line in enumerate(centre.leaves(folder.leaves()) if centre else folder.leaves()):
        if at == pulled:
            _table(newest_file, states, report)
        report.findings += tree.feed(at, line)
        report.findings += _content(line, boards, states, report)
    if report.leaves <= pulled:
        _table(newest_file, states, report)
    if centre:
        report.compared, wrong, not_compared = centre.compare(tree, boards, states)
        report.findings += wrong
        report.unproven += not_compared
    report.findings += [*tree.end(), *states.missing()]
    report.erased = len(tree.erased)
    if tree.unsigned() > 0:
        report.unproven.append(f"{tree.unsigned()} leaves lie behind the newest checkpoint: pull again")
    report.unproven += boards.unproven()
    report.bridged += boards.bridged()


def _table(file: Path, states: StateCheck, report: Report) -> None:
    if file.exists():
        report.crossings, wrong = states.table(file)
        report.findings += wrong


def _content(line: Leaf, boards: BoardCheck, states: StateCheck, report: Report) -> list[Finding]:
    report.leaves += 1
    if line.kind == "record":
        report.records += 1
        if line.board is None:
            return []  # nothing is left of it; the check of the leaves says so
        states.record(line)
        return boards.record(line)
    if line.kind == "seal":
        report.seals += 1
        return boards.seal(line)
    if line.kind == "gap":
        return boards.gap(line)
    if line.kind == "correction":
        states.correction(line)
    return states.state(line) if line.kind == "state" else []


def _cosigned(party: Verifier, newest: str, notes: list[Note], report: Report) -> list[Finding]:
    if party.kind != COSIGNATURE:
        raise OfficeError(f"The key of {party.name} is not one of a cosigner.")
    for note in reversed(notes):
        try:
            party.check(note)
        except NoteError:
            continue
        report.cosigned += 1
        if note.text != newest:
            report.unproven.append(f"{party.name} signed an earlier checkpoint, not yet the newest one")
        return []
    return [Finding(None, "the checkpoints", f"none of them is signed by {party.name}")]
