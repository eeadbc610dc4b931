"""After a restore: whoever was erased since the backup was made is erased in it, too."""

from collections.abc import Iterable
from pathlib import Path

from gateway.central.audit import KeyAudit
from gateway.central.rights.erasing import Said, Wanted, erase
from gateway.central.rights.holders import every_holder
from gateway.central.rights.remembered import FILE_NAME, Entry, entries, lines_of
from gateway.central.rights.subject import Subject, whole
from gateway.central.store import Store, Transaction

RESTORE = "it was erased after the backup that was restored here"


def keep_beside(source: Path, folder: Path) -> None:
    """Add to a folder's own list what a list says; it stays when the backups that came with it are gone."""
    lines = lines_of([folder / FILE_NAME, source])
    if lines:
        _write(folder / FILE_NAME, lines)


def _write(path: Path, lines: list[str]) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text("".join(f"{line}\n" for line in lines))
    fresh.replace(path)


def carry_out(store: Store, data: Path, lists: Iterable[Path]) -> int:
    """Erase in a store what lists say and it still holds; return how many erasures that were."""
    lines = lines_of([*lists, data / FILE_NAME])
    if not lines:
        return 0
    audit = KeyAudit(data, lambda: 0.0)
    done = 0
    with store.write() as transaction:
        for _, entry in entries(lines):
            subject = _missing(transaction, entry)
            if subject is None:
                continue
            said = Said("the centre", "", RESTORE, entry.utc_s)
            erase(transaction, every_holder(), Wanted(subject), said)
            audit.forget(subject.identifiers(), f"(erased {entry.number})")
            done += 1
    if done:
        store.compact()
    _write(data / FILE_NAME, lines)
    return done


def _missing(transaction: Transaction, entry: Entry) -> Subject | None:
    """Return whom an erasure still finds here; None when it was carried out in this store."""
    keys = {kind: transaction.knowledge.of_revisions(kind, revisions) for kind, revisions in entry.revisions.items()}
    places = [place for place in entry.places if not transaction.erasing.erased(*place, place[2])]
    if not places and not any(keys.values()):
        return None
    states = [state for board, epoch, seq in places for state in transaction.crossings.of_board(board, epoch, [seq])]
    applications = {*keys.get("application", []), *(state.permit for state in states)} - {""}
    cards = {*keys.get("card", []), *(state.card_uid for state in states)} - {""}
    found = Subject(frozenset(), frozenset(applications), frozenset(cards), frozenset(), frozenset(places))
    return whole(transaction, found)
