"""The office's pure rules: proposals, terms, spreads of days, and the settlement, to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.central.cases.naming import occurring, without
from gateway.central.cases.proposals import propose
from gateway.central.cases.settlement import settle, shared, written
from gateway.central.cases.spread import spread
from gateway.central.cases.terms import contract_due_on, plan_due_on
from gateway.central.officetime import OfficeTime, is_zone
from gateway.contract.programmes import CostBody

NAMED = [
    ("박영희", ""),
    ("박영희는", "는"),
    ("박영희씨가", "씨가"),
    ("박영희님께서는", "님께서는"),
    ("박영희에게서도", "에게서도"),
    ("박영희와", "와"),
    ("박영희, 그", ", 그"),
]


@pytest.mark.parametrize(("text", "left"), NAMED)
def test_a_name_is_known_before_a_particle_and_the_particle_stays(text, left):
    text = f"어제 {text} 왔다."
    assert occurring(text, {"박영희"}) == {"박영희"}
    assert without(text, {"박영희"}, "(erased 1)") == f"어제 (erased 1){left} 왔다."


@pytest.mark.parametrize("text", ["박영희원이", "나박영희는", "박영이", "희", "은"])
def test_another_word_is_no_name(text):
    assert occurring(text, {"박영희"}) == set() and without(text, {"박영희"}, "x") == text


def test_latin_names_and_numbers_stand_before_particles_too():
    assert occurring("Han Sol은 P-311의 누구?", {"han sol", "p-311"}) == {"han sol", "p-311"}
    assert without("Han Sol은 P-311의", {"han sol", "p-311"}, "x") == "x은 x의"
    assert occurring("Han Solo", {"han sol"}) == set()


COSTS = st.builds(
    CostBody,
    travelled_on=st.just("2027-03-01"),
    territory=st.sampled_from(["sending", "host", "transit"]),
    currency=st.sampled_from(["KPW", "CNY"]),
    minor_units=st.integers(1, 10**12),
    paid_by=st.sampled_from(["sending", "host"]),
    host_permille=st.none() | st.integers(0, 1000),
)


@given(st.lists(COSTS, max_size=40))
def test_rows_equal_totals_and_both_shares_equal_the_whole(bodies):
    costs = [shared(f"C{at}", body) for at, body in enumerate(bodies)]
    report = settle(2027, costs)
    assert {one.currency for one in report.currencies} == {body.currency for body in bodies}
    for one in report.currencies:
        for name in ("costs", "minor_units", "sending_bears", "host_bears", "sending_paid", "host_paid"):
            assert sum(getattr(row, name) for row in one.rows) == getattr(one.total, name)
        for row in (*one.rows, one.total):
            assert row.sending_bears + row.host_bears == row.minor_units == row.sending_paid + row.host_paid
        # Who owes pays it, and then each side has paid what it bears.
        signed = {"host": one.balance.minor_units, "sending": -one.balance.minor_units, "": 0}[one.balance.owes]
        assert one.total.host_paid + signed == one.total.host_bears
        assert one.total.sending_paid - signed == one.total.sending_bears
    assert sum(one.total.minor_units for one in report.currencies) == sum(body.minor_units for body in bodies)


@given(COSTS)
def test_a_share_is_off_by_less_than_a_minor_unit(body):
    cost = shared("C", body)
    assert 0 <= cost.minor_units * cost.host_permille - cost.host_minor_units * 1000 < 1000
    assert cost.sending_minor_units >= 0 and cost.host_minor_units >= 0


def test_each_side_bears_its_own_territory_and_half_of_what_lies_between():
    body = CostBody(travelled_on="2027-03-01", territory="transit", currency="KPW", minor_units=333, paid_by="host")
    found = {name: shared("C", body.model_copy(update={"territory": name})) for name in ("sending", "host", "transit")}
    assert [found[name].host_minor_units for name in ("sending", "host", "transit")] == [0, 333, 166]
    assert found["transit"].sending_minor_units == 167


@pytest.mark.parametrize(("amount", "text"), [(0, "0.00"), (5, "0.05"), (123_456, "1,234.56"), (-7_00, "-7.00")])
def test_an_amount_is_written_to_the_cent(amount, text):
    assert written(amount) == text


@pytest.mark.parametrize(
    ("grounds", "cases", "decision", "says"),
    [
        (["family_visit"], [], "approved", "Family visit is its only ground"),
        (["resettlement"], [], "approved", "Resettlement is its only ground"),
        (["family_visit", "resettlement"], [], "approved", "no case is pending"),
        (["family_visit"], ["EX-7"], "", "A case is pending: EX-7."),
        (["family_visit", "trade"], [], "", "needs weighing: trade"),
        (["training"], [], "", "needs weighing: training"),
        ([], [], "", "needs weighing: none is given"),
    ],
)
def test_only_family_or_resettlement_without_a_pending_case_is_proposed(grounds, cases, decision, says):
    found = propose(grounds, cases)
    assert found.decision == decision and says in found.why


def test_an_open_review_is_looked_at_before_anything_is_proposed():
    found = propose(["family_visit"], [], [7, 9])
    assert (found.decision, found.why) == ("", "A review is open: 7, 9.")


@pytest.mark.parametrize("zone", ["Asia/Pyongyang", "Europe/Berlin", "America/St_Johns"])
def test_the_office_s_day_is_that_of_its_zone(zone):
    time = OfficeTime(lambda: 0, zone)
    for day in ("2026-03-29", "2026-10-25", "2026-07-01"):
        begins_s = time.begins_s(day)
        assert time.day(begins_s) == day and time.day(begins_s - 1) < day


def test_a_zone_is_known_by_its_name_alone():
    assert is_zone("Asia/Pyongyang") and is_zone("UTC")
    assert not any(is_zone(name) for name in ("Asia", "Nowhere/Here", "../../etc/passwd", "/etc/localtime", ""))


@pytest.mark.parametrize(
    ("starts_on", "due_on"),
    [
        ("2027-09-01", "2027-05-01"),
        ("2027-01-15", "2026-09-15"),
        ("2027-04-30", "2026-12-30"),
        ("2027-06-30", "2027-02-28"),
        ("2028-06-29", "2028-02-29"),
        ("2027-05-01", "2027-01-01"),
    ],
)
def test_a_contract_is_due_four_months_before_its_start(starts_on, due_on):
    assert contract_due_on(starts_on) == due_on


def test_a_plan_is_due_by_the_last_day_of_the_year_before():
    assert plan_due_on(2027) == "2026-12-31"


@given(st.lists(st.integers(0, 500), min_size=1, max_size=200))
def test_a_spread_of_counts_is_that_of_the_days_themselves(days):
    counts = {day: days.count(day) for day in days}
    found, ranked = spread(counts), sorted(days)
    assert found.number == len(days) and found.longest == ranked[-1]
    assert found.median == ranked[(len(days) - 1) // 2]
    assert sum(day <= found.slowest_tenth for day in days) * 10 >= len(days) * 9


def test_nothing_has_no_spread():
    assert spread({}) == (0, None, None, None)
