"""Each reason alone, each pair, each cause beside each reason, each boundary: what is listed, in which order."""

from checkpost import reasons as why
from checkpost.calendar import DAY_S
from checkpost.dates import parse_date
from checkpost.permit import BORDER, INTERNAL, LOST, PENDING, UNKNOWN_DAY, Card, Permit, Usage
from checkpost.record import ENTRY, EXIT, LIVE, UID, UNSET
from checkpost.rules import Knowledge, Policy, Tap, judge

TODAY = parse_date("2026-11-10")
OFFSET = 34  # +08:30
NOON_UTC = TODAY * DAY_S + 12 * 3600 - OFFSET * 900


class Case:
    """A tap to which nothing stands in the way, until something is broken."""

    def __init__(self, kind, direction):
        self.tap = Tap(NOON_UTC, OFFSET, kind, "ONS", "north", direction)
        self.card = Card()
        self.permit = Permit()
        self.usage = Usage()
        self.usage.entry_day = TODAY - 20
        self.usage.inside = direction == EXIT
        self.known = Knowledge()
        self.policy = Policy()

    def verdict(self):
        return judge(self.tap, self.card, self.permit, self.usage, self.policy, self.known)


def no_card(case):
    case.tap.has_card = False


def failed_proof(case):
    case.tap.genuine = False


def nobody_s_card(case):
    case.card = case.permit = None


def lost_card(case):
    case.card = Card(LOST)


def undecided(case):
    if case.permit:
        case.permit.decision = PENDING


def on_permit(**fields):
    def broken(case):
        if case.permit:
            for name in fields:
                setattr(case.permit, name, fields[name])

    return broken


def used_up(case):
    on_permit(entries=1)(case)
    case.usage.entries = 1


def stayed_on(case):
    on_permit(max_stay_days=1)(case)
    case.usage.entry_day = TODAY - 2


def in_reception(case):
    on_permit(reception_days=15)(case)
    case.usage.entry_day = TODAY - 14


def too_many(case):
    on_permit(companions=0)(case)
    case.tap.party = 2


# reason: (what breaks it, at which kind of point, in which direction; None: any)
BROKEN = [
    ("no-permit", no_card, None, None),
    ("card-not-genuine", failed_proof, None, None),
    ("unknown-card", nobody_s_card, None, None),
    ("card-blocked", lost_card, None, None),
    ("application-not-approved", undecided, None, None),
    ("not-yet-valid", on_permit(valid_from_day=TODAY + 1), None, None),
    ("expired", on_permit(valid_until_day=TODAY - 1), None, None),
    ("wrong-crossing-point", on_permit(points=("HRY",)), BORDER, None),
    ("entries-exhausted", used_up, BORDER, ENTRY),
    ("overstay", stayed_on, BORDER, EXIT),
    ("outside-zone", on_permit(zones=("south",)), INTERNAL, None),
    ("reception-incomplete", in_reception, INTERNAL, None),
    ("party-too-large", too_many, None, None),
]
ENDING = ("no-permit", "card-not-genuine", "unknown-card")


def old_clock(case):
    case.tap.trust = UNSET


def old_news(case):
    case.known.age_s = 8 * DAY_S


def copied_card(case):
    case.tap.assurance = UID


def other_points(case):
    on_permit(entries=9)(case)
    case.usage.complete = case.usage.counted = False


CAUSES = [
    ("clock-untrusted", old_clock, None),
    ("stale-roster", old_news, None),
    ("card-unproven", copied_card, None),
    ("history-incomplete", other_points, ENTRY),
]


def places(kinds, directions):
    """Return each (kind, direction) that fits all of these."""
    return [
        (kind, direction)
        for kind in (BORDER, INTERNAL)
        for direction in (ENTRY, EXIT)
        if all(one in (None, kind) for one in kinds) and all(one in (None, direction) for one in directions)
    ]


def listed(names):
    """Return which of these reasons are listed when all of them hold."""
    for name in ENDING:
        if name in names:
            return [name]
    if "application-not-approved" in names:
        return [name for name in ("card-blocked", "application-not-approved") if name in names]
    return [row[0] for row in BROKEN if row[0] in names]


def test_the_table_names_every_reason_in_its_order():
    assert tuple(row[0] for row in BROKEN) == why.REASONS


def test_nothing_broken_is_permitted():
    for place in places([], []):
        verdict = Case(*place).verdict()
        assert (verdict.verdict, verdict.reason_names(), verdict.unchecked) == (why.PERMITTED, [], 0), place


def test_each_reason_alone():
    for name, broken, kind, direction in BROKEN:
        found = places([kind], [direction])
        assert found
        for place in found:
            case = Case(*place)
            broken(case)
            verdict = case.verdict()
            assert (verdict.verdict, verdict.reason_names()) == (why.REFER, [name]), (name, place)


def test_a_reason_of_another_kind_of_point_is_not_asked():
    for name, broken, kind, direction in BROKEN:
        others = [place for place in places([], []) if place not in places([kind], [direction])]
        for place in others:
            case = Case(*place)
            broken(case)
            if name == "entries-exhausted" and place[0] == BORDER:
                case.usage.entry_day = None
            assert case.verdict().reason_names() == [], (name, place)


def test_each_pair_of_reasons():
    pairs = 0
    for at, (first, break_first, kind, direction) in enumerate(BROKEN):
        for second, break_second, other_kind, other_direction in BROKEN[at + 1 :]:
            for place in places([kind, other_kind], [direction, other_direction]):
                case = Case(*place)
                break_first(case)
                break_second(case)
                verdict = case.verdict()
                assert verdict.verdict == why.REFER
                assert verdict.reason_names() == listed((first, second)), (first, second, place)
                pairs += 1
    assert pairs > 150


def test_each_cause_alone_and_beside_each_reason():
    for cause, unsure, cause_direction in CAUSES:
        kind = BORDER if cause_direction is not None else None
        for place in places([kind], [cause_direction]):
            case = Case(*place)
            on_permit(valid_until_day=TODAY)(case)
            unsure(case)
            verdict = case.verdict()
            assert (verdict.verdict, verdict.reason_names()) == (why.UNVERIFIABLE, [cause]), (cause, place)
        for name, broken, other_kind, direction in BROKEN:
            for place in places([kind, other_kind], [cause_direction, direction]):
                case = Case(*place)
                unsure(case)
                broken(case)
                if cause == "clock-untrusted" and name in (
                    "not-yet-valid",
                    "expired",
                    "overstay",
                    "reception-incomplete",
                ):
                    assert name not in case.verdict().reason_names()  # a date that nobody knows is no finding
                    continue
                verdict = case.verdict()
                assert verdict.verdict == why.REFER and verdict.causes == 0, (cause, name)
                assert verdict.reason_names() == [name]
                if name not in ENDING and name != "application-not-approved":
                    assert cause in why.names(verdict.unchecked, why.CAUSES), (cause, name)


def test_an_unlisted_card_is_a_cause_only_where_not_all_cards_are_known():
    case = Case(BORDER, ENTRY)
    nobody_s_card(case)
    case.known = Knowledge(False)
    assert case.verdict().reason_names() == ["not-on-roster"]


def at_local(day, second, offset):
    """Return a tap at a second of a local day."""
    return Tap(day * DAY_S + second - offset * 900, offset, BORDER, "ONS", "north", ENTRY)


def test_first_and_last_valid_day_from_midnight_to_midnight_at_the_crossing_s_own_offset():
    for offset in (-48, -14, 0, 1, 23, OFFSET, 36, 51, 56):
        for day, second, names in (
            (TODAY - 1, DAY_S - 1, ["not-yet-valid"]),
            (TODAY, 0, []),
            (TODAY, DAY_S - 1, []),
            (TODAY + 4, 0, []),
            (TODAY + 4, DAY_S - 1, []),
            (TODAY + 5, 0, ["expired"]),
        ):
            case = Case(BORDER, ENTRY)
            case.tap = at_local(day, second, offset)
            on_permit(valid_from_day=TODAY, valid_until_day=TODAY + 4)(case)
            assert case.verdict().reason_names() == names, (offset, day - TODAY, second)


def test_reception_opens_on_the_fifteenth_day_after_the_entry():
    for days, names in ((0, ["reception-incomplete"]), (14, ["reception-incomplete"]), (15, []), (16, [])):
        for second in (0, DAY_S - 1):
            case = Case(INTERNAL, ENTRY)
            case.tap = at_local(TODAY, second, OFFSET)
            case.tap.kind = INTERNAL
            on_permit(reception_days=15)(case)
            case.usage.entry_day = TODAY - days
            assert case.verdict().reason_names() == names, days
    case.usage.entry_day = None
    assert case.verdict().reason_names() == ["reception-incomplete"]


def test_a_release_opens_onward_travel_from_its_day_on():
    for days, names in ((-1, []), (0, []), (1, ["reception-incomplete"])):
        for entered in (TODAY - 3, None, UNKNOWN_DAY):
            case = Case(INTERNAL, ENTRY)
            on_permit(reception_days=15)(case)
            case.usage.entry_day = entered
            case.usage.released_day = TODAY + days
            told = ["clock-untrusted"] if names and entered == UNKNOWN_DAY else names
            assert case.verdict().reason_names() == told, (days, entered)


def test_a_release_is_asked_of_a_day_that_nobody_knows_as_little_as_reception_is():
    case = Case(INTERNAL, ENTRY)
    on_permit(reception_days=15)(case)
    case.usage.entry_day, case.usage.released_day, case.tap.trust = None, TODAY, UNSET
    assert case.verdict().reason_names() == ["clock-untrusted"]


def test_a_stay_may_last_its_days_and_no_more():
    for days, names in ((0, []), (10, []), (11, ["overstay"])):
        case = Case(BORDER, EXIT)
        on_permit(max_stay_days=10)(case)
        case.usage.entry_day = TODAY - days
        assert case.verdict().reason_names() == names, days


def test_the_last_entry_granted_is_good_and_the_next_is_not():
    for used, names in ((0, []), (2, []), (3, ["entries-exhausted"]), (4, ["entries-exhausted"])):
        case = Case(BORDER, ENTRY)
        on_permit(entries=3)(case)
        case.usage.entries = used
        assert case.verdict().reason_names() == names, used


def test_the_holder_and_the_companions_granted_pass_and_one_more_does_not():
    for party, names in ((1, []), (3, []), (4, ["party-too-large"])):
        case = Case(BORDER, ENTRY)
        on_permit(companions=2)(case)
        case.tap.party = party
        assert case.verdict().reason_names() == names, party


def test_the_seventh_crossing_in_thirty_days_is_frequent_and_the_sixth_is_not():
    month_s = 30 * DAY_S
    for before, ages, frequent in (
        (5, 0, False),
        (6, 0, True),
        (7, 0, True),
        (6, month_s - 1, True),
        (6, month_s, False),
    ):
        case = Case(BORDER, ENTRY)
        moments = [NOON_UTC - 60 * at for at in range(1, before + 1)]
        moments[-1] = NOON_UTC - (ages or 60 * before)
        case.usage.recent = sorted(moments)
        assert ("frequent" in case.verdict().note_names()) == frequent, (before, ages)


def test_a_block_begins_with_its_second():
    for before_s, names in ((1, []), (0, ["card-blocked"]), (-1, ["card-blocked"])):
        case = Case(BORDER, ENTRY)
        case.card = Card(LOST, NOON_UTC + before_s)
        assert case.verdict().reason_names() == names


def test_numbers_of_the_policy_are_inclusive():
    case = Case(BORDER, ENTRY)
    case.tap.uncertainty_s = case.policy.clock_max_uncertainty_s
    case.known.age_s = case.policy.roster_max_age_s
    case.tap.assurance = LIVE
    assert case.verdict().verdict == why.PERMITTED
    case.tap.uncertainty_s += 1
    assert case.verdict().reason_names() == ["clock-untrusted"]
    case.tap.uncertainty_s -= 1
    case.known.age_s += 1
    assert case.verdict().reason_names() == ["stale-roster"]


def test_each_reason_can_be_made_a_note_by_the_policy_and_changes_nothing_else():
    for at, (name, broken, kind, direction) in enumerate(BROKEN):
        case = Case(*places([kind], [direction])[0])
        broken(case)
        case.policy.lenient = 1 << at
        verdict = case.verdict()
        assert (verdict.verdict, verdict.reason_names(), verdict.note_names()[-1]) == (why.PERMITTED, [], name)
