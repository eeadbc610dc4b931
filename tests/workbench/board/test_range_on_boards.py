"""The range test as a technician runs it: `checkpost board check`, with the gateway's modem on the same air."""

import asyncio
import json
import threading
import time

import pytest

from tests.support.boards import SETTINGS, checkpost
from virtualboard.ether import Ether
from virtualboard.ether_line import EtherServer

pytestmark = pytest.mark.timeout(400)  # real processes, on a machine that may be busy
LINK = {"carrier": "lora", "region": "KR920", "spreading_factor": 7}


@pytest.fixture
def ether(tmp_path):
    """Return the socket of an ether that lives in a thread of the test."""
    server = EtherServer(tmp_path / "ether", Ether(lambda: time.monotonic_ns() // 1000))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield server.path
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_a_check_measures_the_margin_to_the_modem_and_says_when_nobody_answers(flashed_board, ether):
    board = flashed_board(settings=SETTINGS | {"link": LINK}, extra=["--ether", str(ether), "--radio", "lane"])
    board.until(board.drawn)
    code, said = checkpost("check", "--port", board.port)
    assert code == 1 and "none of 10 pings was answered" in said and "switch the gateway's modem on" in said, said
    modem = flashed_board(settings={"role": "modem", "link": LINK}, extra=["--ether", str(ether), "--radio", "modem"])
    modem.until(lambda: "~" in modem.said())  # its first report
    code, said = checkpost("check", "--port", board.port, "--json")
    parts = {part["part"]: part for part in json.loads(said.splitlines()[-1])["parts"]}
    assert parts["radio range"]["right"] is True and "0 of 10 lost" in parts["radio range"]["seen"], parts[
        "radio range"
    ]
    assert "crossings an hour" in parts["airtime"]["seen"]
