"""The centre's tables. A change comes with a revision in `migrations/versions`; one that shipped is never edited."""

from sqlalchemy import Column, Index, MetaData, Table, text

from gateway.central.store.columns import Bytes, Whole, Words

METADATA = MetaData()
WAITS_FOR_NEWS = text(
    "(unchecked & 8) <> 0"
)  # 8: history-incomplete; such a verdict is judged again with what was missing

# What the log is: its schema number and a random id, so that a reader notices when it meets another log.
ABOUT = Table("about", METADATA, Column("name", Words, primary_key=True), Column("value", Words, nullable=False))

# Who may come in. A token is 256 random bits, so one SHA-256 of it cannot be searched: no slow hash is needed.
TOKENS = Table(
    "tokens",
    METADATA,
    Column("digest", Words, primary_key=True),
    Column("role", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("expires_s", Whole),  # real time; NULL: until it is replaced
    Column("scopes", Words),  # separated by blanks; NULL: all that the role may do
    Index("tokens_by_name", "role", "name"),
)

# Who may sign in; the password as argon2 hashed it.
PEOPLE = Table(
    "people",
    METADATA,
    Column("name", Words, primary_key=True),
    Column("role", Words, nullable=False),
    Column("password", Words, nullable=False),
)

# Every read of personal data, written before the data leave.
READS = Table(
    "reads",
    METADATA,
    Column("number", Whole, primary_key=True),
    Column("utc_s", Whole, nullable=False),
    Column("role", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("why", Words, nullable=False),
    Column("rows", Whole, nullable=False),
    Column("about", Words, nullable=False, server_default=""),  # whose data, where they were one person's
    Index("reads_by_about", "about"),
)

# Applications, cards, points, boards and the policy: one row each, its newest form, one rising revision over all.
KNOWLEDGE = Table(
    "knowledge",
    METADATA,
    Column("kind", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("revision", Whole, nullable=False),
    Column("body", Words, nullable=False),
    Column("mark", Bytes),
    Index("knowledge_by_revision", "revision", unique=True),
)

# Every record as the board wrote it, 32 bytes, never changed, and when it came here (UTC). On PostgreSQL records and
# crossings are kept by the month in which they came: `months.py`.
RECORDS = Table(
    "records",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("raw", Bytes, nullable=False),
    Column("arrived_s", Whole, nullable=False),
    sqlite_with_rowid=False,
)

# How far each board's epoch reaches without a gap: the chain head after its last record, and its order of time so far.
HEADS = Table(
    "heads",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, nullable=False),
    Column("head", Bytes, nullable=False),
    Column("order_utc_s", Whole, nullable=False),
    Column("times", Bytes),  # what `checkpost.anchor.Times` remembers; NULL: it begins after `seq`
    sqlite_with_rowid=False,
)

# One row a crossing, as it is judged now. `position` is its newest row in the feed.
CROSSINGS = Table(
    "crossings",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("order_utc_s", Whole, nullable=False),
    Column("utc_s", Whole, nullable=False),
    Column("offset_quarters", Whole, nullable=False),
    Column("trust", Whole, nullable=False),
    Column("uncertainty", Whole, nullable=False),
    Column("crossing_point", Words, nullable=False),
    Column("kind", Whole, nullable=False),
    Column("zone", Words, nullable=False),
    Column("card_uid", Words, nullable=False),
    Column("permit", Words, nullable=False),
    Column("direction", Whole, nullable=False),
    Column("assurance", Whole, nullable=False),
    Column("genuine", Whole, nullable=False),
    Column("recorded_party", Whole, nullable=False),
    Column("board_verdict", Whole, nullable=False),
    Column("outcome_seq", Whole, nullable=False),  # of the outcome record that counts; 0: none came
    Column("outcome", Whole, nullable=False),
    Column("party", Whole, nullable=False),
    Column("verdict", Whole, nullable=False),
    Column("reasons", Whole, nullable=False),
    Column("causes", Whole, nullable=False),
    Column("notes", Whole, nullable=False),
    Column("waived", Whole, nullable=False),
    Column("rule_version", Whole, nullable=False),
    Column("position", Whole, nullable=False),
    Column("source", Whole, nullable=False),  # of `checkpost.source.SOURCES`
    Column("unchecked", Whole, nullable=False),
    Column("arrived_s", Whole, nullable=False),  # its record's; on PostgreSQL it chooses the month's table
    Column("corrected", Whole, nullable=False, server_default="0"),  # of `crossing.CORRECTABLE`, one bit a field
    Index("crossings_by_permit", "permit"),
    Index("crossings_by_card", "card_uid"),
    Index("crossings_by_position", "position", unique=True),
    Index("crossings_waiting", "order_utc_s", sqlite_where=WAITS_FOR_NEWS, postgresql_where=WAITS_FOR_NEWS),
    sqlite_with_rowid=False,
)

# Every new or changed state of a crossing, in the one order in which the office reads them.
FEED = Table("feed", METADATA, Column("position", Whole, primary_key=True), Column("body", Words, nullable=False))

# The office's table, kept up with every change, so that showing it costs the same however long the log is.
TALLY = Table(
    "tally",
    METADATA,
    Column("crossing_point", Words, primary_key=True),
    Column("verdict", Words, primary_key=True),
    Column("reason", Words, primary_key=True),  # the primary one, or ''
    Column("crossings", Whole, nullable=False),
    Column("persons", Whole, nullable=False),
    sqlite_with_rowid=False,
)

# The same by local day, so that a year's counts are read without the crossings. Days as `checkpost.calendar` has them.
DAYS = Table(
    "days",
    METADATA,
    Column("day", Whole, primary_key=True, autoincrement=False),
    Column("crossing_point", Words, primary_key=True),
    Column("verdict", Whole, primary_key=True, autoincrement=False),
    Column("crossings", Whole, nullable=False),
    Column("persons", Whole, nullable=False),
    sqlite_with_rowid=False,
)

# Permits with a `frequent` note, and on how many of their crossings.
FREQUENT = Table(
    "frequent", METADATA, Column("permit", Words, primary_key=True), Column("crossings", Whole, nullable=False)
)

# The Merkle tree over the leaves, in tiles of up to 256 hashes: `gateway.central.proof.tiles`.
TILES = Table(
    "tiles",
    METADATA,
    Column("level", Whole, primary_key=True, autoincrement=False),
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("hashes", Bytes, nullable=False),
    sqlite_with_rowid=False,
)

# What each leaf stands for, by its place; `gateway.central.proof.leaf` has the kinds.
LEAVES = Table(
    "leaves",
    METADATA,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("kind", Whole, nullable=False),
    Column("board", Whole, nullable=False),
    Column("epoch", Whole, nullable=False),
    Column("seq", Whole, nullable=False),
    Column("salt", Bytes),  # NULL: its content was erased, and an erasure says so
    Index("leaves_by_place", "kind", "board", "epoch", "seq", unique=True),
)

# The first key of each board's epoch, with which its seals are checked; no gateway ever gets it.
SEAL_KEYS = Table(
    "seal_keys",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("key", Bytes, nullable=False),
    sqlite_with_rowid=False,
)

# Boards' seals as they came, the chain head over which each was checked, and the result.
SEALS = Table(
    "seals",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("generation", Whole, nullable=False),
    Column("seal", Bytes, nullable=False),
    Column("head", Bytes, nullable=False),
    Column("result", Whole, nullable=False),
    sqlite_with_rowid=False,
)

# Records that nobody can read. `after_s`, `before_s`: the order of time of their board's taps around them; 0: none
# before, NULL: none behind yet. They are facts for verdicts; the records themselves are leaves as they came.
HOLES = Table(
    "holes",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("crossing_point", Words, nullable=False),
    Column("after_s", Whole),
    Column("before_s", Whole),
    sqlite_with_rowid=False,
)

# Where a board's chain goes on behind records that it could not read: after `seq` its head is `head`. `body`: a leaf.
GAPS = Table(
    "gaps",
    METADATA,
    Column("board", Whole, primary_key=True, autoincrement=False),
    Column("epoch", Whole, primary_key=True, autoincrement=False),
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("head", Bytes, nullable=False),
    Column("body", Words, nullable=False),
    sqlite_with_rowid=False,
)

# What was erased, by whom and why: each is a leaf too.
ERASURES = Table("erasures", METADATA, Column("number", Whole, primary_key=True), Column("body", Words, nullable=False))

# Second parties that sign checkpoints, and what they signed.
COSIGNERS = Table("cosigners", METADATA, Column("name", Words, primary_key=True), Column("vkey", Words, nullable=False))
COSIGNATURES = Table(
    "cosignatures",
    METADATA,
    Column("size", Whole, primary_key=True, autoincrement=False),
    Column("name", Words, primary_key=True),
    Column("line", Words, nullable=False),
    sqlite_with_rowid=False,
)
