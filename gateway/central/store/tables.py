"""The centre's tables. A shipped table is never changed in place: a new schema number brings a migration."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text

SCHEMA = 5

METADATA = MetaData()

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

# What the log is: its schema number and a random id, so that a reader notices when it meets another log.
ABOUT = Table("about", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

# Who may come in. A token is 256 random bits, so one SHA-256 of it cannot be searched: no slow hash is needed.
TOKENS = Table(
    "tokens",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("expires_s", Integer),  # real time; NULL: until it is replaced
    Column("scopes", Text),  # separated by blanks; NULL: all that the role may do
    Index("tokens_by_name", "role", "name"),
)

# Who may sign in; the password as argon2 hashed it.
PEOPLE = Table(
    "people",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
)

# Every read of personal data, written before the data leave.
READS = Table(
    "reads",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("utc_s", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("rows", Integer, nullable=False),
)

# Applications, cards, points, boards and the policy: one row each, its newest form, one rising revision over all.
KNOWLEDGE = Table(
    "knowledge",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("knowledge_by_revision", "revision", unique=True),
)

# Every record as the board wrote it, 32 bytes, never changed, and when it came here (UTC).
RECORDS = Table(
    "records",
    METADATA,
    Column("board", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
    Column("arrived_s", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# How far each board's epoch reaches without a gap: the chain head after its last record, and its order of time so far.
HEADS = Table(
    "heads",
    METADATA,
    Column("board", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("order_utc_s", Integer, nullable=False),
    Column("times", LargeBinary),  # what `checkpost.anchor.Times` remembers; NULL: it begins after `seq`
    sqlite_with_rowid=False,
)

# One row a crossing, as it is judged now. `position` is its newest row in the feed.
CROSSINGS = Table(
    "crossings",
    METADATA,
    Column("board", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("order_utc_s", Integer, nullable=False),
    Column("utc_s", Integer, nullable=False),
    Column("offset_quarters", Integer, nullable=False),
    Column("trust", Integer, nullable=False),
    Column("uncertainty", Integer, nullable=False),
    Column("crossing_point", Text, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("zone", Text, nullable=False),
    Column("card_uid", Text, nullable=False),
    Column("permit", Text, nullable=False),
    Column("direction", Integer, nullable=False),
    Column("assurance", Integer, nullable=False),
    Column("genuine", Integer, nullable=False),
    Column("recorded_party", Integer, nullable=False),
    Column("board_verdict", Integer, nullable=False),
    Column("outcome_seq", Integer, nullable=False),  # of the outcome record that counts; 0: none came
    Column("outcome", Integer, nullable=False),
    Column("party", Integer, nullable=False),
    Column("verdict", Integer, nullable=False),
    Column("reasons", Integer, nullable=False),
    Column("causes", Integer, nullable=False),
    Column("notes", Integer, nullable=False),
    Column("waived", Integer, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("source", Integer, nullable=False),  # of `checkpost.source.SOURCES`
    Column("unchecked", Integer, nullable=False),
    Index("crossings_by_permit", "permit"),
    Index("crossings_by_card", "card_uid"),
    Index("crossings_by_position", "position", unique=True),
    sqlite_with_rowid=False,
)

# Every new or changed state of a crossing, in the one order in which the office reads them.
FEED = Table("feed", METADATA, Column("position", Integer, primary_key=True), Column("body", Text, nullable=False))

# The office's table, kept up with every change, so that showing it costs the same however long the log is.
TALLY = Table(
    "tally",
    METADATA,
    Column("crossing_point", Text, primary_key=True),
    Column("verdict", Text, primary_key=True),
    Column("reason", Text, primary_key=True),  # the primary one, or ''
    Column("crossings", Integer, nullable=False),
    Column("persons", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Permits with a `frequent` note, and on how many of their crossings.
FREQUENT = Table(
    "frequent", METADATA, Column("permit", Text, primary_key=True), Column("crossings", Integer, nullable=False)
)

# The Merkle tree over the leaves, in tiles of up to 256 hashes: `gateway.central.proof.tiles`.
TILES = Table(
    "tiles",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# What each leaf stands for, by its place; `gateway.central.proof.leaf` has the kinds.
LEAVES = Table(
    "leaves",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Integer, nullable=False),
    Column("board", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("salt", LargeBinary),  # NULL: its content was erased, and an erasure says so
    Index("leaves_by_place", "kind", "board", "epoch", "seq", unique=True),
)

# The first key of each board's epoch, with which its seals are checked; no gateway ever gets it.
SEAL_KEYS = Table(
    "seal_keys",
    METADATA,
    Column("board", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Boards' seals as they came, the chain head over which each was checked, and the result.
SEALS = Table(
    "seals",
    METADATA,
    Column("board", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("result", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What was erased, by whom and why: each is a leaf too.
ERASURES = Table(
    "erasures", METADATA, Column("number", Integer, primary_key=True), Column("body", Text, nullable=False)
)

# Second parties that sign checkpoints, and what they signed.
COSIGNERS = Table("cosigners", METADATA, Column("name", Text, primary_key=True), Column("vkey", Text, nullable=False))
COSIGNATURES = Table(
    "cosignatures",
    METADATA,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("line", Text, nullable=False),
    sqlite_with_rowid=False,
)
