"""Verdicts that lacked news of other points: they are judged again once a gateway vouches that its news are here."""

from alembic import op
from sqlalchemy import text

revision = "r0021"
down_revision = "r0020"

_WAITS = text("(unchecked & 8) <> 0")


def upgrade() -> None:
    """Lay the index."""
    op.create_index("crossings_waiting", "crossings", ["order_utc_s"], sqlite_where=_WAITS, postgresql_where=_WAITS)
