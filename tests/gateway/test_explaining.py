"""Why a crossing was judged as it was, and what another policy would change."""

import json

import pytest
from typer.testing import CliRunner

from checkpost import record
from gateway.commands import command
from gateway.contract import Policy
from gateway.errors import OperatorError
from gateway.intake.explaining import explain_crossing, read_policy, would_change
from gateway.intake.records import Intake
from tests.gateway.support import CARD, DAY_S, MORNING_S, NOW_S, STRANGER, Journal


@pytest.fixture
def taken(small):
    """An entry that passed, a second one, and a stranger's."""
    journal = Journal(1)
    journal.outcome(MORNING_S, journal.crossing(MORNING_S, CARD), record.ADMITTED)
    journal.crossing(MORNING_S + DAY_S, CARD, verdict=1)
    journal.crossing(MORNING_S + DAY_S + 9, STRANGER, verdict=1)
    Intake(small).take([journal.run()], NOW_S)
    return small


def rules(found):
    return {rule["name"]: (rule["answer"], rule["facts"]) for rule in found["rules"]}


def test_each_rule_says_what_it_looked_at(taken):
    found = explain_crossing(taken, (1, 1, 3), NOW_S)
    assert (found["verdict"], found["reasons"], found["permit"]) == ("refer", ["entries-exhausted"], "A1")
    said = rules(found)
    assert len(said) == 13
    assert said["entries-exhausted"] == ("holds", "1 entries before; granted: 1")
    assert said["card-blocked"] == ("does not hold", "active")
    assert said["overstay"][0] == "not asked" and said["outside-zone"][0] == "not asked"
    assert found["rule_version"] == 1 and [one["verdict"] for one in found["history"]] == ["refer"]
    assert [one["kind"] for one in found["reviews"]] == ["refer"]


def test_a_card_that_nobody_issued_ends_the_asking(taken):
    said = rules(explain_crossing(taken, (1, 1, 4), NOW_S))
    assert said["unknown-card"] == ("holds", "no such card is known")
    assert {answer for name, (answer, _) in said.items() if name > "unknown-card"} <= {"not asked"}


def test_explaining_says_what_stands(taken):
    for seq in (1, 3, 4):
        row = taken.records.crossing(1, 1, seq)
        found = explain_crossing(taken, (1, 1, seq), NOW_S)
        assert ["permitted", "refer", "unverifiable"][row.verdict] == found["verdict"]


def test_a_crossing_that_is_not_here_is_said(taken):
    with pytest.raises(OperatorError, match="No crossing 1/1/77"):
        explain_crossing(taken, (1, 1, 77), NOW_S)


def test_another_policy_says_what_it_would_change_and_changes_nothing(taken):
    lenient = Policy(assurance="uid", version=2, lenient=["entries-exhausted"])
    [change] = would_change(taken, lenient, NOW_S)
    assert change[:3] == (1, 1, 3)
    assert (change.now, change.then) == (
        "refer entries-exhausted, missing-exit",
        "permitted missing-exit, entries-exhausted",
    )
    assert list(would_change(taken, Policy(assurance="uid"), NOW_S)) == []
    assert len(list(would_change(taken, Policy(assurance="live"), NOW_S))) == 2
    assert taken.records.crossing(1, 1, 3).verdict == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('assurance = "hope"', "assurance in"),
        ("frequent_days = 0", "frequent_days in"),
        ("mercy = 1", "mercy in"),
        ('lenient = ["bad-mood"]', "lenient in .*bad-mood"),
        ("assurance =", "is no TOML"),
    ],
)
def test_a_policy_file_that_is_wrong_is_one_sentence(tmp_path, text, words):
    (tmp_path / "policy.toml").write_text(text)
    with pytest.raises(OperatorError, match=words):
        read_policy(tmp_path / "policy.toml")


def test_the_commands_show_it(taken, tmp_path):
    (tmp_path / "gateway.toml").write_text(f'data = "{tmp_path}"\n')
    (tmp_path / "policy.toml").write_text('assurance = "uid"\nlenient = ["entries-exhausted"]\nversion = 2\n')
    config = ["--config", str(tmp_path / "gateway.toml")]
    app = command([])

    def said(*words):
        ended = CliRunner().invoke(app, ["gateway", *words, *config])
        assert ended.exit_code == 0, ended.output
        return ended.output

    text = said("explain", "1/1/3")
    assert "Verdict: refer. Reasons: entries-exhausted." in text and "1 entries before; granted: 1" in text
    assert json.loads(said("explain", "1/1/3", "--json"))["permit"] == "A1"
    assert 'assurance = "uid"' in said("policy")
    assert "1/1/3: refer entries-exhausted, missing-exit -> permitted" in said("policy", str(tmp_path / "policy.toml"))
