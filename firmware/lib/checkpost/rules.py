"""The rules: one tap, the facts that are known, and a policy make a verdict. Pure; SPEC.md names each rule.

The same function runs on the board (what its roster holds), at the gateway and at the centre (with history).
No rule reads who a person is: nationality and ethnicity are in no argument.
"""

from checkpost import reasons as why
from checkpost.calendar import DAY_S, local_day
from checkpost.permit import BORDER, UNKNOWN_DAY, Card, Permit, Usage
from checkpost.record import ADMITTED, ENTRY, LIVE, NO_OUTCOME, UNSET

RULE_VERSION = 1


class Policy:
    """The numbers that the centre sets; the defaults are the domain's."""

    def __init__(self, assurance: int = LIVE, version: int = 1):
        self.version = version
        self.assurance = assurance
        self.frequent_count = 7
        self.frequent_days = 30
        self.repeat_s = 300
        self.roster_max_age_s = 7 * DAY_S
        self.clock_max_uncertainty_s = 600  # years of 5 ppm; dates are asked by the day
        self.lenient = 0  # bits of reasons that this policy lists as notes
        self.journeys: dict[tuple[str, str], int] = {}  # seconds that nobody can beat, both ways; no pair: not known


class Tap:
    """One crossing as the rules see it. `kind`: BORDER or INTERNAL; `genuine`: the card did not fail its proof."""

    def __init__(self, utc_s: int, offset: int, kind: int, point: str, zone: str, direction: int = ENTRY):
        self.utc_s = utc_s
        self.offset = offset
        self.kind = kind
        self.point = point
        self.zone = zone
        self.direction = direction
        self.has_card = True
        self.genuine = True
        self.party = 1
        self.assurance = LIVE
        self.trust = 2
        self.uncertainty_s = 0
        self.outcome = NO_OUTCOME
        self.by_hand = False  # a person wrote it, and its time: it may say what a board or another person said, too


class Knowledge:
    """How far the judge's facts reach. `all_cards`: an unlisted card was never issued; `age_s`: of the newest fact."""

    def __init__(self, all_cards: bool = True, age_s: int = 0):
        self.all_cards = all_cards
        self.age_s = age_s


class Verdict:
    """What the rules say: `verdict`, bits of `reasons`, `causes`, `notes`; `waived`: reasons made notes by policy."""

    def __init__(self, reasons: int, causes: int, notes: int, policy: Policy):
        self.waived = reasons & policy.lenient
        self.reasons = reasons & ~policy.lenient
        self.notes = notes
        self.verdict = why.REFER if self.reasons else why.UNVERIFIABLE if causes else why.PERMITTED
        self.causes = causes if self.verdict == why.UNVERIFIABLE else 0
        self.unchecked = causes  # what could not be checked, also where a certain reason decided
        self.rule_version = RULE_VERSION
        self.beside: tuple[int, int, int] | None = None  # board, epoch, seq of what perhaps says the same crossing

    def copied(self, policy: Policy) -> "Verdict":
        """Return the same verdict once more; `policy`: by which it was made."""
        found = Verdict(self.reasons | self.waived, self.causes, self.notes, policy)
        found.unchecked = self.unchecked
        return found

    def reason_names(self) -> list[str]:
        """Return the reasons, or the causes of an `unverifiable`, primary first."""
        return why.names(self.reasons, why.REASONS) + why.names(self.causes, why.CAUSES)

    def note_names(self) -> list[str]:
        """Return the notes, then the reasons that the policy waived."""
        return why.names(self.notes, why.NOTES) + why.names(self.waived, why.REASONS)


def passed(outcome: int, verdict: int) -> bool:
    """Return True if the traveller went through: admitted, or nothing recorded and permitted."""
    return outcome == ADMITTED or (outcome == NO_OUTCOME and verdict == why.PERMITTED)


def judge(
    tap: Tap, card: Card | None, permit: Permit | None, usage: Usage, policy: Policy, known: Knowledge
) -> Verdict:
    """Return the verdict of one tap; `permit` may be None only when `card` is."""
    if not tap.has_card:
        return Verdict(why.NO_PERMIT, 0, 0, policy)
    if not tap.genuine:
        return Verdict(why.CARD_NOT_GENUINE, 0, 0, policy)
    if card is None or permit is None:
        if known.all_cards:
            return Verdict(why.UNKNOWN_CARD, 0, 0, policy)
        return Verdict(0, why.NOT_ON_ROSTER, 0, policy)
    reasons = why.CARD_BLOCKED if card.blocked(tap.utc_s) else 0
    causes = why.CARD_UNPROVEN if tap.assurance < policy.assurance else 0
    if known.age_s > policy.roster_max_age_s:
        causes |= why.STALE_ROSTER
    if not permit.approved(tap.utc_s):
        return Verdict(reasons | why.APPLICATION_NOT_APPROVED, causes, 0, policy)
    known_day = dated(tap, policy)
    if known_day:
        reasons |= _validity(tap, permit)
    else:
        causes |= why.CLOCK_UNTRUSTED
    found, missing = (_border if tap.kind == BORDER else _internal)(tap, permit, usage, known_day)
    reasons |= found
    causes |= missing
    if permit.companions is not None and tap.party > 1 + permit.companions:
        reasons |= why.PARTY_TOO_LARGE
    verdict = Verdict(reasons, causes, 0, policy)
    if tap.kind == BORDER:
        verdict.notes = _notes(tap, usage, policy, verdict)
    if not usage.complete and (tap.kind == BORDER or permit.reception_days):
        verdict.unchecked |= why.HISTORY_INCOMPLETE  # at least a missing exit or entry could not be looked for
    return verdict


def dated(tap: Tap, policy: Policy) -> bool:
    """Return True if the tap's own time is good enough to ask for dates."""
    return tap.trust != UNSET and tap.uncertainty_s <= policy.clock_max_uncertainty_s


def _validity(tap: Tap, permit: Permit) -> int:
    day = local_day(tap.utc_s, tap.offset)
    early = permit.valid_from_day is not None and day < permit.valid_from_day
    late = permit.valid_until_day is not None and day > permit.valid_until_day
    return (why.NOT_YET_VALID if early else 0) | (why.EXPIRED if late else 0)  # both, where the dates are swapped


def _border(tap: Tap, permit: Permit, usage: Usage, dated: bool) -> tuple[int, int]:
    reasons = why.WRONG_CROSSING_POINT if permit.points and tap.point not in permit.points else 0
    causes = 0
    if tap.direction == ENTRY:
        if permit.entries is not None:
            if usage.entries >= permit.entries:
                reasons |= why.ENTRIES_EXHAUSTED
            elif not usage.counted:
                causes |= why.HISTORY_INCOMPLETE
    elif permit.max_stay_days is not None and usage.entry_day is None and usage.lost:
        causes |= why.HISTORY_INCOMPLETE  # its entry may be what nobody can read
    elif permit.max_stay_days is not None and usage.entry_day is not None and dated:
        if usage.entry_day == UNKNOWN_DAY:
            causes |= why.CLOCK_UNTRUSTED
        elif local_day(tap.utc_s, tap.offset) - usage.entry_day > permit.max_stay_days:
            # A stay may have ended where this judge cannot see: then it is a question, not a finding.
            if usage.complete:
                reasons |= why.OVERSTAY
            else:
                causes |= why.HISTORY_INCOMPLETE
    return reasons, causes


def _internal(tap: Tap, permit: Permit, usage: Usage, dated: bool) -> tuple[int, int]:
    reasons = why.OUTSIDE_ZONE if permit.zones and tap.zone not in permit.zones else 0
    if not permit.reception_days:
        return reasons, 0
    if usage.released_day is not None and (not dated or local_day(tap.utc_s, tap.offset) >= usage.released_day):
        return reasons, 0  # without a date nobody can tell, and that is said already
    if usage.entry_day is None:
        return (reasons | why.RECEPTION_INCOMPLETE, 0) if usage.complete else (reasons, why.HISTORY_INCOMPLETE)
    if usage.entry_day == UNKNOWN_DAY:
        return reasons, why.CLOCK_UNTRUSTED
    if dated and local_day(tap.utc_s, tap.offset) < usage.entry_day + permit.reception_days:
        reasons |= why.RECEPTION_INCOMPLETE
    return reasons, 0


def _notes(tap: Tap, usage: Usage, policy: Policy, verdict: Verdict) -> int:
    notes = 0
    if usage.complete:
        if tap.direction == ENTRY and usage.inside:
            notes |= why.MISSING_EXIT
        if tap.direction != ENTRY and not usage.inside:
            notes |= why.MISSING_ENTRY
    enough = policy.frequent_count - 1  # earlier ones; most permits never had as many
    if len(usage.recent) >= enough and dated(tap, policy) and passed(tap.outcome, verdict.verdict):
        since = tap.utc_s - policy.frequent_days * DAY_S
        if len([1 for moment in usage.recent if moment > since]) >= enough:
            notes |= why.FREQUENT
    return notes


def advance(usage: Usage, tap: Tap, verdict: Verdict, policy: Policy) -> None:
    """Carry the permit's use over one judged tap; only what passed a border point counts."""
    if tap.kind != BORDER or not passed(tap.outcome, verdict.verdict):
        return
    known_day = dated(tap, policy)
    if tap.direction == ENTRY:
        usage.entries += 1
        usage.inside = True
        usage.entry_day = local_day(tap.utc_s, tap.offset) if known_day else UNKNOWN_DAY
    else:
        usage.inside = False
        usage.entry_day = None
        usage.left_day = local_day(tap.utc_s, tap.offset) if known_day else UNKNOWN_DAY
    if known_day:
        usage.recent = (usage.recent + [tap.utc_s])[-policy.frequent_count :]
