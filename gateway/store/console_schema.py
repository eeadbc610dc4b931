"""The console's tables: who signs in, and who looked at what."""

from sqlite_utils import Database

# `attempts` has names that nobody bears, too: both kinds are answered alike.
_TABLES = (
    "CREATE TABLE people (key TEXT PRIMARY KEY, name TEXT NOT NULL, pin TEXT NOT NULL, added_s INTEGER NOT NULL)",
    "CREATE TABLE sessions (digest TEXT PRIMARY KEY, key TEXT NOT NULL, ends_s INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE attempts (key TEXT PRIMARY KEY, failures INTEGER NOT NULL, until_s INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE looks (
        id INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, name TEXT NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL)""",
    """CREATE TRIGGER looks_stay BEFORE DELETE ON looks
        BEGIN SELECT RAISE(ABORT, 'a look is never deleted'); END""",
    """CREATE TRIGGER looks_are_final BEFORE UPDATE ON looks
        BEGIN SELECT RAISE(ABORT, 'a look is never changed'); END""",
)


def lay_console(db: Database) -> None:
    """Lay the tables, in the transaction of the migration."""
    for statement in _TABLES:
        db.execute(statement)
