"""What the centre knows carries a mark of its key; what stands is marked when the centre starts with that key."""

from alembic import op
from sqlalchemy import Column

from gateway.central.store.columns import Bytes

revision = "r0020"
down_revision = "r0019"


def upgrade() -> None:
    """Lay the column."""
    op.add_column("knowledge", Column("mark", Bytes))
