"""The office's pages in a test: served in this process to a real browser, with somebody signed in."""

import threading
from urllib.parse import quote

import uvicorn

from gateway.central.access import Caller
from gateway.central.server import listen
from tests.central.support import Centre

PURPOSE = "the day's work"


class Pages:
    """A centre's pages at an address. Its own client must be closed before: an application has one event loop."""

    def __init__(self, centre: Centre):
        self.centre = centre
        bound = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(centre.app, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [bound]}, daemon=True)
        self._thread.start()

    def session(self, name: str, role: str) -> list[dict[str, str]]:
        """Return the cookies of somebody who signed in and said why they read."""
        access = self.centre.app.state.parts.access
        session = access.open_page(Caller(role, name))
        found = {"checkpost": session, "checkpost-purpose": quote(PURPOSE)}
        return [{"name": key, "value": value, "url": self.url} for key, value in found.items()]

    def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(20)


def shown(page, selector):
    """Wait for what a page shows, and until it is whole: before that it listens to no key."""
    page.wait_for_selector(selector)
    page.wait_for_load_state("load")
