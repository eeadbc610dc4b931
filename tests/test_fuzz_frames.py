"""A short part of the fuzzing; `python -m tests.fuzz_frames --frames 1000000` is the long one."""

import pytest

from tests.fuzz_frames import Fuzzer


@pytest.mark.parametrize("seed", [1, 2])
def test_frames_that_nobody_would_send_change_nothing(seed):
    fuzzer = Fuzzer(seed)
    fuzzer.run(1500)
    assert fuzzer.thrown == 1500
    for ends in fuzzer._ends:
        counters = ends.gateway.counters
        assert counters["forged"] and counters["message"], "both kinds were thrown"
