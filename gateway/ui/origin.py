"""Where a form came from, by what browsers say of it: no page of another place may send ours."""

from collections.abc import Mapping
from urllib.parse import urlsplit


def foreign(headers: Mapping[str, str]) -> bool:
    """Return True if a page of another origin sent a request. `headers`: by name in lower case.

    Over TLS and on this machine every browser says so itself (`Sec-Fetch-Site`); over plain HTTP it sends `Origin`
    alone, with each POST. A request with neither is no page's: browsers leave both out of nothing that changes things.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return False
    asked = [headers.get("host", ""), *headers.get("x-forwarded-host", "").split(",")]  # a proxy may ask by its own
    return urlsplit(origin).netloc.lower() not in {host.strip().lower() for host in asked} - {""}
