"""What the feed says of crossings, against the boards' own records, and the pulled table against the feed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkpost.dates import format_local
from checkpost.reading import Outcome, Passage, read
from checkpost.reasons import CARD_NOT_GENUINE, VERDICTS
from checkpost.record import ASSURANCES, DIRECTIONS, OUTCOMES, SYNCED
from gateway.contract.log import Leaf
from gateway.office.verifying.findings import Finding, record_name

Key = tuple[int, int, int]


class StateCheck:
    """Fed with the log's records and states in their order."""

    def __init__(self, until: int | None = None) -> None:
        """`until`: up to which position the table was pulled, None: to the end of the log that was pulled with it."""
        self._until = until
        self._then: dict[Key, tuple[int, str]] | None = None  # what was current there
        self._passages: dict[Key, Passage] = {}
        self._outcomes: dict[Key, Outcome] = {}
        self._current: dict[Key, tuple[int, str]] = {}  # newest position and body
        self._positions = 0
        self._erased: set[Key] = set()
        self._corrected: dict[Key, dict[str, Any]] = {}  # fields that a person put right

    def record(self, line: Leaf) -> None:
        """Take a record's leaf."""
        key = line.board or 0, line.epoch or 0, line.seq or 0
        if line.raw is None:
            self._erased.add(key)
            return
        said = read(bytes.fromhex(line.raw), key[2])
        if isinstance(said, Passage):
            self._passages[key] = said
        elif isinstance(said, Outcome):
            self._outcomes[key[0], key[1], said.crossing_seq] = said  # the last one counts

    def correction(self, line: Leaf) -> None:
        """Take a correction's leaf: from here on the feed shows what it says."""
        if line.body is not None:
            said = json.loads(line.body)
            fields = {name: value for name, (_, value) in said["fields"].items()}
            self._corrected.setdefault((said["board"], said["epoch"], said["seq"]), {}).update(fields)

    def state(self, line: Leaf) -> list[Finding]:
        """Take a state's leaf: it must follow the last position, and say what the record says."""
        name = f"position {line.position} of the feed"
        found = []
        if line.position != self._positions + 1:
            what = f"it follows position {self._positions}: rows were left out or added"
            found.append(Finding(line.leaf, name, what))
        self._positions = line.position or 0
        if self._until is not None and self._then is None and self._positions > self._until:
            self._then = dict(self._current)
        try:
            shown = json.loads(line.body or "")
            key: Key = shown["board"], shown["epoch"], shown["seq"]
        except (ValueError, KeyError, TypeError):
            return found if line.body is None else [*found, Finding(line.leaf, name, "it is no state of a crossing")]
        self._current[key] = self._positions, line.body or ""
        if key in self._erased or shown.get("erased"):
            return found
        said = self._passages.get(key)
        if said is None:
            return [*found, Finding(line.leaf, record_name(*key), "the feed shows a crossing that no board recorded")]
        put_right = self._corrected.get(key, {})
        expected = dict(self._expected(key, said)) | put_right
        wrong = [name for name, value in expected.items() if shown.get(name) != value]
        if set(shown.get("corrected", [])) != set(put_right):
            wrong.append("corrected")
        if wrong:
            what = f"the feed shows another {', '.join(wrong)} than the board recorded"
            found.append(Finding(line.leaf, record_name(*key), what))
        return found

    def missing(self) -> list[Finding]:
        """Return the crossings that the feed never showed."""
        what = "the board recorded a crossing that the feed never showed"
        return [Finding(None, record_name(*key), what) for key in self._passages if key not in self._current]

    def table(self, file: Path) -> tuple[int, list[Finding]]:
        """Return how many crossings a pulled file of current states holds, and what of it is not in the log."""
        held: set[Key] = set()
        newest = self._current if self._then is None else self._then
        found = []
        for number, row in _rows(file):
            try:
                key: Key = row["board"], row["epoch"], row["seq"]
                body = json.dumps({name: row[name] for name in row if name != "position"}, separators=(",", ":"))
                since_erased = self._then is not None and key in self._erased
                fits = since_erased or newest.get(key) == (row["position"], body)
            except (KeyError, TypeError):
                found.append(Finding(None, f"{file.name}, line {number}", "it is no crossing"))
                continue
            twice = " and stands there twice" if key in held else ""
            held.add(key)
            if twice or not fits:
                what = "it is not the newest state that the log holds" if not fits else "it is in the log"
                found.append(Finding(None, f"{file.name}, line {number}, {record_name(*key)}", what + twice))
        missing = [key for key in newest if key not in held and not self._gone(key)]
        what = f"it is in the log and missing in {file.name}"
        return len(held), found + [Finding(None, record_name(*key), what) for key in missing]

    def current(self) -> Iterator[tuple[Key, int, dict[str, Any]]]:
        """Yield of each crossing that is not erased its place, its newest position, and what the feed says there."""
        for key, (position, body) in self._current.items():
            if not self._gone(key):
                yield key, position, json.loads(body)

    def tombstones(self) -> dict[Key, int]:
        """Return the crossings of which the feed says that they are erased, and at which position."""
        return {key: position for key, (position, body) in self._current.items() if '"erased":true' in body}

    def beside(self, key: Key) -> dict[str, Any]:
        """Return what a record says of its crossing that the feed does not tell."""
        said, last = self._passages.get(key), self._outcomes.get(key)
        if said is None:
            return {}
        genuine = not said.crossing.reasons & CARD_NOT_GENUINE
        return {"genuine": genuine, "recorded_party": said.crossing.party, "outcome_seq": last.seq if last else 0}

    def _gone(self, key: Key) -> bool:
        return key in self._erased or '"erased":true' in self._current[key][1]

    def _expected(self, key: Key, said: Passage) -> Iterator[tuple[str, Any]]:
        head, crossing, last = said.head, said.crossing, self._outcomes.get(key)
        yield "card_uid", crossing.uid.hex().upper()
        yield "direction", DIRECTIONS[crossing.direction]
        yield "assurance", ASSURANCES[crossing.assurance]
        yield "board_verdict", VERDICTS[crossing.verdict]
        yield "party", last.party if last else crossing.party
        yield "outcome", OUTCOMES[last.outcome] if last else ""
        if head.trust == SYNCED and said.in_sequence:
            yield "local_time", format_local(head.seconds, head.offset)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield number, json.loads(line)
            except ValueError:
                yield number, {}
