"""Cursors of pages that are ordered by a day and a number."""

from gateway.central.problems import Problem

SEPARATOR = "~"  # no day and no number has one


def cursor(day: str, number: str) -> str:
    """Return what a caller asks the next page with."""
    return f"{day}{SEPARATOR}{number}"


def split_cursor(after: str) -> tuple[str, str]:
    """Return the (day, number) after which a page begins; Problem when it is none of ours."""
    day, found, number = after.partition(SEPARATOR)
    if (after and not found) or not after.isprintable():
        errors = [{"pointer": "query: after", "detail": "this is no `next` of a page"}]
        raise Problem(422, "not-valid", "The request is not valid (query: after: no `next` of a page).", errors=errors)
    return day, number
