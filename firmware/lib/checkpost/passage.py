"""Which taps, and which lines that hands wrote, are one passage. Pure; SPEC.md, "Written by hand", says why."""

from checkpost.calendar import local_day
from checkpost.hole import Hole
from checkpost.permit import BORDER, Card
from checkpost.record import ADMITTED, NO_OUTCOME
from checkpost.rules import Policy, Tap, Verdict

# Who writes a passage down does so at once, or remembers its time to ten minutes; what clocks are unsure of comes on
# top. Nobody enters twice in that time without an exit between.
WRITTEN_WITHIN_S = 600


class Step:
    """One tap of a permit's history. `key`: (order UTC s, board, epoch, sequence); `card`: as it is held now."""

    def __init__(self, key: tuple[int, int, int, int], uid: bytes, tap: Tap, card: Card | None):
        self.key = key
        self.uid = uid
        self.tap = tap
        self.card = card
        self.verdict: Verdict | None = None
        self.used_entry = False  # it counted as one, when its history was judged


class Passage:
    """The steps of one crossing, which is judged once, by its first one.

    `lines`: what hands wrote of it besides. `near`: crossings of which this may be another writing, where nobody can
    tell; none where it stands for itself. `disputed`: nobody can tell from what hands wrote whether it went through.
    """

    # Of most passages nothing of this is ever set.
    lines: tuple[Step, ...] = ()
    near: tuple["Passage", ...] = ()
    disputed = False
    mixed = False  # a line of it may be another crossing's as well

    def __init__(self, first: Step):
        self.steps = [first]

    def told(self) -> Step:
        """Return the step whose outcome and party hold: the last one; where it has none, the first line that has."""
        last = self.steps[-1]
        if last.tap.outcome == NO_OUTCOME:
            for line in self.lines:
                if line.tap.outcome != NO_OUTCOME:
                    return line
        return last

    def judged(self) -> Tap:
        """Return the tap that is judged, with the outcome and the party that hold."""
        tap = self.steps[0].tap
        if self.lines or len(self.steps) > 1:
            told = self.told().tap
            tap.outcome, tap.party = told.outcome, told.party
        return tap

    def settle(self) -> None:
        """Find out whether hands tell the outcome, and contradict what else is known, or may tell it of another."""
        last = self.steps[-1].tap
        said = [line.tap.outcome for line in self.lines if line.tap.outcome != NO_OUTCOME]
        if not said or (last.outcome != NO_OUTCOME and not last.by_hand):
            return
        self.disputed = self.mixed
        if last.outcome != NO_OUTCOME or not last.by_hand:
            said.append(last.outcome or ADMITTED)  # a tap without an outcome may have passed by its verdict
        if ADMITTED in said and any(outcome != ADMITTED for outcome in said):
            self.disputed = True


def passages(steps: list[Step], policy: Policy, holes: tuple[Hole, ...] = ()) -> list[Passage]:
    """Return the steps, in order, grouped into passages: a card tapped again before any outcome is one passage.

    A card that failed its proof is another card than the genuine one of its UID. A hole between two taps may be the
    outcome between them. What a hand wrote of a border crossing joins the tap, or the line, that says the same.
    """
    found: list[Passage] = []
    lines: list[Step] = []
    open_at: dict[tuple[bytes, int, int, bool], Passage] = {}
    for step in sorted(steps, key=lambda item: item.key):
        if step.tap.by_hand and step.tap.kind == BORDER:
            lines.append(step)
            continue
        place = (step.uid, step.key[1], step.tap.direction, step.tap.genuine)
        passage = open_at.get(place)
        if passage:
            last = passage.steps[-1]
            if last.tap.outcome == NO_OUTCOME and step.key[0] - last.key[0] <= policy.repeat_s:
                if not (holes and any(hole.between(last.key, step.key) for hole in holes)):
                    passage.steps.append(step)
                    continue
        open_at[place] = Passage(step)
        found.append(open_at[place])
    if lines:
        _join(lines, found, policy)
        for passage in found:
            passage.settle()
        found.sort(key=lambda passage: passage.steps[0].key)
    return found


def _join(lines: list[Step], found: list[Passage], policy: Policy) -> None:
    """Put each line to the crossing that it writes a second time; one that stands for itself is added to `found`."""
    every = lines + [step for passage in found for step in passage.steps if step.tap.kind == BORDER]
    for line in lines:
        near = _near(found, line, policy)
        same = [passage for passage in near if passage.steps[0].uid == line.uid]
        if same and _is_one(same[0], line, every):
            same[0].lines += (line,)
            same[0].mixed = same[0].mixed or len(near) > 1
        else:
            found.append(Passage(line))
            found[-1].near = tuple(near)


def _near(found: list[Passage], line: Step, policy: Policy) -> list[Passage]:
    """Return the passages that may be the same crossing, the nearest first; of two as near the one of a board."""
    near = []
    for passage in found:
        apart_s = _apart_s(passage, line, policy)
        if apart_s is not None:
            first = passage.steps[0]
            near.append((apart_s, first.tap.by_hand, first.key, passage))
    near.sort(key=lambda row: row[:3])
    return [row[3] for row in near]


def _apart_s(passage: Passage, line: Step, policy: Policy) -> int | None:
    """Return the seconds between a line and a passage that may be the same crossing; None where it is another."""
    there, tap = passage.steps[0].tap, line.tap
    if (there.kind, there.point, there.direction) != (tap.kind, tap.point, tap.direction):
        return None
    apart_s = None
    for step in passage.steps:
        unsure_s = _unsure_s(step.tap, policy) + _unsure_s(tap, policy)
        between_s = abs(step.key[0] - line.key[0])
        if between_s <= WRITTEN_WITHIN_S + unsure_s and (apart_s is None or between_s < apart_s):
            apart_s = between_s
    return apart_s


def _unsure_s(tap: Tap, policy: Policy) -> int:
    return min(tap.uncertainty_s, policy.clock_max_uncertainty_s)


def _is_one(passage: Passage, line: Step, every: list[Step]) -> bool:
    """Return True if nothing speaks against one crossing: none elsewhere or back between, and no two days by hand.

    Who was not admitted at a board may have been, minutes later, by whom the line is. A hand cannot tell a genuine card
    from one that failed its proof at a board.
    """
    first, last = passage.steps[0], passage.steps[-1].tap
    if not first.tap.genuine:
        return False
    if first.tap.by_hand and _day(first.tap) != _day(line.tap):
        return False
    if not last.by_hand and line.tap.outcome == ADMITTED and last.outcome not in (ADMITTED, NO_OUTCOME):
        return False
    since, until = min(first.key, line.key), max(first.key, line.key)
    place = line.tap.point, line.tap.direction
    return not any(since < step.key < until and (step.tap.point, step.tap.direction) != place for step in every)


def _day(tap: Tap) -> int:
    return local_day(tap.utc_s, tap.offset)
