"""`gateway run` as a process: a card's way from a pty to the centre, over kills; and one sentence for a mistake."""

import copy
import itertools
import json
import random
import subprocess
import sys
import time

import pytest

from checkpost import cardkeys, record, roster
from checkpost import reasons as why
from gateway.commands import main
from gateway.intake.alarms import TWO_BOARDS
from tests.gateway.board_end import BoardEnd
from tests.gateway.site import CHECKPOST, Site
from tests.gateway.support import CARD, MORNING_S


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site"))
    assert made.command("status").returncode == 1
    yield made
    made.close()


@pytest.fixture
def site(running):
    """A site whose gateway runs, as another test left it."""
    if not running.runs("gateway"):
        assert running.start_gateway() == {"ready": True, "name": "g1", "ports": 2}
    return running


def tap(board, number):
    """Write a crossing and its outcome, as the board does, and say so."""
    seq = board.journal.crossing(MORNING_S + number * 600, CARD, number % 2)
    board.journal.outcome(MORNING_S + number * 600 + 5, seq, record.ADMITTED)
    board.wake()
    return (board.journal.board, seq)


def held(board, at):
    return board.acked[at] == len(board.journal.records)


def test_a_board_comes_up_and_is_told_all_it_needs(site):
    board = site.boards["ONS"]
    site.until(board.up)
    site.until(lambda: board.policy and board.roster_last)
    assert (board.policy.point, board.policy.zone, board.policy.assurance) == ("ONS", "north", record.UID)
    assert bytes.fromhex(CARD) in board.roster
    assert abs(board.time.utc_s - time.time()) < 5
    assert board.time.offset_quarters == 36
    crossing = record.Crossing(bytes.fromhex(CARD), record.ENTRY, 1, record.UID)
    number = board.ask(record.Record(record.CROSSING, 1, MORNING_S, 36, record.SYNCED, 2, crossing.pack()).pack())
    site.until(lambda: number in board.answers)
    assert board.answers[number].verdict == why.PERMITTED


def test_killed_at_random_moments_nothing_is_lost_or_doubled(site):
    dice = random.Random(1961)
    wanted = site.crossings()
    for number in range(180):
        wanted.append(tap(dice.choice(list(site.boards.values())), number))
        time.sleep(0.005)
        if number % 60 == 30:
            site.kill("gateway")
            site.start_gateway()
        if number == 100:
            site.kill("central")
            site.start_centre()
        if number == 140:
            site.boards["ONS"].plug()
    site.until(lambda: all(held(board, 0) and held(board, 1) for board in site.boards.values()))
    assert sorted(site.crossings()) == sorted(wanted)
    assert site.status()["flags"].keys() <= {"answer-changed"}


def test_on_a_full_disk_nothing_is_acknowledged_and_questions_are_answered(site):
    board = site.boards["HRY"]
    site.until(board.up)
    site.fill_disk("gateway", True)
    numbers = itertools.count(10_001)

    def filled():
        if len(board.journal.records) - board.acked[0] < 500:  # no more than the gateway can take
            number = next(numbers)
            for _ in range(50):
                tap(board, number)
        return any("store takes nothing" in port["trouble"] for port in site.status()["ports"])

    site.until(filled)
    before = board.acked[0]
    asked = board.ask(board.journal.records[-2])  # a crossing, the last is its outcome
    site.until(lambda: asked in board.answers)
    assert before <= board.acked[0] < len(board.journal.records)
    site.fill_disk("gateway", False)
    site.until(lambda: held(board, 0) and held(board, 1))


def test_status_shows_boards_queue_and_centre(site):
    tap(site.boards["HRY"], 0)
    wanted = len(site.boards["HRY"].journal.records)
    site.until(lambda: held(site.boards["HRY"], 1))
    site.until(lambda: all(board["link"] == "up" and board["roster_current"] for board in site.status()["boards"]))
    status = json.loads(site.command("status", "--json").stdout)
    assert (status["running"], status["outbox"], status["centre"]["connected"]) == (True, 0, True)
    known = {"applications": 1, "cards": len(site.boards["HRY"].roster), "crossing_points": 2, "policy_version": 1}
    assert status["knowledge"] == known
    board = next(board for board in status["boards"] if board["crossing_point"] == "HRY")
    assert (board["held_here"], board["held_at_centre"], board["queue"]) == (wanted, wanted, 0)
    assert "Gateway g1 runs; the centre answers." in site.command("status").stdout
    site.kill("gateway")
    assert site.status()["running"] is False


def test_it_ends_when_standard_input_closes(site):
    assert site.end("gateway") == 0


def test_an_import_reaches_the_centre_and_the_boards(site):
    board = site.boards["ONS"]
    site.until(lambda: board.roster_last)
    permits = site.folder / "cards.csv"
    permits.write_text("card_uid,application_id,status\n04000000000002,A1,active\n")
    assert site.command("import", str(permits)).returncode == 0
    site.until(lambda: bytes.fromhex("04000000000002") in board.roster)
    site.until(lambda: site.status()["outbox"] == 0)


def test_a_wrong_token_is_named_and_boards_are_served_all_the_same(site):
    site.end("gateway")
    site.configure(token="wrong")
    site.start_gateway()
    site.until(lambda: "valid bearer token" in site.status()["centre"]["trouble"])
    tap(site.boards["ONS"], 9999)
    site.until(lambda: held(site.boards["ONS"], 0))
    assert not held(site.boards["ONS"], 1)
    site.end("gateway")
    site.configure()
    site.start_gateway()
    site.until(lambda: held(site.boards["ONS"], 1))


def test_a_board_whose_image_was_copied_is_noticed_and_named(site):
    """The same number, epoch, keys and log speak on a second port: the first is served on, a person is told."""
    first = site.boards["ONS"]
    site.until(first.up)
    number = first.journal.board
    rows = site.http.get("/v1/changes").json()["changes"]
    (key,) = [row["board"]["link_key"] for row in rows if "board" in row and row["board"]["board"] == number]
    site.boards.pop("HRY").close()
    site.boards["copy"] = BoardEnd(site.folder / "HRY", copy.deepcopy(first.journal), bytes.fromhex(key))

    def alarms():
        found = site.status()["boards"]
        return next(board.get("alarms", []) for board in found if board["board"] == number)

    site.until(lambda: TWO_BOARDS in alarms())
    assert f"ALARM, board {number} at ONS: two boards speak as this one" in site.command("status").stdout
    tap(first, 20_000)
    site.until(lambda: held(first, 0))


def refused(site):
    """Return the one sentence with which `gateway run` ends."""
    ended = subprocess.run(
        [CHECKPOST, "gateway", "run", "--config", str(site.config)], capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 1
    lines = [line for line in ended.stderr.splitlines() if line.startswith("checkpost: ")]
    assert len(lines) == 1
    assert "Traceback" not in ended.stderr
    return lines[0]


def test_keys_of_cards_are_in_no_log_and_in_no_file_but_their_own(site):
    site.http.put("/v1/policy", json={"assurance": "live"}).raise_for_status()
    board = site.boards["ONS"]
    uid, masters_file = bytes.fromhex(CARD), site.folder / "c" / "card-masters.json"
    given = site.http.post(f"/v1/cards/{CARD}/keys", json={"reason": "test"}).raise_for_status().json()
    keys = {int(at): bytes.fromhex(key) for at, key in given["cards"][-1]["keys"].items()}
    site.until(lambda: roster.proof_key(board.roster.get(uid, bytes(roster.SIZE))) == (keys[cardkeys.LIVE], 1))
    # Trouble with keys is told, in the centre's log and the gateway's, without them.
    masters_file.chmod(0o644)
    site.http.post(f"/v1/cards/{CARD}/block", json={"status": "lost"}).raise_for_status()
    site.until(lambda: "chmod 600" in (site.folder / "central.log").read_text())
    site.until(lambda: "no card keys from the centre" in (site.folder / "gateway.log").read_text())
    masters_file.chmod(0o600)
    held = json.loads(masters_file.read_text())
    masters = [bytes.fromhex(key) for zone in (held["issuer"], *held["zones"].values()) for key in zone.values()]
    places = {key: {"card-masters.json", "card-keys.json"} for key in masters}
    # A card's LIVE key is in the gateway's copies of rosters, readable by its owner only.
    places |= {key: {"gateway.db", "gateway.db-wal"} if at == cardkeys.LIVE else set() for at, key in keys.items()}
    assert len(places) >= 2 + 5 and (site.folder / "g" / "gateway.db").stat().st_mode & 0o077 == 0
    for path in (path for path in site.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for key, allowed in places.items():
            found = key in content or key.hex().encode() in content.lower()
            assert not found or path.name in allowed, path


def test_two_gateways_on_one_folder_is_one_sentence(site):
    assert "Another gateway runs on the data in" in refused(site)


def test_a_port_in_use_is_one_sentence(site):
    site.until(lambda: all(port["open"] for port in site.status()["ports"]))
    site.configure(data=str(site.folder / "other"))
    assert "is in use by another process; end that one first." in refused(site)
    site.configure()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("data = ", "is no TOML"),
        ('data = "{folder}"\nbaud = "fast"', "baud in"),
        ('data = "{folder}"\nbuad = 1', "buad in"),
        ('data = "{folder}"', "central_url is missing"),
        ('data = "{folder}"\ncentral_url = "http://x"', "token is missing"),
        ('data = "{folder}"\ncentral_url = "ftp://x"', "http:// or https://"),
        ('data = "{folder}"\ncentral_url = "http://x"\ntoken_file = "{folder}/none"', "cannot be read"),
    ],
)
def test_a_wrong_configuration_is_one_sentence(tmp_path, monkeypatch, capsys, config, words):
    path = tmp_path / "gateway.toml"
    path.write_text(config.format(folder=tmp_path))
    monkeypatch.setattr(sys, "argv", ["checkpost", "gateway", "run", "--config", str(path)])
    with pytest.raises(SystemExit) as ended:  # in this process: it ends before anything of a gateway is there
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and words in said and said.count("\n") == 1


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('data = "{folder}/gateway.toml"\ncentral_url = "http://x"\ntoken = "t"', "data folder"),
        ('data = "{folder}"\ncentral_url = "http://x"\ntoken = "t"\nclock_file = "{folder}/none"', "clock file"),
    ],
)
def test_a_configuration_that_names_what_is_not_there_is_one_sentence(tmp_path, config, words):
    path = tmp_path / "gateway.toml"
    path.write_text(config.format(folder=tmp_path))
    ended = subprocess.run(
        [CHECKPOST, "gateway", "run", "--config", str(path)], capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
