"""Random scenarios through a gateway's import, intake and store: of every tap the verdict of the plain reference."""

import pytest

from gateway.contract import Board, CrossingPoint, Policy
from gateway.intake.imports import parse_paths
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Intake, Run
from tests.gateway.support import NOW_S, verdict_of
from tests.support import scenarios
from tests.support.recorded import Recorded


def teach(store, recorded):
    """Tell a store the policy and points as the centre would, and import the scenario's files."""
    points = [CrossingPoint.model_validate(row) for row in recorded.points()]
    with store.transaction():
        store.knowledge.set_policy(Policy(assurance="uid"))
        store.knowledge.set(AS_OF, NOW_S)
    Learning(store).take_imported(points, NOW_S)
    Learning(store).take_imported(parse_paths([recorded.folder]).rows, NOW_S)


@pytest.mark.parametrize("seed", range(1, 9))
@pytest.mark.parametrize("taught", ["before", "after"])
def test_every_tap_of_a_random_scenario_gets_the_reference_s_verdict(store, tmp_path, seed, taught):
    recorded = Recorded(scenarios.write(scenarios.make(seed, 80), tmp_path / "scenario", seed))
    runs = [
        Run(board, 1, first, b"".join(raws), recorded.head(board, first - 1 + len(raws))[:4])
        for board, first, raws in recorded.runs(seed)
    ]
    half = len(runs) // 2 if taught == "after" else 0
    boards = [
        Board(board=number, epoch=1, crossing_point=code, gateway="g", link_key=f"{number:032x}")
        for code, number in recorded.boards.items()
    ]
    Learning(store).take_imported(boards, NOW_S)
    take(store, runs[:half])
    teach(store, recorded)
    take(store, runs[half:])
    while Learning(store).settle_provisional(NOW_S):
        pass
    told = {tap: verdict_of(store, *key) for tap, key in recorded.key_of_tap.items()}
    assert told == recorded.expected


def take(store, runs):
    for at in range(0, len(runs), 5):
        assert not any(taken.refused for taken in Intake(store).take(runs[at : at + 5], NOW_S))
