"""Who may see the pages: everyone on this machine in development, else a browser that signed in."""

from urllib.parse import parse_qs

from fastapi import Request

from gateway.central.access import ADMIN, OFFICE, PAGE
from gateway.central.api.parts import Parts

COOKIE = "checkpost"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MAX_FORM = 4096  # bytes of a sign-in form: one token


def may_look(request: Request, the: Parts) -> bool:
    """Return True if the request may see the pages. A foreign host name that points here is not this machine."""
    if the.open_page and request.url.hostname in LOOPBACK:
        return True
    caller = the.access.caller(request.cookies.get(COOKIE, ""))
    return caller is not None and caller.role in (PAGE, ADMIN, OFFICE)


async def form_field(request: Request, name: str) -> str:
    """Return a field of a small form, or nothing."""
    body = await request.body()
    if len(body) > MAX_FORM:
        return ""
    return parse_qs(body.decode("utf-8", "replace")).get(name, [""])[0].strip()
