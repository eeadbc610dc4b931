"""Types of columns that mean the same in SQLite and in PostgreSQL. Revisions use them too: they never change."""

from sqlalchemy import BigInteger, Integer, LargeBinary, Text

# 64 bits everywhere. SQLite's INTEGER has them, and only under that name counts a primary key up by itself.
Whole = BigInteger().with_variant(Integer(), "sqlite")
# Ordered by code points, as SQLite does it, whatever the language of the database.
Words = Text().with_variant(Text(collation="C"), "postgresql")
Bytes = LargeBinary()
