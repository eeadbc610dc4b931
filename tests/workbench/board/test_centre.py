"""The centre as a technician's commands meet it: refusing, absent, or something else altogether."""

import httpx
import pytest

from gateway.contract.secrets import write_secret
from workbench.board.centre import Centre, CentreAway, CentreTrouble, open_centre

LINK_KEY, SEAL_KEY = b"\x5a" * 16, b"\xa5" * 32


def answering(handle):
    return Centre(httpx.Client(base_url="http://centre", transport=httpx.MockTransport(handle)))


ASKED = [
    lambda centre: centre.knowledge(),
    lambda centre: centre.register("ONS", "1", "north", LINK_KEY, SEAL_KEY),
    lambda centre: centre.open_epoch(1, LINK_KEY, SEAL_KEY),
    lambda centre: centre.held(1, 1),
    lambda centre: centre.enrol("north"),
    lambda centre: centre.voucher("north", "00" * 32, 5),
]


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("page", ["<html>welcome to the hotel</html>", "[]", f'{{"link_key": "{LINK_KEY.hex()}"}}'])
def test_what_is_no_centre_is_one_sentence_without_a_key(ask, page):
    with pytest.raises(CentreTrouble, match="no Checkpost centre") as told:
        ask(answering(lambda request: httpx.Response(200, text=page)))
    assert LINK_KEY.hex() not in str(told.value)


def test_a_centre_that_is_slow_is_away():
    def wait(request):
        raise httpx.ReadTimeout("timed out")

    with pytest.raises(CentreAway, match="cannot be reached"):
        answering(wait).knowledge()


@pytest.mark.parametrize("content", [b"", b"one\nsecret", b'{"admin": "secret"}', "sécret".encode(), b"\xff\xfe"])
def test_a_file_that_holds_no_token_is_named_and_not_quoted(tmp_path, content):
    write_secret(tmp_path / "token", content)
    with pytest.raises(CentreTrouble, match="holds no token") as told:
        open_centre("http://centre", tmp_path / "token")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("url", ["centre", "ftp://centre", "http://centre:port"])
def test_what_is_no_address_is_one_sentence(tmp_path, url):
    write_secret(tmp_path / "token", b"secret\n")
    with pytest.raises(CentreTrouble, match="no address of a centre"):
        open_centre(url, tmp_path / "token").knowledge()


def test_a_token_that_others_can_read_is_not_used(tmp_path):
    write_secret(tmp_path / "token", b"secret\n")
    open_centre("http://centre", tmp_path / "token")
    for mode in (0o640, 0o604, 0o666):
        (tmp_path / "token").chmod(mode)
        with pytest.raises(CentreTrouble, match="can be read by others: chmod 600") as told:
            open_centre("http://centre", tmp_path / "token")
        assert "secret" not in str(told.value)
