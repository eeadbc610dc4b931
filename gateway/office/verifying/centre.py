"""The centre as it stands now, for `office verify`: its log leaf by leaf beside the pulled one, and its tables."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from gateway.central.proof import checkpoint
from gateway.central.proof.note import NoteError, Verifier
from gateway.contract.log import Leaf
from gateway.office.client import Client, OfficeError
from gateway.office.verifying.boards import BoardCheck
from gateway.office.verifying.findings import Finding
from gateway.office.verifying.leaves import LeafCheck, name_of
from gateway.office.verifying.states import StateCheck
from gateway.office.verifying.tables import Tables


class Centre:
    """What stood in one instant; it is kept in a file without a name, which ends with this process."""

    def __init__(self, client: Client, folder: Path, key: Verifier):
        """`key`: of the pulled log; OfficeError when the centre does not sign with it, or breaks off."""
        self._client = client
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  (`close` lets go of it)
        for piece in client.standing():
            self._file.write(piece)
        try:
            first = next(iter(self._lines()))["log"]
            self.checkpoint, _ = checkpoint.checked(first["checkpoint"], key)
        except NoteError as error:
            raise OfficeError(f"The centre's checkpoint does not fit the key of the pulled log: {error}.") from error
        except (StopIteration, KeyError, TypeError, ValueError) as error:
            raise OfficeError("What answers is not a Checkpost centre that tells its tables; check --url.") from error
        self._blank: dict[int, str] = {}  # leaves that the centre has no content of any more, and what they are called
        self.findings: list[Finding] = []

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def leaves(self, kept: Iterable[Leaf]) -> Iterator[Leaf]:
        """Yield the pulled leaves, each held against the centre's, then those that came since."""
        size, pulled = self.checkpoint.size, 0
        theirs = (leaf for page in self._client.leaves(0, size) for leaf in page)
        for mine in kept:
            pulled += 1
            self._compare(mine, next(theirs, None))
            yield mine
        if size < pulled:
            what = f"it has {size} leaves, the pulled one has {pulled}: it was cut or set back"
            self.findings.append(Finding(None, "the centre's log", what))
        yield from theirs

    def compare(self, tree: LeafCheck, boards: BoardCheck, states: StateCheck) -> tuple[int, list[Finding], list[str]]:
        """Return how many rows of tables were compared, what does not fit, and what could not be compared."""
        later = self._erased_since() if any(not tree.is_named(number) for number in self._missing(tree)) else set()
        tree.excuse(later)
        what = "the centre has lost what the pulled log holds of it, and no erasure took it"
        gone = [Finding(at, name, what) for at, name in self._blank.items() if not tree.is_named(at)]
        if later:
            return 0, self.findings + gone, ["somebody was erased meanwhile: the centre's tables are not compared"]
        if any(one.where == "the centre's log" for one in self.findings):
            return 0, self.findings + gone, []
        rows, found = Tables(boards, states).compare(self._rows())
        return rows, self.findings + gone + found, []

    def _compare(self, mine: Leaf, theirs: Leaf | None) -> None:
        if theirs is None or mine == theirs:
            return
        name = f"the centre's {name_of(mine)}"
        if theirs.salt is None and theirs.hash == mine.hash:
            self._blank[mine.leaf] = name
        else:
            self.findings.append(Finding(mine.leaf, name, "it is not what was pulled: it was altered since"))

    def _missing(self, tree: LeafCheck) -> Iterator[int]:
        yield from self._blank
        yield from tree.erased

    def _erased_since(self) -> set[int]:
        """Return the leaves that erasures name which came after the snapshot."""
        size = int(self._client.text("/v1/log/checkpoint").splitlines()[1])
        bodies = (
            leaf.body or "{}"
            for page in self._client.leaves(self.checkpoint.size, size)
            for leaf in page
            if leaf.kind == "erasure"
        )
        return {number for body in bodies for number in json.loads(body).get("leaves", [])}

    def _rows(self) -> Iterator[tuple[str, Any]]:
        """Yield name and value of each line between the first and the last; OfficeError when it broke off."""
        count, end = -1, None
        for line in self._lines():
            name, value = next(iter(line.items()))
            if name == "end":
                end = value
            elif count >= 0:
                yield name, value
            count += 1
        if end is None or count - 1 != end:
            raise OfficeError("The centre broke off in the middle of its tables; verify again.")

    def _lines(self) -> Iterator[dict[str, Any]]:
        self._file.seek(0)
        for line in self._file:
            try:
                yield json.loads(line)
            except ValueError as error:
                raise OfficeError("The centre broke off in the middle of its tables; verify again.") from error
