"""Judges what a change touches, and writes what came out: verdicts, their history, flags, rosters that are due."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from checkpost import reasons as why
from checkpost.hole import Hole
from checkpost.permit import Permit, Usage
from checkpost.rules import RULE_VERSION, Knowledge, Policy
from gateway import contract
from gateway.intake.completeness import COMPLETE_TO, NEVER, OWN_SILENT, Completeness
from gateway.review.evidence import of_verdict
from gateway.review.flags import about_card, about_record, raise_flag
from gateway.store.knowledge import POLICY, Issued
from gateway.store.records import Columns, Key, with_verdict
from gateway.store.store import Store
from gateway.verdict.facts import CrossingRow, policy_of
from gateway.verdict.judge import Facts, Ruling, answer_before, differs, judge_alone, judge_history, values

REFER = "refer"
ANSWER_CHANGED = "answer-changed"
IMPOSSIBLE_TRAVEL = "impossible-travel"
WRITTEN_TWICE = "written-twice"
SETTLED_TO = "settled_to"  # order of time up to which verdicts that lacked news of other points were judged with it
AT_ONCE = 256  # permits whose histories are in memory at the same time
AS_OF = "as_of_s"  # when the centre last said that this gateway knows all, Unix UTC s; absent: never

_CARD_AT = CrossingRow._fields.index("card_uid")
_NO_CARD = (None, None)  # what a crossing's row says of a card that is not known

_Granted = Mapping[str, Permit | None]  # by application id; None: the application is not known
_Histories = dict[str, list[CrossingRow]]  # by application id


class Judging:
    """Judges within the transaction of its caller, by the policy and the facts that the store holds at its start."""

    def __init__(
        self, store: Store, now_s: int, policy: contract.Policy | None = None, waiting: Iterable[Columns] = ()
    ):
        """`now_s`: Unix UTC, noted with each verdict; `policy`: instead of the one in force, for a trial.

        `waiting`: crossings that are not in the store yet: each is written with its verdict.
        """
        self._store = store
        self._now_s = now_s
        values = store.knowledge.values(POLICY, AS_OF, COMPLETE_TO, OWN_SILENT, SETTLED_TO)
        policy = policy or store.knowledge.policy_in(values.get(POLICY))
        as_of_s = values.get(AS_OF)
        self.provisional = policy is None or as_of_s is None
        self._policy: Policy = policy_of(policy or contract.Policy())
        self._known = Knowledge(all_cards=not self.provisional)
        age_s = (policy or contract.Policy()).history_max_age_s
        known_s = NEVER if as_of_s is None else int(as_of_s)
        self._complete = Completeness(values, store.knowledge.border_points(), known_s, age_s)
        self._hears = store.elsewhere.any()
        self._settled_to = int(values.get(SETTLED_TO, NEVER))
        self._holes = tuple(Hole(*row) for row in store.holes.of_border())
        self._waiting = {_key(row): row for row in waiting}
        self._fresh: dict[str, list[CrossingRow]] = {}  # those of them with a permit, by its application's id

    def judge_cards(self, card_uids: Iterable[str]) -> list[Ruling]:
        """Judge the permits of these cards, each once; a card that nobody issued alone. Return what is new."""
        cards = list(dict.fromkeys(card_uids))
        issued = self._store.knowledge.issued(cards)
        unknown = [card for card in cards if card not in issued]
        rows = [row for card in unknown for row in self._store.records.unjudged_of_card(card)]
        rows += self._of_waiting(issued)
        asked = {held.application_id: held.permit for held in issued.values()}
        return self._write([self.alone(row) for row in rows]) + self.judge_permits(list(asked), asked)

    def _of_waiting(self, issued: dict[str, Issued]) -> list[CrossingRow]:
        """Add the crossings that are not written yet to their permits; return those by cards that nobody issued."""
        of_nobody = []
        for row in self._waiting.values():
            card_uid = str(row[_CARD_AT])
            held = issued.get(card_uid)
            if held:
                application_id, *card, _ = held
                self._fresh.setdefault(application_id, []).append(CrossingRow._make((*row, *card)))
            elif card_uid:
                of_nobody.append(CrossingRow._make((*row, *_NO_CARD)))
        return of_nobody

    def judge_permits(self, application_ids: list[str], granted: _Granted | None = None) -> list[Ruling]:
        """Judge every crossing of permits and note that their roster entries are due. Return what is new.

        `granted`: what each grants, where that was read already.
        """
        self._store.rosters.mark_due(application_ids)
        return [ruling for part in self.judged(application_ids, granted) for ruling in self._write(part)]

    def judged(self, application_ids: list[str], granted: _Granted | None = None) -> Iterator[list[Ruling]]:
        """Yield the verdict on every crossing of permits, some permits at a time; write nothing."""
        for at in range(0, len(application_ids), AT_ONCE):
            part = application_ids[at : at + AT_ONCE]
            permits = granted or self._store.knowledge.permits(part)
            here, elsewhere = self._histories(part)
            found: list[Ruling] = []
            for one in part:
                found += judge_history(
                    here[one], elsewhere.get(one, []), self._facts(permits.get(one), self._complete.until)
                )[0]
            yield found

    def judge_single(self, key: tuple[int, int, int]) -> list[Ruling]:
        """Judge a crossing that belongs to no permit, by its key (board, epoch, seq)."""
        waiting = self._waiting.get(key)
        row = CrossingRow._make((*waiting, *_NO_CARD)) if waiting else self._store.records.crossing(*key)
        return self._write([self.alone(row)]) if row else []

    def settle_provisional(self, limit: int) -> int:
        """Judge up to `limit` crossings again that were judged before the centre's facts were here; return how many."""
        if self.provisional:
            return 0
        waiting = self._store.records.provisional(limit)
        with_permit = self._store.knowledge.issued([row[3] for row in waiting])
        self.judge_cards(with_permit)
        for board, epoch, seq, card_uid in waiting:
            if card_uid not in with_permit:
                self.judge_single((board, epoch, seq))
        return len(waiting)

    def settle_incomplete(self, limit: int) -> int:
        """Judge cards again, about `limit`, whose verdicts lacked news of other points that has come since."""
        found = self.incomplete(limit)
        if found:
            self.judge_cards([card_uid for card_uid, _ in found])
            self._store.knowledge.set(SETTLED_TO, found[-1][1])
        return len(found)

    def incomplete(self, limit: int) -> list[tuple[str, int]]:
        """Return about `limit` (card, order of time) of verdicts that lacked news of other points which has come since.

        What a hole left open stays so, whatever comes: it is looked at once.
        """
        until_s = self._complete.settled(self._now_s)
        if until_s is None:
            return []
        if until_s < self._settled_to:  # a point was added: what was judged since knows less of its past
            self._store.knowledge.set(SETTLED_TO, until_s)
            self._settled_to = until_s
        return self._store.records.incomplete(self._settled_to, until_s, limit)

    def settle_holes(self, limit: int) -> int:
        """Judge cards again, up to `limit`, for which a hole was found or is known better; return how many."""
        cards = self._store.holes.due(limit)
        self.judge_cards(cards)
        self._store.holes.clear_due(cards)
        return len(cards)

    def alone(self, row: CrossingRow) -> Ruling:
        """Return the verdict of a crossing that belongs to no permit."""
        return Ruling(row, judge_alone(row, Facts(None, self._policy, self._known)))

    def facts(self, application_id: str) -> Facts:
        """Return what is known of a permit."""
        return self._facts(self._permit(application_id), self._complete.until)

    def facts_of_roster(self, application_id: str) -> Facts:
        """Return what boards are told of a permit: what another board here may hold is not in it, for each has its own
        gaps, and an entry that came and went with them would be sent to all."""
        return self._facts(self._permit(application_id), self._complete.elsewhere)

    def _permit(self, application_id: str) -> Permit | None:
        return self._store.knowledge.permits([application_id]).get(application_id)

    def _facts(self, granted: Permit | None, until: Callable[[Collection[str]], int | None]) -> Facts:
        if granted is None or self._complete.whole:
            return Facts(granted, self._policy, self._known, None, self._holes if granted else ())
        return Facts(granted, self._policy, self._known, until(granted.points), self._holes)

    def facts_at(self, application_id: str, age_s: int) -> Facts:
        """Return what is known of a permit, when knowledge is `age_s` old: an unknown card may be younger than that."""
        known = Knowledge(not self.provisional and age_s <= self._policy.roster_max_age_s, age_s)
        return self.facts(application_id)._replace(known=known)

    def usage(self, application_id: str, facts: Facts) -> Usage:
        """Return the use of a permit after all that is held of it; `facts`: what is known of it.

        With other points it is not complete: what happens there from now on, nobody tells a board in time.
        """
        return judge_history(*self._history(application_id), facts)[1]

    def history(self, application_id: str) -> list[CrossingRow]:
        """Return every crossing of a permit, here and elsewhere."""
        here, elsewhere = self._history(application_id)
        return here + elsewhere

    def _history(self, application_id: str) -> tuple[list[CrossingRow], list[CrossingRow]]:
        here, elsewhere = self._histories([application_id])
        return here[application_id], elsewhere.get(application_id, [])

    def _histories(self, application_ids: list[str]) -> tuple[_Histories, _Histories]:
        here = self._store.records.of_permits(application_ids)
        elsewhere = self._store.elsewhere.of_permits(application_ids) if self._hears else {}
        if self._waiting:
            for one in application_ids:
                here[one] += self._fresh.pop(one, ())
            for one, rows in elsewhere.items():  # what boards here bring themselves counts once
                elsewhere[one] = [row for row in rows if _key(row) not in self._waiting]
        return here, elsewhere

    def _write(self, judged: list[Ruling]) -> list[Ruling]:
        new = [ruling for ruling in judged if differs(*ruling)]
        if self.provisional:  # a verdict that was made before the centre's facts were here asks nobody yet
            self._keep(new)
            return new
        # The same verdict by the centre's facts is another one, and the first that counts as an answer.
        again = [one for one in judged if one.row.provisional and not differs(*one)]
        given = new + again
        answers = [self._answer(ruling.row) for ruling in given]
        self._keep(given)
        for ruling, answer in zip(given, answers, strict=True):
            self._flag(ruling, answer)
        return new

    def _keep(self, rulings: list[Ruling]) -> None:
        """Write verdicts: with its crossing where that waited for it, else over the one that stands."""
        versions_and_time = (RULE_VERSION, 0 if self.provisional else self._policy.version, self._now_s)
        verdicts: list[tuple[int, ...]] = []
        fresh: list[Columns] = []
        changed: list[tuple[int, ...]] = []
        for row, verdict in rulings:
            key, said = _key(row), values(verdict)
            verdicts.append((*key, *said, *versions_and_time))
            waiting = self._waiting.pop(key, None)
            if waiting:
                fresh.append(with_verdict(waiting, (*said, int(self.provisional))))
            else:
                changed.append((*said, int(self.provisional), *key))
        self._store.verdicts.add(verdicts)
        self._store.records.add_crossings(fresh)
        self._store.records.set_verdicts(changed)

    def _answer(self, row: CrossingRow) -> int | None:
        """Return what was answered here before, GO or ASK; None: nothing that counts."""
        if row.provisional or row.verdict is None:
            return None
        if row.verdict != why.UNVERIFIABLE:
            return row.verdict
        return self._store.verdicts.answer(row.board, row.epoch, row.seq)

    def _flag(self, ruling: Ruling, answer: int | None) -> None:
        """Open the questions of a verdict, each once. `answer`: what was given here before, None: nothing."""
        row, verdict = ruling
        detail = ", ".join(verdict.reason_names()) if verdict.verdict else ""  # GO has neither reason nor cause
        if verdict.verdict == why.REFER:
            self._ask(REFER, ruling, detail)
        noted = 0 if row.provisional else row.notes or 0  # what was asked already is no news in a verdict that follows
        if verdict.notes & ~noted & why.IMPOSSIBLE_TRAVEL:
            # Of the card: a copy may be about, which says nothing of its holder.
            place = f"{row.board}/{row.epoch}/{row.seq} at {row.crossing_point}"
            raise_flag(self._store, about_card(IMPOSSIBLE_TRAVEL, row.card_uid), self._now_s, place)
        if verdict.beside and verdict.notes & ~noted & why.WRITTEN_TWICE:
            self._ask(WRITTEN_TWICE, ruling, "perhaps the same as {}/{}/{}".format(*verdict.beside))
        before = answer_before(row.board_verdict, answer, verdict)
        if before is not None:
            change = f"{before}, now {why.VERDICTS[verdict.verdict]} {detail}".rstrip()
            self._ask(ANSWER_CHANGED, ruling, change)

    def _ask(self, kind: str, ruling: Ruling, detail: str) -> None:
        row, verdict = ruling
        question = about_record(kind, row.board, row.epoch, row.seq)
        raise_flag(self._store, question, self._now_s, detail, of_verdict(self._store, row, verdict))


def _key(row: Columns) -> Key:
    """Return the board, epoch and sequence that a row begins with."""
    return row[:3]  # type: ignore[return-value]
