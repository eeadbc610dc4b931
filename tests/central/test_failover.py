"""The primary is killed under load: its standby takes over, gateways go on, nothing is lost or doubled."""

import pytest

from tests.central.failover import play


@pytest.mark.timeout(300)
def test_a_standby_takes_over_and_gateways_go_on_by_themselves(tmp_path):
    # `python -m tests.central.failover` has twenty times as many.
    assert play(tmp_path, 1000, 2, 6000, 1, print) == 7000
