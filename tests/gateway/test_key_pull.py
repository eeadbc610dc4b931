"""Card keys from the centre: they come, they change, they stay while none come, and no trouble shows one."""

import asyncio

import httpx
import pytest
from structlog.testing import capture_logs

from gateway.commands import command
from gateway.forwarder import keys as key_pull
from gateway.forwarder.backoff import Backoff
from gateway.forwarder.client import Centre
from gateway.forwarder.keys import KeyPull
from gateway.keys import KeyStore

KEY, NEWER = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"
ZONES = (
    f'{{"zones": {{"north": {{"1": "{KEY}"}}}}, "guests": {{"04A1B2C3D4E580": {{"version": 2, "key": "{NEWER}"}}}}}}'
)
HELD = KeyStore({"north": {1: bytes.fromhex(KEY)}}, {"04A1B2C3D4E580": (2, bytes.fromhex(NEWER))})


def pulled(monkeypatch, *answers, wakes=0):
    """Return the key stores that were taken while the centre gave these answers, and what was said of trouble."""
    monkeypatch.setattr(key_pull, "REST_S", 0)
    left, taken, troubles = list(answers), [], []

    def serve(_request):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(200, content=answer) if isinstance(answer, str) else httpx.Response(answer, json={})

    async def run():
        done = asyncio.Event()

        def take(store):
            taken.append(store)
            troubles.append(pull.trouble)
            done.set() if len(taken) > wakes else pull.wake()

        class Quick(Backoff):
            def failed(self):
                troubles.append(pull.trouble)
                return super().failed() * 0

        async with httpx.AsyncClient(base_url="http://centre", transport=httpx.MockTransport(serve)) as http:
            pull = KeyPull(Centre(http), Quick(lambda: 0.0), take)
            running = asyncio.create_task(pull.run())
            await asyncio.wait_for(done.wait(), 60)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    with capture_logs() as logs:
        asyncio.run(run())
    return taken, troubles, logs


def test_keys_of_zones_and_guests_are_taken(monkeypatch):
    assert pulled(monkeypatch, ZONES)[0] == [HELD]


def test_what_changed_at_the_centre_is_asked_for_at_once(monkeypatch):
    rotated = ZONES.replace(f'"1": "{KEY}"', f'"1": "{KEY}", "2": "{NEWER}"')
    taken, _, _ = pulled(monkeypatch, ZONES, rotated, wakes=1)
    assert [store.versions("north") for store in taken] == [[1], [1, 2]]


BROKEN = {
    "a key too short": ZONES.replace(KEY, KEY[:-1]),
    "no hex": ZONES.replace(KEY, KEY[:-1] + "x"),
    "a version too high": ZONES.replace('"1"', '"256"'),
    "a version 0": ZONES.replace('"1"', '"0"'),
    "cut short": ZONES[:50],
    "a key in a zone's place": f'{{"zones": {{"north": "{KEY}"}}}}',
    "a list": f'["{KEY}"]',
    "more than was agreed": ZONES[:-1] + f', "master": "{KEY}"}}',
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_answer_that_is_none_is_named_without_its_keys_and_the_next_is_taken(monkeypatch, name):
    taken, troubles, logs = pulled(monkeypatch, BROKEN[name], ZONES)
    assert taken == [HELD]
    assert troubles[0].startswith("GET /v1/zone-keys: ValidationError") and troubles[-1] == ""
    said = repr(troubles) + repr(logs)
    assert "no card keys from the centre" in said
    assert KEY[:12] not in said and NEWER[:12] not in said


def test_a_centre_that_is_away_is_named_once(monkeypatch):
    away = httpx.ConnectError("no route")
    taken, troubles, logs = pulled(monkeypatch, away, away, 503, ZONES)
    assert taken == [HELD]
    assert troubles == [
        "GET /v1/zone-keys: ConnectError no route", "GET /v1/zone-keys: ConnectError no route",
        "the centre answered 503 to GET /v1/zone-keys", "",
    ]  # fmt: skip
    assert len(logs) == 2


def test_a_command_that_breaks_shows_no_variables():
    assert command([]).pretty_exceptions_show_locals is False
