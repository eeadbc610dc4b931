"""Entity tags (RFC 9110, 8.8.3): what did not change since is not sent again."""

from fastapi import Request, Response


def tag(log_id: str, *parts: object) -> str:
    """Return the tag of what depends on a log and these values only."""
    return '"' + "-".join([log_id[:12], *map(str, parts)]) + '"'


def unchanged(request: Request, etag: str) -> Response | None:
    """Return the answer 304 if the caller holds what the tag stands for, else None."""
    held = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return Response(status_code=304, headers={"ETag": etag}) if etag in held or held == ["*"] else None
