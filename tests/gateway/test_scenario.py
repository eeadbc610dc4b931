"""The whole scenario through the intake: the same verdicts, whichever way the records travelled."""

import random

import pytest

from gateway.intake.learning import Learning
from gateway.intake.records import Intake
from tests.gateway.support import NOW_S, verdict_of


def by_tap(scenario):
    """In the order of the taps, some a transaction."""
    return [scenario.runs[at : at + 10] for at in range(0, len(scenario.runs), 10)]


def board_by_board(scenario):
    """Whole journals, a shuffled board at a time, as a backlog drains: sixteen records a run, many a transaction."""
    journals = list(scenario.journals.values())
    random.Random(1961).shuffle(journals)
    for journal in journals:
        ends = range(1, len(journal.records) + 1, 16)
        runs = [journal.run(first, min(first + 15, len(journal.records))) for first in ends]
        yield from (runs[at : at + 20] for at in range(0, len(runs), 20))


def mixed(scenario):
    """Each board's runs in its own order, the boards interleaved at random, some runs twice, some a transaction."""
    dice = random.Random(188166)
    queues = [[run for run in scenario.runs if run.board == board] for board in scenario.boards.values()]
    at = [0] * len(queues)
    load = []
    while any(at[i] < len(queue) for i, queue in enumerate(queues)):
        i = dice.choice([i for i, queue in enumerate(queues) if at[i] < len(queue)])
        load += [queues[i][at[i]]] * dice.choice((1, 1, 2))
        at[i] += 1
        if dice.random() < 0.1:
            yield load
            load = []
    yield load


@pytest.mark.parametrize("way", [by_tap, board_by_board, mixed])
def test_every_tap_gets_its_expected_verdict(scenario, store, way):
    scenario.teach(store)
    intake = Intake(store)
    for runs in way(scenario):
        assert not any(taken.refused for taken in intake.take(runs, NOW_S))
    wrong = {}
    for tap, (board, _, seq) in scenario.key_of_tap.items():
        verdict, reasons, notes = verdict_of(store, board, seq)
        expected = scenario.expected[tap]
        if (verdict, " ".join(reasons), " ".join(notes)) != (
            expected["verdict"],
            expected["reasons"],
            expected["notes"],
        ):
            wrong[tap] = (verdict, reasons, notes, expected)
    assert len(scenario.key_of_tap) == 2909
    assert wrong == {}


def test_knowledge_that_comes_after_the_records_changes_nothing_in_the_end(scenario, store):
    scenario.teach_boards(store)
    for runs in board_by_board(scenario):
        Intake(store).take(runs, NOW_S)
    assert store.reviews.open_flags() == {}
    scenario.teach(store)
    while Learning(store).settle_provisional(NOW_S):
        pass
    wrong = [
        tap
        for tap, (board, _, seq) in scenario.key_of_tap.items()
        if verdict_of(store, board, seq)[0] != scenario.expected[tap]["verdict"]
    ]
    assert wrong == []
