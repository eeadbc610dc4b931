"""Sign-in: names, PINs, the delay that grows and ends, sessions, and forms that come from elsewhere."""

import asyncio
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.console import people
from gateway.console.access import FREE_FAILURES, MAX_DELAY_S, SESSION_S, Access, Refused, delay_s
from gateway.console.parts import local_path
from gateway.store.people import MAX_ATTEMPTS
from gateway.store.store import open_reader, open_store
from gateway.worker import Worker
from tests.console import support


class Door:
    """Access over a store, at times that the test sets."""

    def __init__(self, folder):
        self.folder = folder
        self.now_s = 1_000_000
        support.teach(folder)

    def run(self, act):
        """Return what `act(access)` gives."""
        return asyncio.run(self._run(act))

    async def _run(self, act):
        writer = Worker("w", lambda: open_store(self.folder, 1))
        reader = Worker("r", lambda: open_reader(self.folder))
        await writer.start()
        await reader.start()
        try:
            return await act(Access(writer, reader, support.quick_pins(), lambda: self.now_s))
        finally:
            await writer.stop()
            await reader.stop()


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path)


def test_the_delay_grows_has_an_end_and_counts_for_names_that_nobody_bears(door):
    async def guess(access):
        waits = {}
        for name in ("Han Sol", "Nobody"):
            waits[name] = []
            for _ in range(12):
                found = await access.sign_in(name, "000001")
                waits[name].append(found.wait_s)
                door.now_s += found.wait_s
        return waits

    waits = door.run(guess)
    assert waits["Han Sol"] == waits["Nobody"]
    assert waits["Han Sol"][: FREE_FAILURES - 1] == [0] * (FREE_FAILURES - 1)
    assert waits["Han Sol"][FREE_FAILURES - 1 :] == [5, 10, 20, 40, 80, 160, 300, 300, 300, 300]

    async def come_back(access):
        return isinstance(await access.sign_in("Han Sol", support.PIN), str)

    assert door.run(come_back)  # never for ever
    assert all(delay_s(count) <= MAX_DELAY_S for count in range(200))


def test_while_the_delay_lasts_even_the_right_pin_is_not_looked_at(door):
    async def act(access):
        for _ in range(4):
            await access.sign_in("Han Sol", "000001")
        early = await access.sign_in("han  sol ", support.PIN)
        door.now_s += 10
        return early, await access.sign_in("han  sol ", support.PIN)

    early, late = door.run(act)
    assert early == Refused(5) and isinstance(late, str)


def test_trying_other_names_does_not_wipe_out_what_failed_for_a_guard(small_store):
    people.add(small_store, support.quick_pins(), "Ri", support.PIN, 0)
    with small_store.transaction():
        small_store.people.note_attempt("ri", 7, 80)
        for number in range(MAX_ATTEMPTS + 1):
            small_store.people.note_attempt(f"nobody {number}", 1, 100 + number)
    assert small_store.people.attempts("ri") == (7, 80)
    assert small_store.people.attempts("nobody 0") == (0, 0)


def test_a_clock_that_is_put_back_shuts_nobody_out(door):
    async def act(access):
        await access.sign_in("Han Sol", "000001")
        door.now_s -= 86_400
        return await access.sign_in("Han Sol", support.PIN)

    assert isinstance(door.run(act), str)


def test_attempts_at_once_are_counted_each(door):
    async def act(access):
        found = await asyncio.gather(*(access.sign_in("Han Sol", f"00000{number}") for number in range(8)))
        return [one for one in found if one.wait_s], await access.sign_in("Han Sol", support.PIN)

    refused, after = door.run(act)
    assert refused and isinstance(after, Refused)


def test_a_session_ends_with_the_shift_the_sign_out_or_the_person(door):
    async def open_two(access):
        return [await access.sign_in("Han Sol", support.PIN), await access.sign_in("Kim Nari", support.PIN)]

    async def names(access):
        return [visitor and visitor.name for visitor in [await access.visitor(token) for token in tokens]]

    tokens = door.run(open_two)
    assert door.run(names) == ["Han Sol", "Kim Nari"]
    store = open_store(door.folder, 1)
    people.remove(store, "KIM nari")
    store.close()
    assert door.run(names) == ["Han Sol", None]
    door.now_s += SESSION_S
    assert door.run(names) == [None, None]


def test_the_store_holds_no_pin_and_is_readable_by_its_owner_only(door):
    for file in door.folder.iterdir():
        assert support.PIN.encode() not in file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


@pytest.mark.parametrize("pin", ["12345", "123456", "987654", "000000"])
def test_a_pin_that_anybody_tries_first_is_refused(small_store, pin):
    with pytest.raises(people.PersonError):
        people.add(small_store, support.quick_pins(), "Ri", pin, 0)


@pytest.fixture
def small_store(tmp_path):
    store = open_store(tmp_path, 1)
    yield store
    store.close()


def test_a_wrong_name_and_a_wrong_pin_look_alike(served):
    http = served.client()
    pages = [http.post("/sign-in", data={"name": name, "pin": "777123", "back": "/"}) for name in ("Han Sol", "Nobody")]
    assert [page.status_code for page in pages] == [403, 403]
    assert pages[0].text.replace("Han Sol", "") == pages[1].text.replace("Nobody", "")


def test_the_cookie_is_for_this_console_alone(served):
    answer = served.client().post("/sign-in", data={"name": "han sol", "pin": support.PIN, "back": "//evil.example/"})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert answer.headers["location"] == "/"


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_a_way_back_never_leads_elsewhere(text):
    path = local_path(text)
    assert path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


def test_nobody_sees_a_page_or_the_stream_without_a_session(served):
    http = served.client()
    for path in ("/", "/lanes", "/reviews", "/reviews/1", "/hand-entry", "/search", "/looks"):
        answer = http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?back={path}")
    assert http.get("/events", headers={"accept": "text/event-stream"}).status_code == 401
    assert http.post("/hand-entry", data={}).headers["location"].startswith("/sign-in")


def test_a_form_needs_the_sessions_mark_and_this_origin(served):
    guard = served.guard()
    fields = {"query": "A1", "purpose": "a test"}
    assert guard.http.post("/search", data=fields).status_code == 422
    assert guard.http.post("/search", data=fields | {"csrf": "0" * 32}).status_code == 422
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert guard.http.post("/search", data=fields | {"csrf": guard.csrf}, headers=elsewhere).status_code == 422
    assert "A1" not in guard.page("/looks")
    assert guard.send("/search", **fields).status_code == 200
    assert guard.http.post("/search", content=b"x" * 90_000).status_code == 422


def test_a_session_outlives_a_restart_and_ends_with_the_sign_out(served):
    guard = served.guard()
    served.stop()
    served.start()
    assert guard.http.get("/").status_code == 200
    assert guard.send("/sign-out").status_code == 200
    assert guard.http.get("/alive").status_code == 401  # a script asks: it can tell this from a lost connection
