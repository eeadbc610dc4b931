"""Alembic's way into the store: runs revisions on the connection, and in the transaction, that it is handed."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
