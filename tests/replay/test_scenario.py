"""A scenario folder is checked before anything starts; what is wrong is named by file and line."""

import shutil
from pathlib import Path

import pytest

from replay.scenario import ScenarioError, load

REAL = Path(__file__).resolve().parents[2] / "tools" / "scenarios" / "hamgyong-1961"


@pytest.fixture
def folder(tmp_path):
    """Return a scenario of two points and two taps, without expected files."""
    (tmp_path / "crossing_points.csv").write_text("code,name,kind,zone\nAAA,Aa,border,north\nBBB,Bb,internal,south\n")
    (tmp_path / "applications.csv").write_text("application_id,decision\nA1,approved\n")
    (tmp_path / "cards.csv").write_text("card_uid,application_id,status\n04E24024CD37A9,A1,active\n")
    taps = "tap,local_time,crossing_point,direction,card_uid,party,outcome\n"
    taps += "1,2026-10-26T06:02:00+09:00,AAA,entry,04E24024CD37A9,1,admitted\n"
    taps += "2,2026-10-26T06:04:26+09:00,BBB,exit,,2,\n"
    (tmp_path / "taps.csv").write_text(taps)
    return tmp_path


def test_the_real_scenario_is_read_whole():
    scenario = load(REAL)
    assert len(scenario.taps) == len(scenario.expected) == 2909
    assert list(scenario.gateways.values()) == [["ONS", "HRY", "NAM"], ["KYS", "MUS", "KIL"]]
    assert scenario.policy.assurance == "live"


def test_a_scenario_needs_no_expected_files_policy_or_gateways(folder):
    scenario = load(folder)
    assert [tap.party for tap in scenario.taps] == [1, 2]
    assert (scenario.expected, scenario.expected_table) == ({}, None)
    assert scenario.gateways == {"gw-1": ["AAA"], "gw-2": ["BBB"]}
    assert scenario.offset_of("AAA") == 36


@pytest.mark.parametrize("name", ["crossing_points.csv", "applications.csv", "cards.csv", "taps.csv"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ScenarioError, match=name):
        load(folder)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("06:02:00+09:00", "yesterday", "line 2: Invalid isoformat"),
        ("06:02:00+09:00", "06:02:00", "line 2: local_time .* has no offset"),
        ("06:04:26", "06:01:00", "tap 2 is earlier than tap 1"),
        ("BBB", "CCC", "line 3: there is no crossing point 'CCC'"),
        ("exit", "out", "line 3: direction is 'out'"),
        ("admitted", "waved", "line 2: outcome is 'waved'"),
        ("04E24024CD37A9", "04E2", "line 2: card_uid has 2 bytes"),
        ("04E24024CD37A9", "zz", "line 2: non-hexadecimal"),
        (",2,", ",16,", "line 3: party is 16"),
        ("06:02:00+09:00", "06:02:00.5+09:00", "line 2: local_time .* is finer than the second"),
        ("06:02:00+09:00", "06:02:00+09:20", "line 2: the offset of .* is no quarter hour"),
        ("2026-10", "1961-10", "line 2: the year 1961 is not one that boards can hold"),
        ("\n2,", "\n1,", "there are two taps 1"),
        ("AAA,entry", "AAA,entry,x", "line 2 has more cells than the first line"),
        ("outcome\n", "result\n", "lacks the column outcome"),
    ],
)
def test_a_broken_tap_is_named_by_line(folder, old, new, words):
    path = folder / "taps.csv"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ScenarioError, match=words):
        load(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("crossing_points.csv", "AAA,", "BBB,", "line 3: the crossing point BBB stands there twice"),
        ("crossing_points.csv", "AAA,", "A" * 17 + ",", "line 2: the code A+ has more than 16 letters"),
        ("crossing_points.csv", "AAA,", "A A,", "line 2: code is 'A A'"),
        ("crossing_points.csv", "Aa", "온" * 65, "line 2: the name of AAA has more than 64 letters"),
        ("crossing_points.csv", "north", "", "line 2: zone is ''"),
        ("applications.csv", "approved", "perhaps", "applications.csv, line 2, column decision"),
        ("cards.csv", "active", "eaten", "cards.csv, line 2, column status"),
    ],
)
def test_a_broken_point_application_or_card_is_named_by_line(folder, name, old, new, words):
    path = folder / name
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ScenarioError, match=words):
        load(folder)


def test_expected_verdicts_name_every_tap_or_are_refused(folder):
    path = folder / "expected_verdicts.csv"
    path.write_text("tap,verdict,reasons,notes\n1,permitted,,\n")
    with pytest.raises(ScenarioError, match="says nothing of tap 2"):
        load(folder)
    path.write_text("tap,verdict\n1,permitted\n")
    with pytest.raises(ScenarioError, match="lacks the column reasons"):
        load(folder)


def test_spaces_around_cells_and_a_point_without_a_name_do_not_matter(folder):
    path = folder / "crossing_points.csv"
    path.write_text("code, name,kind ,zone\nAAA , , border,north\nBBB,Bb,internal,south\n")
    assert load(folder).points["AAA"].name == "AAA"


def test_what_is_not_text_or_not_there_is_said(folder):
    with pytest.raises(ScenarioError, match="no scenario folder"):
        load(folder / "nowhere")
    (folder / "taps.csv").write_bytes(b"\xff\xfe\x00broken")
    with pytest.raises(ScenarioError, match="not a CSV file in UTF-8"):
        load(folder)
    shutil.copy(REAL / "taps.csv", folder)
    (folder / "gateways.json").write_text('{"one": ["AAA"]}')
    with pytest.raises(ScenarioError):
        load(folder)
