"""Who entered a crossing by hand, when, and from which paper form."""

import sqlite3
from typing import NamedTuple


class HandRow(NamedTuple):
    """What the record of a hand-entered crossing has no room for. `form`: number of the paper form, '' for none.

    `mark`: the same for an entry that is sent a second time, '' for none.
    """

    board: int
    epoch: int
    seq: int
    person: str
    form: str
    entered_s: int
    mark: str = ""


class HandEntries:
    """Hand-entered crossings, one connection's view of them."""

    def __init__(self, conn: sqlite3.Connection):
        self._conn = conn

    def add(self, row: HandRow) -> None:
        """Keep who entered a crossing."""
        self._conn.execute("INSERT INTO hand_entries VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def get(self, board: int, epoch: int, seq: int) -> HandRow | None:
        """Return who entered a crossing, None for one that was tapped."""
        return self._one("board = ? AND epoch = ? AND seq = ?", (board, epoch, seq))

    def of_form(self, form: str) -> HandRow | None:
        """Return what was entered from a paper form."""
        return self._one("form = ? AND form <> ''", (form,))

    def of_mark(self, mark: str) -> HandRow | None:
        """Return what was entered under a mark."""
        return self._one("mark = ? AND mark <> ''", (mark,))

    def lines_of(self, form: str) -> list[HandRow]:
        """Return what was entered of a paper form, which is named `FORM/LINE`."""
        # The slash is followed by the zero in the order of letters: so the index finds what begins with the form.
        rows = self._conn.execute(
            "SELECT * FROM hand_entries WHERE form > ? AND form < ? AND form <> ''", (f"{form}/", f"{form}0")
        )
        return [HandRow(*row) for row in rows]

    def _one(self, where: str, values: tuple[int | str, ...]) -> HandRow | None:
        row = self._conn.execute(f"SELECT * FROM hand_entries WHERE {where}", values).fetchone()
        return HandRow(*row) if row else None
