"""What keeps a store of many years quick: open questions are counted, and erasures find what they take by index."""

from sqlite_utils import Database

from gateway.store.looks import words_of

# `open`: how many questions of a kind wait about a board (0: about cards).
_COUNTS = (
    """CREATE TABLE flag_counts (
        board INTEGER, kind TEXT, open INTEGER NOT NULL, PRIMARY KEY (board, kind)) WITHOUT ROWID""",
    "INSERT INTO flag_counts SELECT board, kind, count(*) FROM flags WHERE state = 'open' GROUP BY board, kind",
    """CREATE TRIGGER flags_counted AFTER INSERT ON flags WHEN new.state = 'open' BEGIN
        INSERT INTO flag_counts VALUES (new.board, new.kind, 1)
            ON CONFLICT (board, kind) DO UPDATE SET open = open + 1; END""",
    """CREATE TRIGGER flags_counted_on AFTER UPDATE OF state ON flags WHEN new.state <> old.state BEGIN
        INSERT INTO flag_counts VALUES (new.board, new.kind, 0) ON CONFLICT (board, kind) DO NOTHING;
        UPDATE flag_counts SET open = open + (new.state = 'open') - (old.state = 'open')
            WHERE board = new.board AND kind = new.kind; END""",
    "DROP INDEX flags_open",
)

_INDEXES = (
    "CREATE INDEX reviews_decided ON reviews (id) WHERE state = 'decided'",
    # By what an erasure names somebody.
    "CREATE INDEX applications_by_revision ON applications (revision) WHERE revision IS NOT NULL",
    "CREATE INDEX cards_by_revision ON cards (revision) WHERE revision IS NOT NULL",
    "CREATE INDEX flags_by_card ON flags (card_uid) WHERE card_uid <> ''",
    "CREATE INDEX roster_entries_gone ON roster_entries (gone_s) WHERE removed = 1",
    """CREATE INDEX outbox_by_permit ON outbox (json_extract(body, '$.application_id'))
        WHERE kind IN ('application', 'card')""",
    "CREATE INDEX outbox_by_card ON outbox (json_extract(body, '$.card_uid')) WHERE kind = 'card'",
    "CREATE TABLE look_words (word TEXT, look INTEGER, PRIMARY KEY (word, look)) WITHOUT ROWID",
)


def lay_lasting(db: Database) -> None:
    """Lay tables and indexes, and take apart the looks that are there, in the transaction of the migration."""
    for statement in _COUNTS + _INDEXES:
        db.execute(statement)
    for number, what, why in db.execute("SELECT id, what, why FROM looks").fetchall():
        rows = [(word, number) for word in words_of(what, why)]
        db.conn.executemany("INSERT INTO look_words VALUES (?, ?)", rows)
