"""Backups of the centre: one folder each, checked when it is made, and again when it is tried."""

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from checkpost.calendar import DAY_S
from gateway.central.audit import FILE_NAME as AUDIT_NAME
from gateway.central.marks import FILE_NAME as MARKS_NAME
from gateway.central.marks import held_marks
from gateway.central.masters import FILE_NAME as MASTERS_NAME
from gateway.central.proof.note import Verifier
from gateway.central.proofs import Proofs
from gateway.central.rights.remembered import FILE_NAME as ERASURES_NAME
from gateway.central.rights.remembered import beside
from gateway.central.rights.restoring import carry_out, keep_beside
from gateway.central.signing import KEY_NAME, SigningError, open_key
from gateway.central.store import STORE_NAME, Store, StoreError
from gateway.central.witness import WitnessError, compare, read_witness
from gateway.contract.sealing import FILE_NAME as SEALING_NAME

MANIFEST = "backup.json"
FILES = "files"  # in it: the SHA-256 of every file by name
CHECKPOINT = "checkpoint"
DRILL = "drill.json"  # in the data folder
# Copied as they are, where they are there.
SECRETS = (KEY_NAME, SEALING_NAME, MARKS_NAME, MASTERS_NAME, AUDIT_NAME, ERASURES_NAME, "tokens.json")


class BackupError(Exception):
    """A backup cannot be made or used; the message says what to do."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds. `utc_s`: when it was made."""

    utc_s: int
    log: str
    leaves: int
    records: int
    crossings: int


def make(data: Path, to: Path, utc_s: int, database: str = "") -> Backup:
    """Copy a centre's data into a new folder while it runs, and try what was copied; BackupError.

    Whatever the database, the copy is one SQLite file: it is tried, read and restored without a server.
    """
    if to.exists():
        raise BackupError(f"{to} is there already; a backup goes into a new folder.")
    fresh = to.with_name(to.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    store = Store(database or data / STORE_NAME)
    try:
        store.copy(fresh / STORE_NAME)
    finally:
        store.close()
    for name in SECRETS:
        if (data / name).exists():
            shutil.copy2(data / name, fresh / name)
    found, checkpoint = _look(fresh, utc_s)
    (fresh / CHECKPOINT).write_text(checkpoint)
    (fresh / MANIFEST).write_text(json.dumps(asdict(found) | {FILES: _hashes(fresh)}) + "\n")
    _settle(fresh)
    fresh.rename(to)
    keep_beside(data / ERASURES_NAME, to.parent)
    return found


def drop_old(folder: Path, days: int, now_s: int) -> list[Path]:
    """Remove the backups in a folder that were made more than `days` before `now_s`; return them.

    Whoever was erased since stands in them still: that is why a backup has an end.
    """
    old = []
    for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
        if _said(manifest.parent)[0].utc_s < now_s - days * DAY_S:
            shutil.rmtree(manifest.parent)
            old.append(manifest.parent)
    return old


def newest(folder: Path) -> Path:
    """Return the newest backup in a folder, or the folder itself where it is one; BackupError when there is none."""
    if (folder / MANIFEST).exists():
        return folder
    found = [path.parent for path in folder.glob(f"*/{MANIFEST}")]
    if not found:
        raise BackupError(f"There is no backup in {folder}; make one with `checkpost central backup`.")
    return max(found, key=lambda path: _said(path)[0].utc_s)


def drill(backup: Path, witness: Path | None) -> Backup:
    """Restore a backup into a folder that is thrown away, and compare it with what its manifest says; BackupError.

    Also its crossings with what the feed told the office of each, and the marks of what it knows: who edits these
    tables alone is found here.
    """
    with tempfile.TemporaryDirectory(prefix="checkpost-drill-") as folder:
        data = Path(folder) / "data"
        restored = restore(backup, data, witness, accept_loss=True)
        _compare_crossings(backup, data)
        _compare_known(backup, data)
        return restored


def note_drill(data: Path, utc_s: int, trouble: str) -> None:
    """Write down when a restore was tried, and what went wrong ('': nothing); `/metrics` shows it."""
    fresh = data / f"{DRILL}.new"
    fresh.write_text(json.dumps({"utc_s": utc_s, "trouble": trouble}) + "\n")
    fresh.replace(data / DRILL)


def last_drill(data: Path) -> tuple[int, bool]:
    """Return when a restore was tried last (Unix UTC s, 0: never) and if it went well."""
    try:
        found = json.loads((data / DRILL).read_text())
        return int(found["utc_s"]), not found["trouble"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0, False


def restore(backup: Path, data: Path, witness: Path | None, accept_loss: bool, database: str = "") -> Backup:
    """Lay a backup as a new data folder; BackupError when it is not whole, or the log went on after it.

    With `accept_loss` a log that went on after it becomes a new log, under a new name: nobody may take what it says
    from here on for the one that was lost. Gateways hold what is missing and bring it again. With a `database` the
    store goes there, which must be empty.
    """
    if data.exists() and any(data.iterdir()):
        raise BackupError(f"{data} holds something already; a backup is restored into an empty folder.")
    wanted, hashes = _said(backup)
    shutil.copytree(backup, data, dirs_exist_ok=True)
    try:
        _check(backup, data, wanted, hashes)
        return _laid(backup, data, wanted, witness, accept_loss, database)
    except BaseException:
        for path in data.iterdir():  # what was refused must not be served
            path.unlink()
        raise


def _said(backup: Path) -> tuple[Backup, dict[str, str]]:
    """Return what a backup's manifest says that it holds, and the SHA-256 of each file, which earlier ones had not."""
    try:
        said = json.loads((backup / MANIFEST).read_text())
        return Backup(**{name: said[name] for name in said if name != FILES}), dict(said.get(FILES, {}))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{backup} is no backup ({error}); `central backup` makes one.") from error


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: _hash(path) for path in sorted(folder.iterdir())}


def _hash(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(backup: Path, data: Path, wanted: Backup, hashes: dict[str, str]) -> None:
    """Return if what was copied is what was backed up, byte for byte and by its log; BackupError."""
    # A file more counts, too: SQLite takes what it finds in a journal beside the store.
    names = {*hashes, *(path.name for path in data.iterdir())} - {MANIFEST} if hashes else set()
    changed = [name for name in sorted(names) if hashes.get(name) != _hash(data / name)]
    for name in (MANIFEST, CHECKPOINT):
        (data / name).unlink(missing_ok=True)
    if not changed:
        found, checkpoint = _look(data, wanted.utc_s)
        if found == wanted and checkpoint == (backup / CHECKPOINT).read_text():
            return
    which = f"{', '.join(changed)} in {backup}" if changed else str(backup)
    raise BackupError(
        f"{which} is not what was backed up: it was changed, damaged or taken away since. Use another one."
    )


def _laid(backup: Path, data: Path, found: Backup, witness: Path | None, accept_loss: bool, database: str) -> Backup:
    behind = _behind(data, witness) if witness else ""
    if behind and not accept_loss:
        raise BackupError(
            f"The backup does not fit the witness {witness}: {behind}. Use a newer one; where there is none, "
            "--accept-loss makes it a new log, and gateways bring again what they hold."
        )
    if behind:
        _rename_log(data)
    _erase_again(data, [backup / ERASURES_NAME, backup.parent / ERASURES_NAME], witness)
    if database:
        _move(data / STORE_NAME, database)
    _settle(data)
    return found


def _look(folder: Path, utc_s: int) -> tuple[Backup, str]:
    """Return what a data folder holds, and the checkpoint of its log, both from the store itself; BackupError."""
    try:
        store = Store(folder / STORE_NAME)
        try:
            wrong = store.damage()
            if wrong:
                raise BackupError(f"The store at {folder} is damaged: {wrong}.")
            proofs = Proofs(store, open_key(folder, store.log_id))
            with store.read() as transaction:
                size = transaction.tree.size()
                records = sum(seq for _, _, seq in transaction.log.held())
                found = Backup(utc_s, store.log_id, size, records, transaction.tally.crossings())
                return found, proofs.signed(transaction, size)
        finally:
            store.close()
    except (StoreError, SigningError) as error:
        raise BackupError(str(error)) from error


def _compare_crossings(backup: Path, data: Path) -> None:
    """Return if every crossing stands as the feed told it; BackupError that names the first and counts the others."""
    first, differing = "", 0
    try:
        store = Store(data / STORE_NAME)
        try:
            with store.read() as transaction:
                for state, line in transaction.crossings.with_lines():
                    if not state.is_told(line):
                        first = first or f"board {state.board}, epoch {state.epoch}, record {state.seq}"
                        differing += 1
        finally:
            store.close()
    except StoreError as error:
        raise BackupError(str(error)) from error
    if differing:
        others = f" and {differing - 1:,} others" if differing > 1 else ""
        raise BackupError(
            f"In {backup} the table of crossings says otherwise than the log of {first}{others}: somebody wrote into "
            "it. What the office pulled comes from the log and stays right; restore a backup from before."
        )


def _compare_known(backup: Path, data: Path) -> None:
    """Return if every permit, card, point, board and the policy has the centre's mark; BackupError names the first."""
    try:
        marks = held_marks(data)
        if marks is None:
            return  # of a centre that did not mark yet
        with closing(Store(data / STORE_NAME)) as store, store.read() as transaction:
            wrong = [one for one in marks.look(transaction) if one.wrong]
    except (StoreError, SigningError) as error:
        raise BackupError(str(error)) from error
    if wrong:
        others = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
        raise BackupError(
            f"In {backup} somebody wrote into what the centre knows: {wrong[0].name()}: {wrong[0].wrong}{others}. "
            "Hold it against the papers, or restore a backup from before."
        )


def _behind(data: Path, witness: Path) -> str:
    store = Store(data / STORE_NAME)
    try:
        proofs = Proofs(store, open_key(data, store.log_id))
        seen = read_witness(witness, Verifier.parse(proofs.vkey))
        if seen is None:
            return ""
        with store.read() as transaction:
            return compare(proofs, transaction, seen)
    except WitnessError as error:
        raise BackupError(str(error)) from error
    finally:
        store.close()


def _move(source: Path, database: str) -> None:
    """Bring the store of a file into a database, and take the file away; BackupError."""
    try:
        store = Store.create(database)
        try:
            store.take_over(source)
        finally:
            store.close()
    except StoreError as error:
        raise BackupError(str(error)) from error
    source.unlink()


def _erase_again(data: Path, lists: list[Path], witness: Path | None) -> None:
    """Let nobody come back who was erased after the backup was made."""
    store = Store(data / STORE_NAME)
    try:
        if marks := held_marks(data):
            store.mark_with(marks.of)
        carry_out(store, data, [*lists, *([beside(witness)] if witness else [])])
    except (StoreError, SigningError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"What was erased since cannot be read or erased again ({error}).") from error
    finally:
        store.close()


def _rename_log(data: Path) -> None:
    store = Store(data / STORE_NAME)
    store.rename_log()
    store.close()


def _settle(folder: Path) -> None:
    """Bring every file of a folder to the disk."""
    for path in [*folder.iterdir(), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
