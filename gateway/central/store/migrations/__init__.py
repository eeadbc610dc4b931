"""Revisions of the centre's store (Alembic). `gateway/README.md` says how to add one."""
