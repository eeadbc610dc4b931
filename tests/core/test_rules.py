"""Each rule of the domain, one situation each; the same on the board and at the centre."""

from checkpost import reasons as why
from checkpost.calendar import DAY_S
from checkpost.dates import parse_date
from checkpost.permit import APPROVED, BORDER, INTERNAL, LOST, PENDING, WITHDRAWN, Card, Permit, Usage
from checkpost.record import ADMITTED, ENTRY, EXIT, LIVE, TURNED_BACK, UID, UNSET
from checkpost.rules import Knowledge, Policy, Tap, advance, judge

TODAY = parse_date("2026-11-10")
NOON_UTC = TODAY * DAY_S + 3 * 3600  # noon at +09:00


def _tap(direction=ENTRY, kind=BORDER, days=0):
    return Tap(NOON_UTC + days * DAY_S, 36, kind, "ONS", "north", direction)


def _judge(tap, permit=None, usage=None, card=None, policy=None, known=None):
    return judge(tap, card or Card(), permit or Permit(), usage or Usage(), policy or Policy(), known or Knowledge())


def _used(entries=0, days_ago=None, recent=()):
    usage = Usage()
    usage.entries = entries
    if days_ago is not None:
        usage.inside = True
        usage.entry_day = TODAY - days_ago
    usage.recent = list(recent)
    return usage


def test_a_good_permit_is_permitted():
    verdict = _judge(_tap())
    assert (verdict.verdict, verdict.reason_names(), verdict.note_names()) == (why.PERMITTED, [], [])


def test_no_card_ends_the_judging():
    tap = _tap()
    tap.has_card = False
    assert judge(tap, None, None, Usage(), Policy(), Knowledge()).reason_names() == ["no-permit"]


def test_a_card_that_failed_its_proof_ends_the_judging():
    tap = _tap()
    tap.genuine = False
    assert _judge(tap, Permit(PENDING)).reason_names() == ["card-not-genuine"]


def test_an_unknown_card_is_a_finding_only_for_who_knows_all_cards():
    tap = _tap()
    assert judge(tap, None, None, Usage(), Policy(), Knowledge(True)).reason_names() == ["unknown-card"]
    offline = judge(tap, None, None, Usage(), Policy(), Knowledge(False))
    assert (offline.verdict, offline.reason_names()) == (why.UNVERIFIABLE, ["not-on-roster"])


def test_a_permit_that_ends_before_it_begins_is_both_too_early_and_too_late():
    swapped = Permit(valid_from_day=TODAY + 1, valid_until_day=TODAY - 1)
    assert _judge(_tap(), swapped).reason_names() == ["not-yet-valid", "expired"]


def test_a_block_counts_from_its_instant():
    assert _judge(_tap(), card=Card(LOST)).reason_names() == ["card-blocked"]
    assert _judge(_tap(), card=Card(LOST, NOON_UTC)).reason_names() == ["card-blocked"]
    assert _judge(_tap(), card=Card(LOST, NOON_UTC + 1)).reason_names() == []


def test_a_withdrawal_counts_from_its_instant_and_silences_the_rest():
    expired = TODAY - 1
    assert _judge(_tap(), Permit(WITHDRAWN, NOON_UTC, None, expired)).reason_names() == ["application-not-approved"]
    assert _judge(_tap(), Permit(WITHDRAWN, NOON_UTC + 1, None, expired)).reason_names() == ["expired"]
    assert _judge(_tap(), Permit(WITHDRAWN)).reason_names() == ["application-not-approved"]
    assert _judge(_tap(), Permit(PENDING), card=Card(LOST)).reason_names() == [
        "card-blocked",
        "application-not-approved",
    ]


def test_validity_is_in_local_days_both_inclusive():
    assert _judge(_tap(), Permit(APPROVED, None, TODAY, TODAY)).verdict == why.PERMITTED
    assert _judge(_tap(), Permit(APPROVED, None, TODAY + 1)).reason_names() == ["not-yet-valid"]
    assert _judge(_tap(), Permit(APPROVED, None, None, TODAY - 1)).reason_names() == ["expired"]
    late = Tap(TODAY * DAY_S + 16 * 3600, 36, BORDER, "ONS", "north")  # 01:00 the next day at +09:00
    assert _judge(late, Permit(APPROVED, None, None, TODAY)).reason_names() == ["expired"]


def test_points_bind_at_the_border_and_zones_inside():
    permit = Permit(points=("HRY",), zones=("south",))
    assert _judge(_tap(), permit).reason_names() == ["wrong-crossing-point"]
    assert _judge(_tap(kind=INTERNAL), permit).reason_names() == ["outside-zone"]
    assert _judge(_tap(), Permit(points=("HRY", "ONS"))).verdict == why.PERMITTED


def test_entries_are_counted_on_entry_only():
    permit = Permit(entries=2)
    assert _judge(_tap(), permit, _used(1)).verdict == why.PERMITTED
    assert _judge(_tap(), permit, _used(2)).reason_names() == ["entries-exhausted"]
    assert _judge(_tap(EXIT), permit, _used(2, 1)).verdict == why.PERMITTED


def test_an_overstay_is_more_than_the_days_granted():
    permit = Permit(max_stay_days=30)
    assert _judge(_tap(EXIT), permit, _used(1, 30)).verdict == why.PERMITTED
    assert _judge(_tap(EXIT), permit, _used(1, 31)).reason_names() == ["overstay"]


def test_reception_days_must_pass_before_onward_travel():
    permit = Permit(reception_days=15)
    assert _judge(_tap(kind=INTERNAL), permit, _used(1, 15)).verdict == why.PERMITTED
    assert _judge(_tap(kind=INTERNAL), permit, _used(1, 14)).reason_names() == ["reception-incomplete"]
    assert _judge(_tap(kind=INTERNAL), permit).reason_names() == ["reception-incomplete"]
    assert _judge(_tap(), permit).verdict == why.PERMITTED


def test_a_party_larger_than_granted():
    tap = _tap()
    tap.party = 3
    assert _judge(tap, Permit(companions=2)).verdict == why.PERMITTED
    assert _judge(tap, Permit(companions=1)).reason_names() == ["party-too-large"]
    assert _judge(tap, Permit()).verdict == why.PERMITTED


def test_notes_ask_and_change_nothing():
    assert _judge(_tap(), usage=_used(1, 1)).note_names() == ["missing-exit"]
    assert _judge(_tap(EXIT)).note_names() == ["missing-entry"]
    assert _judge(_tap(EXIT)).verdict == why.PERMITTED


def test_the_seventh_passed_crossing_in_thirty_days_is_frequent():
    recent = [NOON_UTC - day * DAY_S for day in range(6, 0, -1)]
    assert _judge(_tap(), usage=_used(0, None, recent)).note_names() == ["frequent"]
    assert _judge(_tap(), usage=_used(0, None, recent[1:])).note_names() == []
    old = [NOON_UTC - 30 * DAY_S] + recent[1:]
    assert _judge(_tap(), usage=_used(0, None, old)).note_names() == []
    turned = _tap()
    turned.outcome = TURNED_BACK
    assert _judge(turned, usage=_used(0, None, recent)).note_names() == []


def test_what_is_missing_is_never_guilt():
    part = Usage(False)
    assert _judge(_tap(), Permit(entries=1), part).reason_names() == ["history-incomplete"]
    assert _judge(_tap(kind=INTERNAL), Permit(reception_days=15), part).reason_names() == ["history-incomplete"]
    part.inside, part.entry_day = True, TODAY - 99
    assert _judge(_tap(EXIT), Permit(max_stay_days=30), part).verdict == why.UNVERIFIABLE
    part.entries = 1
    assert _judge(_tap(), Permit(entries=1), part).reason_names() == ["entries-exhausted"]


def test_an_unset_clock_leaves_date_questions_open_and_the_others_certain():
    tap = _tap()
    tap.trust = UNSET
    expired = Permit(APPROVED, None, None, TODAY - 1)
    assert _judge(tap, expired).reason_names() == ["clock-untrusted"]
    assert _judge(tap, expired, card=Card(LOST)).reason_names() == ["card-blocked"]


def test_an_old_roster_and_a_weak_proof_cannot_verify():
    assert _judge(_tap(), known=Knowledge(True, 8 * DAY_S)).reason_names() == ["stale-roster"]
    tap = _tap()
    tap.assurance = UID
    assert _judge(tap).reason_names() == ["card-unproven"]
    assert _judge(tap, policy=Policy(UID)).verdict == why.PERMITTED
    assert _judge(tap, policy=Policy(LIVE), card=Card(LOST)).reason_names() == ["card-blocked"]


def test_leniency_turns_a_reason_into_a_note():
    policy = Policy()
    policy.lenient = why.PARTY_TOO_LARGE
    tap = _tap()
    tap.party = 9
    verdict = _judge(tap, Permit(companions=0), policy=policy)
    assert (verdict.verdict, verdict.note_names()) == (why.PERMITTED, ["party-too-large"])


def test_only_what_passed_is_carried_on():
    usage = Usage()
    refused = _tap()
    refused.outcome = TURNED_BACK
    advance(usage, refused, _judge(refused), Policy())
    assert (usage.entries, usage.inside) == (0, False)
    let_pass = _tap()
    let_pass.outcome = ADMITTED
    advance(usage, let_pass, _judge(let_pass, Permit(PENDING)), Policy())
    assert (usage.entries, usage.inside, usage.entry_day) == (1, True, TODAY)
    leaving = _tap(EXIT, days=1)
    advance(usage, leaving, _judge(leaving, usage=usage), Policy())
    assert (usage.entries, usage.inside, usage.entry_day, len(usage.recent)) == (1, False, None, 2)
