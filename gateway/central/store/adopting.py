"""Stores from before Alembic: brings one of schema 1 to 5, which only SQLite had, to where the revisions begin."""

from sqlalchemy import Connection, select, update

from gateway.central.store.tables import ABOUT

BASE = "r0005"  # the revision that a store of the last schema equals
LAST = 5
# What such a store says from then on. An older Checkpost that meets it says that it is of another version.
ADOPTED = "6"

# What brings a store of an older schema to the next number; one that shipped is never edited.
MIGRATIONS = {
    1: ("ALTER TABLE heads ADD COLUMN times BLOB",),
    2: (
        "ALTER TABLE crossings ADD COLUMN source INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE crossings ADD COLUMN unchecked INTEGER NOT NULL DEFAULT 0",
    ),
    3: (
        "CREATE TABLE tiles (level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, "
        "PRIMARY KEY (level, number)) WITHOUT ROWID",
        "CREATE TABLE leaves (number INTEGER NOT NULL PRIMARY KEY, kind INTEGER NOT NULL, board INTEGER NOT NULL, "
        "epoch INTEGER NOT NULL, seq INTEGER NOT NULL, salt BLOB)",
        "CREATE UNIQUE INDEX leaves_by_place ON leaves (kind, board, epoch, seq)",
        "CREATE TABLE seal_keys (board INTEGER NOT NULL, epoch INTEGER NOT NULL, key BLOB NOT NULL, "
        "PRIMARY KEY (board, epoch)) WITHOUT ROWID",
        "CREATE TABLE seals (board INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, "
        "generation INTEGER NOT NULL, seal BLOB NOT NULL, head BLOB NOT NULL, result INTEGER NOT NULL, "
        "PRIMARY KEY (board, epoch, seq)) WITHOUT ROWID",
        "CREATE TABLE erasures (number INTEGER NOT NULL PRIMARY KEY, body TEXT NOT NULL)",
        "CREATE TABLE cosigners (name TEXT NOT NULL PRIMARY KEY, vkey TEXT NOT NULL)",
        "CREATE TABLE cosignatures (size INTEGER NOT NULL, name TEXT NOT NULL, line TEXT NOT NULL, "
        "PRIMARY KEY (size, name)) WITHOUT ROWID",
    ),
    4: (
        "ALTER TABLE tokens ADD COLUMN scopes TEXT",
        "CREATE TABLE people (name TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL)",
        "CREATE TABLE reads (number INTEGER NOT NULL PRIMARY KEY, utc_s INTEGER NOT NULL, role TEXT NOT NULL, "
        "name TEXT NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL, rows INTEGER NOT NULL)",
    ),
}

_SCHEMA = select(ABOUT.c.value).where(ABOUT.c.name == "schema")


def adopt(connection: Connection) -> bool:
    """Bring a store's tables to the last schema; return False if it is of none that this version knows."""
    schema = connection.execute(_SCHEMA).scalar() or ""
    if schema not in {str(number) for number in range(1, LAST + 1)}:
        return False
    for number in range(int(schema), LAST):
        for statement in MIGRATIONS[number]:
            connection.exec_driver_sql(statement)
    connection.execute(update(ABOUT).where(ABOUT.c.name == "schema").values(value=ADOPTED))
    return True
