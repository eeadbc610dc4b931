"""The import: good rows go in once, broken ones are named by line, column and reason."""

import json

import pytest
from typer.testing import CliRunner

from gateway.commands.gateway import app
from gateway.intake.imports import ImportFileError, parse_paths
from tests.gateway.support import SCENARIO, fresh_store

HEADER = "application_id,decision,valid_from,valid_until,crossing_points,entries,max_stay_days,companions\n"


def applications(tmp_path, *lines):
    path = tmp_path / "applications.csv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return path


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("A1,approve,2026-01-01,2026-02-01,ONS,1,5,0", "decision", "not one of pending, approved, refused, withdrawn"),
        ("A1,approved,2026-02-30,2026-02-01,ONS,1,5,0", "valid_from", "no such day: 2026-02-30"),
        ("A1,approved,01.02.2026,2026-02-01,ONS,1,5,0", "valid_from", "not a date of the form YYYY-MM-DD"),
        ("A1,approved,2026-01-01,2026-02-01,ONS,many,5,0", "entries", "not a whole number from 0 to 10000: 'many'"),
        ("A1,approved,2026-01-01,2026-02-01,ONS,1,-5,0", "max_stay_days", "not a whole number from 0 to 10000: '-5'"),
        ("A1,approved,2026-01-01,2026-02-01,ONS,1,5,15", "companions", "not a whole number from 0 to 14: '15'"),
        ("A1,approved,2026-01-01,2026-02-01,O?S,1,5,0", "crossing_points", "pattern"),
        (",approved,2026-01-01,2026-02-01,ONS,1,5,0", "application_id", "empty, but it must be given"),
        ("A1,approved,2026-01-01", "-", "3 cells, the first line has 8"),
    ],
)
def test_a_broken_row_is_named_by_line_column_and_reason(tmp_path, line, column, reason):
    path = applications(tmp_path, "A0,approved,2026-01-01,2026-02-01,ONS,unlimited,,", line)
    parsed = parse_paths([path])
    assert [row.application_id for row in parsed.rows] == ["A0"]
    [broken] = parsed.broken
    assert (broken.file, broken.line, broken.column) == (str(path), 3, column)
    assert reason in broken.reason


def test_a_key_that_stands_twice_is_broken_the_second_time(tmp_path):
    row = "A1,approved,2026-01-01,2026-02-01,ONS,1,5,0"
    parsed = parse_paths([applications(tmp_path, row, row)])
    assert len(parsed.rows) == 1
    assert str(parsed.broken[0]).endswith("line 3, column application_id: A1 stands in line 2 already")


def test_lines_are_counted_in_the_file_not_in_rows(tmp_path):
    path = tmp_path / "applications.csv"
    path.write_text('application_id,decision,purpose\nA1,approved,"two\nlines"\n\nA2,perhaps,x\n')
    [broken] = parse_paths([path]).broken
    assert broken.line == 5


def test_a_card_is_read_in_either_case_and_a_block_needs_its_offset(tmp_path):
    path = tmp_path / "cards.csv"
    path.write_text(
        "card_uid,application_id,status,blocked_from\n"
        "04e24024cd37a9,A1,lost,2026-11-04T12:00:00+09:00\n04E24024CD37AA,A1,lost,2026-11-04T12:00:00\n04E2,A1,lost,\n"
    )
    parsed = parse_paths([path])
    assert (parsed.rows[0].card_uid, parsed.rows[0].blocked_from) == ("04E24024CD37A9", 1793761200)
    assert [(broken.line, broken.column) for broken in parsed.broken] == [(3, "blocked_from"), (4, "card_uid")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", b"a,b\n1,2\n", "no file of applications, cards or crossing points"),
        ("cards.csv", b"card_uid,application_id,status\n\xff\xfe,A1,active\n", "is not UTF-8"),
        ("cards.csv", b'card_uid,application_id,status\n"04,A1,active\n', "line 2"),
        ("cards.csv", b"card_uid,application_id,status,status\n", "twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match=words):
        parse_paths([path])


@pytest.fixture
def checkpost(tmp_path):
    config = tmp_path / "gateway.toml"
    config.write_text(f"data = {json.dumps(str(tmp_path / 'data'))}\n")

    def call(*arguments):
        return CliRunner().invoke(app, [arguments[0], "--config", str(config), *arguments[1:]])

    return call


def held(tmp_path):
    store = fresh_store(tmp_path / "data")
    try:
        return store.knowledge.counts(), store.outbox.counts()
    finally:
        store.close()


def test_the_scenario_goes_in_and_twice_changes_nothing(checkpost, tmp_path):
    first = checkpost("import", str(SCENARIO))
    assert first.exit_code == 0
    assert "3096 rows new or changed, 0 known as they are, 0 broken" in first.output
    known, outbox = held(tmp_path)
    assert (known["applications"], known["cards"], known["crossing_points"]) == (1545, 1545, 6)
    assert outbox == {"waiting": 3090, "refused": 0}
    second = checkpost("import", str(SCENARIO))
    assert "0 rows new or changed, 3096 known as they are, 0 broken" in second.output
    assert held(tmp_path) == (known, outbox)


def test_good_rows_go_in_and_broken_ones_end_with_code_1(checkpost, tmp_path):
    path = applications(tmp_path, "A1,approved,,,,,,", "A2,perhaps,,,,,,")
    result = checkpost("import", str(path))
    assert result.exit_code == 1
    assert "line 3, column decision" in result.output
    assert "1 rows new or changed, 0 known as they are, 1 broken" in result.output
    assert held(tmp_path)[0]["applications"] == 1


def test_a_changed_row_is_queued_again(checkpost, tmp_path):
    checkpost("import", str(applications(tmp_path, "A1,pending,,,,,,")))
    checkpost("import", str(applications(tmp_path, "A1,approved,,,,,,")))
    assert held(tmp_path)[1]["waiting"] == 2


def test_a_point_whose_file_names_no_time_zone_keeps_the_one_that_is_held(checkpost, tmp_path):
    path = tmp_path / "crossing_points.csv"
    path.write_text("code,name,kind,zone,time_zone\nONS,Onsong,border,north,+13:45\n")
    assert "1 rows new or changed" in checkpost("import", str(path)).output
    for header, more in (("", ""), (",time_zone", ",")):
        path.write_text(f"code,name,kind,zone{header}\nONS,Onsong,border,north{more}\n")
        assert "0 rows new or changed, 1 known as they are, 0 broken" in checkpost("import", str(path)).output
    path.write_text("code,name,kind,zone\nONS,Onsong,internal,north\n")
    assert "1 rows new or changed" in checkpost("import", str(path)).output
    store = fresh_store(tmp_path / "data")
    assert [(point.kind, point.time_zone) for point in store.knowledge.points()] == [("internal", "+13:45")]
    store.close()
