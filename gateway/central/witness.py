"""The witness file: the newest checkpoint, kept outside the data folder. A store that was set back does not fit it."""

import asyncio
import os
from pathlib import Path

import structlog
from fastapi.concurrency import run_in_threadpool

from gateway.central.bell import Bell
from gateway.central.proof import checkpoint
from gateway.central.proof.checkpoint import Checkpoint
from gateway.central.proof.note import NoteError, Verifier
from gateway.central.proofs import Proofs
from gateway.central.store import Store, StoreError, Transaction

PAUSE_S = 1.0  # between two notes: a store that is set back by less is made good by the gateways anyway


class WitnessError(Exception):
    """The store is not the one that the witness saw, or the witness cannot be read; the message says what to do."""


def compare(proofs: Proofs, transaction: Transaction, seen: Checkpoint) -> str:
    """Return why the store is not a continuation of what a witness saw, '' if it is."""
    size = transaction.tree.size()
    if proofs.state(transaction, 0).origin != seen.origin:
        return f"it is another log than {seen.origin}"
    if size < seen.size:
        return f"it holds {size} leaves of a log that had {seen.size} already: it was cut or set back"
    if proofs.state(transaction, seen.size).root != seen.root:
        return f"its first {seen.size} leaves are not the ones that were seen: it was rewritten"
    return ""


class Witness:
    """One file. It is read at the start, and written after changes, by every process that serves the store."""

    def __init__(self, path: Path, proofs: Proofs, store: Store):
        self._path = path
        self._proofs = proofs
        self._store = store
        self._log = structlog.get_logger("checkpost.witness")

    def check(self) -> None:
        """Return if the store continues what the file saw, or there is no file yet; WitnessError if not."""
        self._newest()

    def note(self) -> None:
        """Write the newest checkpoint, whole or not at all; WitnessError, and the file stays, if it does not fit."""
        seen, text = self._newest()
        if text == seen:
            return
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")  # each process its own
        fresh.write_text(text)
        fresh.replace(self._path)

    def keep(self, said: str = "") -> str:
        """As `note`, but what is in the way is returned, and logged unless it was `said` before: '' for nothing."""
        why = ""
        try:
            self.note()
        except OSError as error:
            why = error.strerror or str(error)
        except (StoreError, WitnessError) as error:
            why = str(error)
        if why not in ("", said):
            self._log.error("the witness is not written", path=str(self._path), why=why)
        return why

    async def follow(self, bell: Bell) -> None:
        """Write the file whenever the log grew, until cancelled."""
        said = ""
        while True:
            rings = bell.rings
            said = await run_in_threadpool(self.keep, said)
            await asyncio.sleep(PAUSE_S)
            await bell.wait(rings, PAUSE_S)

    def _newest(self) -> tuple[str, str]:
        """Return what the file says ('' without one), and the newest checkpoint, which continues it; WitnessError."""
        # The file first: what another process wrote into it since, this look at the store would be behind.
        seen, kept = _read(self._path, Verifier.parse(self._proofs.vkey))
        with self._store.read() as transaction:
            wrong = compare(self._proofs, transaction, seen) if seen else ""
            text = self._proofs.signed(transaction, transaction.tree.size())
        if wrong:
            raise WitnessError(
                f"The store does not fit the witness {self._path}: {wrong}. Restore a newer backup with "
                "`checkpost central restore`, which says how to go on when there is none."
            )
        return kept, text


def read_witness(path: Path, key: Verifier) -> Checkpoint | None:
    """Return the checkpoint in a witness file, None when there is no file; WitnessError when it is none."""
    return _read(path, key)[0]


def _read(path: Path, key: Verifier) -> tuple[Checkpoint | None, str]:
    """As `read_witness`, with the text in which it stands."""
    try:
        text = path.read_text()
        return checkpoint.checked(text, key)[0], text
    except FileNotFoundError:
        return None, ""
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise WitnessError(
            f"The witness {path} cannot be used ({error}); name the file that belongs to this log."
        ) from error
