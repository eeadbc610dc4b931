"""The small state: what was kept last outlives power cuts at every operation, and the gateway's policy restarts."""

import pytest

from checkpost import reasons as why
from checkpost.downward import BoardPolicy
from checkpost.record import FAULT
from kiosk.faults import PARTS
from kiosk.kept import EVERY_MS, MAX_SIZE, Kept
from tests.support.kiosk import UID, Gateway, Kiosk, entry
from tests.support.nor import TEARS, ChipError, Nor, PowerCut

SECTORS = 4
FIRST = 2


def kept(chip, board=1, epoch=1):
    found = Kept(chip, board, epoch, FIRST)
    return found, found.open()


def write(found, data, now_ms=0):
    """Put, and step until it is written; return the time then."""
    found.put(data)
    for _ in range(10):
        found.step(now_ms)
    return now_ms + EVERY_MS


def test_nothing_is_kept_at_first():
    assert kept(Nor(SECTORS))[1] == b""


@pytest.mark.parametrize("data", [b"x", bytes(MAX_SIZE), b"\xff" * 17, bytes(range(200))])
def test_what_was_put_is_there_after_a_restart(data):
    chip = Nor(SECTORS)
    now_ms = write(kept(chip)[0], b"earlier")
    found, held = kept(chip)
    assert held == b"earlier"
    write(found, data, now_ms)
    assert kept(chip)[1] == data
    assert (chip.erases, chip.programs) == (2, 2)


def test_the_same_again_costs_nothing():
    chip = Nor(SECTORS)
    found, _ = kept(chip)
    now_ms = write(found, b"policy")
    for _ in range(5):
        now_ms = write(found, b"policy", now_ms)
    assert (chip.erases, chip.programs) == (1, 1)


def test_a_gateway_that_changes_its_mind_wears_nothing_out():
    chip = Nor(SECTORS)
    found, _ = kept(chip)
    for second in range(3600):
        found.put(b"%d" % second)
        found.step(second * 1000)
    assert chip.erases <= 3600_000 // EVERY_MS + 1
    assert int(kept(chip)[1]) > 2900


def test_another_board_or_epoch_begins_with_nothing_and_takes_over():
    chip = Nor(SECTORS)
    write(kept(chip)[0], b"old")
    for board, epoch in ((2, 1), (1, 2)):
        found, held = kept(chip, board, epoch)
        assert held == b""
        write(found, b"new")
        assert kept(chip, board, epoch)[1] == b"new"


def test_a_busy_chip_is_left_alone():
    chip = Nor(SECTORS)
    found, _ = kept(chip)
    chip.looks = 5
    chip.erase_start(0)
    found.put(b"later")
    found.step(0)
    assert chip.erases == 1
    write(found, b"later")
    assert kept(chip)[1] == b"later"


def test_power_cuts_at_every_operation_lose_at_most_what_was_being_written():
    """Six writes; each program and erase torn in each way, and again in the write that follows the restart."""
    cuts = lost = 0
    for operation in range(1, 13):
        for tear in TEARS:
            for second in range(3):
                chip = Nor(SECTORS, seed=operation)
                cuts, lost = cuts + 1, lost + (not survives(chip, operation, tear, second))
    print(f"small state: {cuts} cuts, {lost} losses")
    assert (cuts, lost) == (12 * len(TEARS) * 3, 0)


def survives(chip, operation, tear, second):
    """Return True if after each restart the last durable entry is there, or the one that was being written."""
    found, _ = kept(chip)
    chip.cut(operation, tear)
    now_ms, durable, written = 0, b"", b""
    try:
        for number in range(6):
            written = b"policy %d " % number * 9
            now_ms = write(found, written, now_ms)
            durable = written
    except PowerCut:
        chip.remount()
    found, held = kept(chip)
    if held not in (durable, written):
        return False
    if second:
        chip.cut(second, tear)
        try:
            write(found, b"after")
        except PowerCut:
            chip.remount()
        again = kept(chip)[1]
        if again not in (held, b"after"):
            return False
        held = again
    write(kept(chip)[0], b"at last")
    return kept(chip)[1] == b"at last"


@pytest.mark.parametrize("state", ["erase", "program"])
def test_sectors_that_do_not_keep_it_are_given_up_and_the_last_entry_stays(state):
    chip = Nor(SECTORS)
    found, _ = kept(chip)
    now_ms = write(found, b"first")
    now_ms = write(found, b"second", now_ms)
    chip.bad = {FIRST: state, FIRST + 1: state}
    write(found, b"third", now_ms)
    assert found.broken
    assert kept(chip)[1] == b"second"
    erases = chip.erases
    write(found, b"fourth", now_ms + EVERY_MS)
    assert chip.erases == erases


def test_a_chip_that_gives_up_is_an_error():
    chip = Nor(SECTORS)
    found, _ = kept(chip)
    chip.bad = {FIRST: "dead"}
    found.put(b"x")
    with pytest.raises(ChipError):
        found.step(0)


# The whole board.

POLICY = BoardPolicy(5, 1, 3600, 60, "ONS", "north-hamgyong", 0)


def taught(policy=POLICY):
    """Return a kiosk that heard a policy and came to rest."""
    gateway = Gateway()
    gateway.next_turn.append(policy)
    return Kiosk(gateway).run(9000)


def test_the_gateways_policy_outlives_a_restart():
    kiosk = taught()
    kiosk.gateway.silent = True
    kiosk.restart()
    kiosk.run(200)
    policy = kiosk.app.judge.policy
    assert (policy.version, policy.roster_max_age_s, policy.clock_max_uncertainty_s) == (5, 3600, 60)
    kiosk.app.roster.lookup = {UID: entry()}.get
    kiosk.app.roster.as_of_s = int(kiosk.bench.clock.utc()) - 3700
    kiosk.tap()
    assert kiosk.crossings()[-1].causes == why.STALE_ROSTER


def test_the_gateway_is_asked_for_its_policy_again_and_the_flash_left_alone():
    kiosk = taught()
    kiosk.restart()
    kiosk.run(3000)
    assert kiosk.gateway.statuses[-1].policy_version == 0
    generation = kiosk.app.kept._generation
    kiosk.gateway.next_turn.append(POLICY)
    kiosk.run(9000)
    assert kiosk.app.judge.policy_heard == 5
    assert kiosk.app.kept._generation == generation


def test_a_policy_of_another_firmware_is_left_out():
    kiosk = taught()
    kiosk.app.kept.put(b"?" * 5)
    kiosk.leap(EVERY_MS).run(3000)
    kiosk.gateway = None
    kiosk.restart()
    kiosk.run(200)
    assert kiosk.app.judge.policy.roster_max_age_s != POLICY.roster_max_age_s
    assert any(record.kind == FAULT and record.body[0] == PARTS.index("state") for record in kiosk.records())


def test_state_sectors_that_keep_nothing_are_a_fault_that_is_recorded_once():
    kiosk = Kiosk().run(3000)
    kiosk.app.kept.broken = True
    kiosk.run(60_000)
    assert kiosk.app.faults.standing() == ["state"]
    assert [record.kind for record in kiosk.records()].count(FAULT) == 1
