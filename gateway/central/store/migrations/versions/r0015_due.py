"""Open cases by their due day: whether an answer is overdue is asked for on every page."""

from alembic import op

revision = "r0015"
down_revision = "r0014"


def upgrade() -> None:
    """Lay the index."""
    op.create_index("exchange_cases_by_due", "exchange_cases", ["state", "due_on"])
