"""What is held on a person in one file, what is put right, and who may read whose data why."""

import json

import pytest

from gateway.central import backup
from gateway.commands import main
from tests.central.rights_support import IDENTIFIERS, MONDAY_S, PURPOSE, UID, crossings, people, permits
from tests.central.test_verify import checked, give, pull

REASON = "The lane was switched to exits late that morning."


@pytest.fixture
def board(small):
    people(small)
    permits(small)
    made = small.add_board("ONS")
    crossings(made)
    give(small, made, [])
    return made


def access(centre, name, **more):
    return centre.call(name, "POST", "/v1/access", json={"person": UID, "purpose": PURPOSE} | more)


def correct(centre, name, fields, reason=REASON, place="1/1/3"):
    return centre.call(name, "POST", f"/v1/crossings/{place}/corrections", json={"fields": fields, "reason": reason})


def test_everything_that_is_held_is_in_one_file(small, board):
    correct(small, "pak", {"party": 3})
    access(small, "kim")
    held = access(small, "kim").json()
    assert (held["references"], held["applications"], held["cards"]) == (["REF-SUNHEE-77"], ["A-PERSON-77"], [UID])
    areas = {area["name"]: area["rows"] for area in held["areas"]}
    assert [len(areas[name]) for name in ("Permits", "Cards", "Crossings", "Corrections", "Records of the boards")] == [
        1, 1, 2, 1, 4,
    ]  # fmt: skip
    assert areas["Corrections"][0]["reason"] == REASON
    assert [(row["who"], row["why"]) for row in areas["Who read these data"]] == [("kim", PURPOSE)]
    assert held["kept_until"] == "2029-12-31"
    page = small.call("kim", "POST", "/v1/access?form=html", json={"person": UID, "purpose": PURPOSE}).text
    assert all(word in page for word in (*IDENTIFIERS, "entry", PURPOSE)) and "<script" not in page


def test_one_finds_a_person_by_reference_application_or_card_and_nobody_else_is_in_the_file(small, board):
    found = [access(small, "kim", person=key).json() for key in IDENTIFIERS]
    assert [one["cards"] for one in found] == [[UID]] * 3
    assert "OTHER" not in json.dumps(found)
    assert access(small, "kim", person="R-NOBODY").status_code == 404


@pytest.mark.parametrize("purpose", ["", "     ", "because", None])
@pytest.mark.parametrize("name", ["kim", "office", "admin"])
def test_nobody_reads_a_person_without_saying_why_not_even_a_machine(small, board, name, purpose):
    body = {"person": UID} | ({} if purpose is None else {"purpose": purpose})
    assert small.call(name, "POST", "/v1/access", json=body).status_code == 422
    assert small.good("rim", "GET", "/v1/reads", params={"person": UID})["reads"] == []


def test_an_auditor_sees_who_read_one_persons_data_and_why(small, board):
    access(small, "kim")
    access(small, "pak", purpose="An appeal is to be answered.")
    access(small, "pak", person="A-OTHER-78")
    reads = small.good("rim", "GET", "/v1/reads", params={"person": "REF-SUNHEE-77"})["reads"]
    assert [(row["name"], row["why"]) for row in reads] == [("kim", PURPOSE), ("pak", "An appeal is to be answered.")]
    assert len(small.good("rim", "GET", "/v1/reads", params={"reader": "pak"})["reads"]) == 2
    assert small.call("kim", "GET", "/v1/reads").status_code == 403


def test_a_correction_is_appended_judges_again_and_is_proven(small, board, tmp_path):
    before = small.good("office", "GET", "/v1/log/leaves")["leaves"]
    done = correct(small, "pak", {"direction": "exit", "outcome": "turned_back"}).json()
    assert done["changed"] == {"direction": ["entry", "exit"], "outcome": ["admitted", "turned_back"]}
    row = next(row for row in small.crossings() if row["seq"] == 3)
    assert (row["direction"], row["outcome"], row["corrected"]) == ("exit", "turned_back", ["direction", "outcome"])
    after = small.good("office", "GET", "/v1/log/leaves")["leaves"]
    assert after[: len(before)] == before and after[len(before)]["kind"] == "correction"
    body = json.loads(after[len(before)]["body"])
    assert (body["by"], body["reason"], body["fields"]["direction"]) == ("pak", REASON, ["entry", "exit"])
    pull(small, tmp_path / "log")
    assert checked(tmp_path / "log").findings == []


def test_a_later_outcome_of_the_board_does_not_undo_a_correction(small, board):
    correct(small, "pak", {"outcome": "referred"})
    board.outcome(MONDAY_S + 1010, 3, "admitted", 5)
    small.take(board.run(9))
    row = next(row for row in small.crossings() if row["seq"] == 3)
    assert (row["outcome"], row["party"]) == ("referred", 5)


def test_a_correction_of_an_entry_frees_it_for_the_next(small, board):
    board.crossing(MONDAY_S + 5000, "04000000000001")
    second = board.crossing(MONDAY_S + 9000, "04000000000001")
    small.take(board.run(9))
    verdicts = {row["seq"]: row["verdict"] for row in small.crossings()}
    assert verdicts[second] == "refer"  # A1 has one entry
    assert correct(small, "pak", {"outcome": "turned_back"}, place=f"1/1/{second - 1}").status_code == 200
    assert {row["seq"]: row["verdict"] for row in small.crossings()}[second] == "permitted"


def test_an_application_is_put_right_and_its_decision_is_not(small, board):
    path = "/v1/applications/A-PERSON-77/corrections"
    done = small.good("kim", "POST", path, json={"fields": {"valid_from": "2026-10-27"}, "reason": REASON})
    assert done["changed"] == {"valid_from": ["2026-10-03", "2026-10-27"]} and done["judged"] == 2
    assert [row["reasons"] for row in small.crossings() if row["permit"] == "A-PERSON-77"] == [["not-yet-valid"]] * 2
    assert (
        small.call("kim", "POST", path, json={"fields": {"decision": "refused"}, "reason": REASON}).status_code == 422
    )


@pytest.mark.parametrize(
    ("name", "fields", "reason", "status"),
    [
        ("office", {"party": 2}, REASON, 403),
        ("program", {"party": 2}, REASON, 403),
        ("gateway", {"party": 2}, REASON, 403),
        ("pak", {"party": 2}, "", 422),
        ("pak", {"party": 2}, "typo", 422),
        ("pak", {"crossing_point": "NOWHERE"}, REASON, 422),
        ("pak", {"card_uid": UID}, REASON, 422),
        ("pak", {"direction": "entry"}, REASON, 409),
        ("pak", {}, REASON, 409),
    ],
)
def test_without_a_named_person_a_reason_or_a_change_nothing_is_corrected(small, board, name, fields, reason, status):
    small.tokens["program"] = small.good("pak", "POST", "/v1/tokens", json={"scopes": ["write"]})["token"]
    before = small.crossings()
    assert correct(small, name, fields, reason).status_code == status
    assert small.crossings() == before


@pytest.mark.parametrize("arguments", [[], ["--due", "--approve", "1"], ["--person", "A1", "--refuse", "2"]])
def test_the_command_does_one_thing_at_a_time(monkeypatch, capsys, arguments):
    command = ["checkpost", "office", "erase", "--url", "http://127.0.0.1:9", "--token-file", "/nowhere", *arguments]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit):
        main()
    assert "Say one of --due" in capsys.readouterr().err


def test_what_was_put_right_stands_as_the_log_tells_it(small, board, tmp_path):
    assert correct(small, "pak", {"party": 3, "direction": "exit"}).status_code == 200
    backup.make(small.data, tmp_path / "b1", 5)
    backup.drill(tmp_path / "b1", None)
