"""The centre's store: laid, adopted from before Alembic, brought up to date by several processes at once."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from gateway.central.store import STORE_NAME, Store, StoreError
from gateway.central.store.adopting import LAST, MIGRATIONS
from gateway.central.store.tables import METADATA

FIRST = Path(__file__).resolve().parents[1] / "vectors" / "central_schema_1.sql"
OPEN = "import sys; from pathlib import Path; from gateway.central.store import Store; Store(Path(sys.argv[1])).close()"


@pytest.fixture
def path(tmp_path):
    return tmp_path / STORE_NAME


def lay_old(path, schema):
    """Lay a store as a version from before Alembic did, with one head and one token in it."""
    conn = sqlite3.connect(path)
    conn.executescript(FIRST.read_text())
    conn.execute("INSERT INTO about VALUES ('schema', ?), ('log', 'abc')", (str(schema),))
    conn.execute("INSERT INTO heads VALUES (1, 1, 7, x'0102', 99)")
    conn.execute("INSERT INTO tokens VALUES ('digest', 'office', 'office', NULL)")
    for number in range(1, schema):
        for statement in MIGRATIONS[number]:
            conn.execute(statement)
    conn.commit()
    conn.close()


def columns(path):
    """What the store's tables and indexes are; a column that came later has a default besides."""
    conn = sqlite3.connect(path)
    found = {}
    for name, kind, sql in conn.execute("SELECT name, type, sql FROM sqlite_master"):
        told = conn.execute(f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}') ORDER BY name")
        found[name] = told.fetchall() if kind == "table" else sql
    conn.close()
    return found


@pytest.mark.parametrize("schema", range(1, LAST + 1))
def test_a_store_from_before_alembic_is_adopted_with_what_it_holds(path, tmp_path, schema):
    lay_old(path, schema)
    store = Store(path)
    assert store.log_id == "abc"
    with store.read() as transaction:
        head = transaction.log.head(1, 1)
        assert (head.seq, head.head, head.order_utc_s, head.times) == (7, b"\x01\x02", 99, None)
        assert transaction.tokens.find("digest") == ("office", "office", None, None)
    store.close()
    Store.create(tmp_path / "fresh.db").close()
    assert columns(path) == columns(tmp_path / "fresh.db")


@pytest.mark.both_stores
def test_the_tables_are_those_that_the_revisions_make(path, database):
    Store.create(database or path).close()
    url = database.replace("postgresql:", "postgresql+psycopg:", 1) if database else f"sqlite:///{path}"
    engine = create_engine(url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()
    # PostgreSQL's months are tables too, and a unique index there names the month.
    assert [found for found in differences if not (database and "crossings_by_position" in str(found))] == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = 'r9999'",
        "DROP TABLE alembic_version; UPDATE about SET value = '99' WHERE name = 'schema'",
        "DROP TABLE alembic_version; DROP TABLE about",
    ],
)
def test_a_store_of_another_version_is_left_as_it_is(path, change):
    Store.create(path).close()
    conn = sqlite3.connect(path)
    conn.executescript(change)
    conn.close()
    before = columns(path)
    with pytest.raises(StoreError, match="another version"):
        Store(path)
    assert columns(path) == before


def test_processes_that_start_at_once_bring_a_store_up_to_date_one_after_the_other(path):
    lay_old(path, 1)
    starting = [subprocess.Popen([sys.executable, "-c", OPEN, path], stderr=subprocess.PIPE) for _ in range(3)]
    assert [(one.communicate(timeout=180)[1], one.returncode) for one in starting] == [(b"", 0)] * 3
    Store(path).close()
