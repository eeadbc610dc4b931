"""Pulls the proven log beside the crossings: new leaves, and a checkpoint that continues the last one."""

import os

from gateway.central.proof import checkpoint, merkle
from gateway.central.proof.checkpoint import Checkpoint
from gateway.central.proof.merkle import ProofError
from gateway.central.proof.note import NoteError
from gateway.office.client import Client, OfficeError
from gateway.office.folder import LEAVES, LogFolder
from gateway.office.pull import CountsDiffer, Progress, Pull, Pulled


def check_continues(client: Client, folder: LogFolder) -> tuple[str, Checkpoint]:
    """Return the centre's newest checkpoint, as a note too; OfficeError when it does not continue the one in a folder.

    Asked before anything is pulled: what a rewritten log shows must not replace what was pulled from the real one.
    """
    key = folder.keep_key(client.text("/v1/log/key"))
    raw = client.text("/v1/log/checkpoint")
    try:
        found, _ = checkpoint.checked(raw, key)
        before = [one for one, _ in folder.checkpoints(key)]
    except (NoteError, ValueError) as error:
        raise OfficeError(f"A checkpoint of the log at {folder.path} does not fit its key: {error}.") from error
    if before:
        check_growth(client, max(before, key=lambda one: one.size), found)
    return raw, found


def pull_log(client: Client, folder: LogFolder, progress: Progress) -> Checkpoint:
    """Bring a folder up to the centre's newest checkpoint; OfficeError when it does not continue the last one."""
    raw, found = check_continues(client, folder)
    have = start = folder.count()
    with (folder.path / LEAVES).open("ab") as file:
        for page in client.leaves(have, found.size):
            if any(leaf.kind == "erasure" for leaf in page):
                folder.mark_erasures()
            file.write(b"".join(leaf.model_dump_json(exclude_none=True).encode() + b"\n" for leaf in page))
            have += len(page)
            progress(have - start, found.size - start)
        file.flush()
        os.fsync(file.fileno())
    folder.carry_out_erasures()
    for note in filter(None, (raw, client.cosigned())):
        if not folder.has_checkpoint(note):
            folder.add_checkpoint(note)
    return found


def pull_folder(pull: Pull, client: Client, folder: LogFolder, progress: Progress) -> tuple[Pulled, Checkpoint]:
    """Run a pull into a folder, and bring the log that proves it; also where the counts differ, which is then said."""
    check_continues(client, folder)
    try:
        done = pull.run(progress)
    except CountsDiffer:
        pull_log(client, folder, progress)
        raise
    return done, pull_log(client, folder, progress)


def check_growth(client: Client, old: Checkpoint, new: Checkpoint) -> None:
    """Return if the centre proves that its log only grew since a checkpoint; OfficeError if it does not."""
    if new.size < old.size:
        raise OfficeError(
            f"The centre's log has {new.size} leaves; it showed {old.size} before: it was cut or set back. "
            "Nothing was pulled; ask the centre, and keep what you have as evidence."
        )
    path = client.consistency(old.size, new.size) if 0 < old.size < new.size else []
    try:
        if old.size:
            merkle.check_consistency(old.size, new.size, old.root, new.root, path)
    except ProofError as error:
        raise OfficeError(
            f"The centre's log was rewritten: {error}. Nothing was pulled; keep what you have as evidence."
        ) from error
