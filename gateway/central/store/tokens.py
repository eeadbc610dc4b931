"""Rows of tokens: who may come in, by the hash of what they carry."""

from sqlalchemy import Connection, bindparam, delete, insert, select

from gateway.central.store.ask import Ask
from gateway.central.store.tables import TOKENS

_FIND = Ask(  # each request may ask it
    select(TOKENS.c.role, TOKENS.c.name, TOKENS.c.expires_s, TOKENS.c.scopes).where(
        TOKENS.c.digest == bindparam("digest")
    )
)


class TokenRows:
    """`digest`: lower-case hex SHA-256 of a token."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def find(self, digest: str) -> tuple[str, str, int | None, str | None] | None:
        """Return (role, name, real time in seconds at which it ends, None for never, scopes, None for all)."""
        row = _FIND.first(self._connection, digest=digest)
        return (row[0], row[1], row[2], row[3]) if row else None

    def add(self, digest: str, role: str, name: str, expires_s: int | None = None, scopes: str | None = None) -> None:
        """Add a token."""
        row = {"digest": digest, "role": role, "name": name, "expires_s": expires_s, "scopes": scopes}
        self._connection.execute(insert(TOKENS), [row])

    def remove_named(self, role: str, name: str) -> None:
        """End every token of a role and name."""
        self._connection.execute(delete(TOKENS).where(TOKENS.c.role == role, TOKENS.c.name == name))

    def remove(self, digest: str) -> None:
        """End one token."""
        self._connection.execute(delete(TOKENS).where(TOKENS.c.digest == digest))

    def remove_ended(self, now_s: int) -> None:
        """Forget tokens whose time is over."""
        self._connection.execute(delete(TOKENS).where(TOKENS.c.expires_s <= now_s))
