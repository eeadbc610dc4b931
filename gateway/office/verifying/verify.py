"""Verifies a pulled folder: signatures, tree, leaves, chains, seals, and the crossings themselves."""

from gateway.central.proof.note import COSIGNATURE, Note, NoteError, Verifier
from gateway.contract.log import Leaf
from gateway.office.client import OfficeError
from gateway.office.files import differing_from
from gateway.office.folder import CROSSINGS, LogFolder
from gateway.office.verifying.boards import BoardCheck
from gateway.office.verifying.findings import Finding, Report
from gateway.office.verifying.leaves import LeafCheck
from gateway.office.verifying.states import StateCheck


def verify(folder: LogFolder, cosigners: list[Verifier]) -> Report:
    """Return what fits and what does not; OfficeError when the folder holds no pulled log.

    `cosigners`: second parties whose signature must be on the newest checkpoint that any of them signed, if they are
    named.
    """
    report = Report()
    key = folder.key()
    try:
        signed = folder.checkpoints(key)
    except (NoteError, ValueError) as error:
        raise OfficeError(f"A checkpoint in {folder.path} does not fit the log's key: {error}.") from error
    if not signed:
        raise OfficeError(f"{folder.path} holds no checkpoint; pull into it first.")
    report.checkpoints = len(signed)
    newest = max((one for one, _ in signed), key=lambda one: one.size)
    for party in cosigners:
        report.findings += _cosigned(party, newest.text(), [note for _, note in signed], report)
    tree, boards, states = LeafCheck([one for one, _ in signed]), BoardCheck(), StateCheck()
    for at, line in enumerate(folder.leaves()):
        report.findings += tree.feed(at, line)
        report.findings += _content(line, boards, states, report)
    report.findings += [*tree.end(), *states.missing()]
    report.erased = len(tree.erased)
    if tree.unsigned() > 0:
        report.unproven.append(f"{tree.unsigned()} leaves lie behind the newest checkpoint: pull again")
    file = folder.path / CROSSINGS
    newest_file = differing_from(file) if differing_from(file).exists() else file
    if newest_file.exists():
        report.crossings, wrong = states.table(newest_file)
        report.findings += wrong
    report.unproven += boards.unproven()
    report.bridged += boards.bridged()
    return report


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
