"""Records that nobody can read: those that were asked about before are measured with their board's next batch."""

import json

from alembic import op
from sqlalchemy import Column, MetaData, Table, text

from gateway.central.store.columns import Whole, Words

revision = "r0019"
down_revision = "r0018"

_TABLES = MetaData()

HOLES = Table(
    "holes",
    _TABLES,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("crossing_point", Words, nullable=False),
    Column("after_s", Whole),
    Column("before_s", Whole),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    """Lay the table."""
    connection = op.get_bind()
    _TABLES.create_all(connection)
    asked = connection.execute(
        text("SELECT DISTINCT board, epoch, seq FROM reviews WHERE kind = 'record-not-understood'")
    ).all()
    bodies = connection.execute(text("SELECT key, body FROM knowledge WHERE kind = 'board'"))
    places = {int(key): json.loads(body)["crossing_point"] for key, body in bodies}
    rows = [
        {"board": board, "epoch": epoch, "seq": seq, "crossing_point": places[board]} for board, epoch, seq in asked
    ]
    if rows:
        connection.execute(HOLES.insert(), rows)
