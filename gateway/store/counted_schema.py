"""What is counted as it comes and goes, and what waits for the centre found by kind: neither is looked through."""

from sqlite_utils import Database

_OF_OUTBOX = "CASE WHEN {row}.kind = 'enrolment' THEN 'enrolments ' ELSE 'outbox ' END || {row}.state"


def _less(what: str) -> str:
    return f"UPDATE row_counts SET held = held - 1 WHERE what = {what};"


def _more(what: str) -> str:
    return f"INSERT INTO row_counts VALUES ({what}, 1) ON CONFLICT (what) DO UPDATE SET held = held + 1;"


def _of_table(table: str) -> tuple[str, ...]:
    """Return what counts the rows of a table under its name."""
    return (
        f"INSERT INTO row_counts SELECT '{table}', count(*) FROM {table}",
        f"CREATE TRIGGER {table}_come AFTER INSERT ON {table} BEGIN {_more(repr(table))} END",
        f"CREATE TRIGGER {table}_go AFTER DELETE ON {table} BEGIN {_less(repr(table))} END",
    )


_OLD, _NEW = _OF_OUTBOX.format(row="old"), _OF_OUTBOX.format(row="new")
_COUNTS = (
    "CREATE TABLE row_counts (what TEXT PRIMARY KEY, held INTEGER NOT NULL) WITHOUT ROWID",
    *_of_table("applications"),
    *_of_table("cards"),
    f"INSERT INTO row_counts SELECT {_OF_OUTBOX.format(row='outbox')}, count(*) FROM outbox GROUP BY 1",
    f"CREATE TRIGGER outbox_come AFTER INSERT ON outbox BEGIN {_more(_NEW)} END",
    f"CREATE TRIGGER outbox_go AFTER DELETE ON outbox BEGIN {_less(_OLD)} END",
    f"CREATE TRIGGER outbox_change AFTER UPDATE OF state ON outbox BEGIN {_less(_OLD)} {_more(_NEW)} END",
)
_INDEXES = (
    "CREATE INDEX outbox_by_kind ON outbox (kind, state, id)",
    "CREATE INDEX outbox_waiting ON outbox (id) WHERE state = 'waiting'",
)


def lay_counted(db: Database) -> None:
    """Lay the counts, as they stand now, and the indexes, in the transaction of the migration."""
    for statement in _COUNTS + _INDEXES:
        db.execute(statement)
