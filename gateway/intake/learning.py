"""Takes in what the centre or an import says, and judges again what it touches."""

import json
from collections.abc import Collection, Mapping, Sequence

from gateway.contract import Application, Card, Change, CrossingPoint, Elsewhere, Hole
from gateway.contract.erasing import Erasure
from gateway.intake.completeness import COMPLETE_TO, OWN_SILENT
from gateway.intake.holes import take_told
from gateway.intake.judging import AS_OF, Judging
from gateway.store.knowledge import Known
from gateway.store.store import Store

POSITION = "position"  # of the centre's feed, up to which this store has taken border crossings
JOURNAL_DUE = "journal_due"  # 1: somebody was erased, and the file's own journal may still show them
REVISION = "revision"  # of the centre's changes, up to which this store has taken them
CHUNK = 200  # rows a transaction: some 50 ms, so that a tap does not wait long behind them
PROVISIONAL_AT_ONCE = 100  # crossings judged again a transaction, for the same reason


class Learning:
    """Writes knowledge into the store, chunk by chunk."""

    def __init__(self, store: Store):
        self._store = store

    def take_changes(self, changes: Sequence[Change], revision: int, now_s: int) -> None:
        """Take up to CHUNK changes of the centre in one transaction; `revision`: of the last one."""
        with self._store.transaction():
            rows: list[tuple[Known, int | None]] = []
            for change in changes:
                if change.policy:
                    self._store.knowledge.set_policy(change.policy)
                if change.erasure:  # behind what came before it: else that would bring back what it takes away
                    self._take(rows, now_s)
                    rows = []
                    self._forget(change.erasure, now_s)
                row = change.application or change.card or change.crossing_point or change.board
                if row:
                    rows.append((row, change.revision))
            self._take(rows, now_s)
            self._store.knowledge.set(REVISION, revision)

    def take_elsewhere(self, crossings: Sequence[Elsewhere], position: int, now_s: int) -> None:
        """Take up to CHUNK border crossings that the centre tells of, in one transaction; `position`: of the last."""
        with self._store.transaction():
            new = [crossing.card_uid for crossing in crossings if self._store.elsewhere.put(crossing)]
            Judging(self._store, now_s).judge_cards(new)
            self._store.knowledge.set(POSITION, position)

    def complete_to(self, told: Mapping[str, int]) -> None:
        """Note up to when the centre holds all crossings of each border point, all of which this store has now."""
        with self._store.transaction():
            self._store.knowledge.set(COMPLETE_TO, json.dumps(dict(told), sort_keys=True))

    def own_silent(self, silent: Mapping[str, int], heard: Collection[str]) -> None:
        """Note the points of this gateway with a silent board, and up to when their crossings are here (Unix UTC s).

        `heard`: points of which every board was heard since. What was noted of the others before stays.
        """
        text = self._store.knowledge.get(OWN_SILENT)
        before: dict[str, int] = json.loads(str(text)) if text else {}
        kept = {code: since_s for code, since_s in before.items() if code not in heard}
        now = {code: min(since_s, kept.get(code, since_s)) for code, since_s in silent.items()}
        if kept | now != before:
            with self._store.transaction():
                self._store.knowledge.set(OWN_SILENT, json.dumps(kept | now, sort_keys=True))

    def take_holes(self, told: list[Hole]) -> None:
        """Take the holes that the centre knows of, all of them; what they touch is judged again soon."""
        with self._store.transaction():
            take_told(self._store, told)

    def take_imported(self, rows: Sequence[Known], now_s: int) -> int:
        """Take up to CHUNK imported rows in one transaction, queue the changed ones for the centre; return how many."""
        with self._store.transaction():
            new = [row for row in map(self._completed, rows) if not self._equals(row)]
            for row in new:
                if isinstance(row, Application | Card):
                    self._store.outbox.add(row)
            self._take([(row, None) for row in new], now_s)
        return len(new)

    def caught_up(self, now_s: int) -> None:
        """Note that at `now_s` (Unix UTC) this store knew all that the centre knows."""
        with self._store.transaction():
            self._store.knowledge.set(AS_OF, now_s)
        if self._store.knowledge.get(JOURNAL_DUE) and self._store.emptied():
            with self._store.transaction():
                self._store.knowledge.set(JOURNAL_DUE, 0)

    def settle_provisional(self, now_s: int) -> int:
        """Judge some crossings again that were judged too early; return how many, 0 when none is left."""
        judging = Judging(self._store, now_s)
        due = self._store.records.provisional(1) or self._store.holes.due(1) or judging.incomplete(1)
        if not due:
            return 0
        with self._store.transaction():
            judging = Judging(self._store, now_s)
            settled = judging.settle_provisional(PROVISIONAL_AT_ONCE) + judging.settle_holes(PROVISIONAL_AT_ONCE)
            return settled + judging.settle_incomplete(PROVISIONAL_AT_ONCE)

    def _forget(self, erasure: Erasure, now_s: int) -> None:
        gone = self._store.erasing.forget(erasure.number, erasure.revisions, erasure.places, now_s)
        self._store.rosters.mark_due(gone)
        self._store.erasing.forget_rosters(now_s)
        self._store.knowledge.set(JOURNAL_DUE, 1)

    def _take(self, rows: list[tuple[Known, int | None]], now_s: int) -> None:
        touched: dict[str, None] = {}
        places = False
        for row, revision in rows:
            if not self._equals(row):
                if isinstance(row, Application):
                    touched[row.application_id] = None
                elif isinstance(row, Card):
                    touched.update(dict.fromkeys(self._permits_of(row)))
                else:
                    places = True
            self._store.knowledge.put(row, revision)
            if isinstance(row, CrossingPoint):
                self._store.records.place(row.code)
        judging = Judging(self._store, now_s)
        judging.judge_permits(list(touched))
        if places:  # where boards stand decides what their rosters hold, and how much of a permit's use is seen here
            self._store.rosters.mark_due(self._store.knowledge.permit_ids())

    def _completed(self, row: Known) -> Known:
        """Return an imported row; what its file does not name of a point's time zone or a card's keys stays as held.

        Releases that are held stay, too: stations alone take them back.
        """
        if isinstance(row, Application):
            known = self._store.knowledge.application(row.application_id)
            released = {*row.released_on, *(known.released_on if known else [])}
            return row.model_copy(update={"released_on": sorted(released)})
        if isinstance(row, Card):
            before = self._store.knowledge.card(row.card_uid)
            unset = {"key_version", "zone"} - row.model_fields_set
            return row.model_copy(update={name: getattr(before, name) for name in unset}) if before else row
        if isinstance(row, CrossingPoint) and "time_zone" not in row.model_fields_set:
            for held in self._store.knowledge.points():
                if held.code == row.code:
                    return row.model_copy(update={"time_zone": held.time_zone})
        return row

    def _equals(self, row: Known) -> bool:
        knowledge = self._store.knowledge
        if isinstance(row, Application):
            return knowledge.application(row.application_id) == row
        if isinstance(row, Card):
            return knowledge.card(row.card_uid) == row
        return row in knowledge.points() or row in knowledge.boards()

    def _permits_of(self, card: Card) -> list[str]:
        before = self._store.knowledge.card(card.card_uid)
        return [before.application_id, card.application_id] if before else [card.application_id]
