"""Counts by local day, from the crossings that are held and those that were erased."""

from alembic import op
from sqlalchemy import Column, MetaData, Table

from gateway.central.store.columns import Whole, Words

revision = "r0014"
down_revision = "r0013"

_TABLES = MetaData()

Table(
    "days",
    _TABLES,
    Column("day", Whole, primary_key=True, autoincrement=False),
    Column("crossing_point", Words, primary_key=True),
    Column("verdict", Whole, primary_key=True, autoincrement=False),
    Column("crossings", Whole, nullable=False),
    Column("persons", Whole, nullable=False),
    sqlite_with_rowid=False,
)

# A quarter of an hour has 900 seconds, a day 86,400.
_COUNTED = """
    INSERT INTO days (day, crossing_point, verdict, crossings, persons)
    SELECT day, crossing_point, verdict, sum(crossings), sum(persons) FROM (
        SELECT (utc_s + offset_quarters * 900) / 86400 AS day, crossing_point, verdict,
            count(*) AS crossings, sum(party) AS persons
        FROM crossings WHERE verdict >= 0 GROUP BY 1, 2, 3
        UNION ALL SELECT day, crossing_point, verdict, crossings, persons FROM erased_days
    ) AS counted GROUP BY 1, 2, 3
"""


def upgrade() -> None:
    """Lay the table and count."""
    _TABLES.create_all(op.get_bind())
    op.execute(_COUNTED)
