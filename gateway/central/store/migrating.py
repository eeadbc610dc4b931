"""Lays a store's tables and brings them up to date, by the revisions in `migrations/versions`."""

import secrets
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select

from gateway.central.store.adopting import ADOPTED, BASE, adopt
from gateway.central.store.tables import ABOUT

FOLDER = Path(__file__).parent / "migrations"


class OtherVersion(Exception):
    """The store was laid by a Checkpost that knows more, or it is none of ours."""


def laid(connection: Connection) -> bool:
    """Return True if there is a store at all."""
    return inspect(connection).has_table(ABOUT.name)


def current(connection: Connection) -> bool:
    """Return True if nothing is to be done; changes nothing."""
    return frozenset(_heads(connection)) == _newest()


def lay(connection: Connection) -> None:
    """Lay an empty store. The connection is in a transaction that writes, as for `bring_up`."""
    _upgrade(connection)
    rows = [{"name": "schema", "value": ADOPTED}, {"name": "log", "value": secrets.token_hex(16)}]
    connection.execute(insert(ABOUT), rows)


def bring_up(connection: Connection) -> None:
    """Run the revisions that a store has not seen; OtherVersion. Processes that start at once take turns at this."""
    held = _heads(connection)
    if not held:
        if not laid(connection) or not adopt(connection):
            raise OtherVersion
        command.stamp(_config(connection), BASE)
    elif unknown := set(held) - {revision.revision for revision in _script().walk_revisions()}:
        raise OtherVersion(f"revision {', '.join(sorted(unknown))}")
    _upgrade(connection)


def log_id(connection: Connection) -> str:
    """Return the log's name."""
    return str(connection.execute(select(ABOUT.c.value).where(ABOUT.c.name == "log")).scalar_one())


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _heads(connection: Connection) -> tuple[str, ...]:
    return MigrationContext.configure(connection).get_current_heads()


@cache
def _newest() -> frozenset[str]:
    """Return the newest revisions that this code knows: reading them takes longer than opening a store."""
    return frozenset(_script().get_heads())


def _script() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
