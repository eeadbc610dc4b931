"""The tables, as migrations. A migration that shipped is never edited: add the next one."""

from sqlite_utils import Database, Migrations

from gateway.store.console_schema import lay_console
from gateway.store.counted_schema import lay_counted
from gateway.store.lasting_schema import lay_lasting
from gateway.store.review_schema import lay_reviews

KNOWLEDGE = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    """CREATE TABLE points (
        code TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, zone TEXT NOT NULL, time_zone TEXT NOT NULL,
        revision INTEGER)""",
    """CREATE TABLE boards (
        board INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, crossing_point TEXT NOT NULL, lane TEXT NOT NULL,
        gateway TEXT NOT NULL, link_key TEXT NOT NULL, revision INTEGER)""",
    """CREATE TABLE applications (
        application_id TEXT PRIMARY KEY, applicant_ref TEXT NOT NULL, purpose TEXT NOT NULL, submitted_on TEXT,
        decision TEXT NOT NULL, decided_on TEXT, withdrawn_from INTEGER, valid_from TEXT, valid_until TEXT,
        crossing_points TEXT NOT NULL, entries INTEGER, max_stay_days INTEGER, zones TEXT NOT NULL,
        reception_days INTEGER, companions INTEGER, revision INTEGER)""",
    """CREATE TABLE cards (
        card_uid TEXT PRIMARY KEY, application_id TEXT NOT NULL, status TEXT NOT NULL, blocked_from INTEGER,
        revision INTEGER)""",
    "CREATE INDEX cards_by_application ON cards (application_id)",
)

RECORDS = (
    # `seq`, `head`: the last record held without a gap, and the chain's head after it. `base_seq`, `base_head`: the
    # last record that this store never had. `centre_seq`, `centre_head`: what the centre said it holds, and the head.
    # What lies between `centre_seq` and `seq` is the outbox of a board: it cannot disagree with the records.
    """CREATE TABLE chains (
        board INTEGER, epoch INTEGER, seq INTEGER NOT NULL, head BLOB NOT NULL, order_s INTEGER NOT NULL DEFAULT 0,
        base_seq INTEGER NOT NULL DEFAULT 0, base_head BLOB, centre_seq INTEGER NOT NULL DEFAULT 0, centre_head BLOB,
        PRIMARY KEY (board, epoch)) WITHOUT ROWID""",
    """CREATE TABLE records (
        board INTEGER, epoch INTEGER, seq INTEGER, raw BLOB NOT NULL, received_s INTEGER NOT NULL,
        PRIMARY KEY (board, epoch, seq)) WITHOUT ROWID""",
    # The first line is what the record says, the second what the outcome says, the third the newest verdict here.
    """CREATE TABLE crossings (
        board INTEGER, epoch INTEGER, seq INTEGER, crossing_point TEXT NOT NULL, card_uid TEXT NOT NULL,
        order_s INTEGER NOT NULL, utc_s INTEGER NOT NULL, offset INTEGER NOT NULL, trust INTEGER NOT NULL,
        uncertainty INTEGER NOT NULL, direction INTEGER NOT NULL, party INTEGER NOT NULL,
        assurance INTEGER NOT NULL, board_verdict INTEGER NOT NULL, board_reasons INTEGER NOT NULL,
        board_causes INTEGER NOT NULL,
        outcome INTEGER NOT NULL DEFAULT 0, outcome_party INTEGER, outcome_seq INTEGER,
        verdict INTEGER, reasons INTEGER, causes INTEGER, notes INTEGER, waived INTEGER, provisional INTEGER,
        PRIMARY KEY (board, epoch, seq)) WITHOUT ROWID""",
    "CREATE INDEX crossings_by_card ON crossings (card_uid) WHERE card_uid <> ''",
    "CREATE INDEX crossings_provisional ON crossings (provisional) WHERE provisional = 1",
    """CREATE TABLE outcomes (
        board INTEGER, epoch INTEGER, seq INTEGER, crossing_seq INTEGER NOT NULL, outcome INTEGER NOT NULL,
        party INTEGER NOT NULL, PRIMARY KEY (board, epoch, seq)) WITHOUT ROWID""",
    "CREATE INDEX outcomes_by_crossing ON outcomes (board, epoch, crossing_seq)",
)

JUDGEMENT = (
    """CREATE TABLE verdicts (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
        verdict INTEGER NOT NULL, reasons INTEGER NOT NULL, causes INTEGER NOT NULL, notes INTEGER NOT NULL,
        waived INTEGER NOT NULL, rule_version INTEGER NOT NULL, policy_version INTEGER NOT NULL,
        judged_s INTEGER NOT NULL)""",
    "CREATE INDEX verdicts_by_crossing ON verdicts (board, epoch, seq)",
    """CREATE TABLE flags (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, board INTEGER NOT NULL, epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL, opened_s INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'open', detail TEXT NOT NULL,
        UNIQUE (kind, board, epoch, seq))""",
)

DELIVERY = (
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting', detail TEXT NOT NULL DEFAULT '')""",
    "CREATE TABLE roster_due (application_id TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE rosters (
        board INTEGER PRIMARY KEY, revision INTEGER NOT NULL, scope TEXT NOT NULL)""",
    """CREATE TABLE roster_entries (
        board INTEGER, card_uid TEXT, application_id TEXT NOT NULL, entry BLOB NOT NULL, removed INTEGER NOT NULL,
        revision INTEGER NOT NULL, PRIMARY KEY (board, card_uid)) WITHOUT ROWID""",
    "CREATE INDEX roster_entries_by_revision ON roster_entries (board, revision)",
    "CREATE INDEX roster_entries_by_application ON roster_entries (application_id)",
)

# What `checkpost.anchor.Times` remembers of a board's epoch; NULL: nothing was read yet.
TIMES = ("ALTER TABLE chains ADD COLUMN times BLOB",)

# `source`: of `checkpost.source.SOURCES`. `unchecked`: what the verdict could not look at, also where a reason decided.
SOURCE = (
    "ALTER TABLE crossings ADD COLUMN source INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE crossings ADD COLUMN unchecked INTEGER",
    "ALTER TABLE verdicts ADD COLUMN unchecked INTEGER NOT NULL DEFAULT 0",
)

# Border crossings that the centre told of; `board_reasons` holds what only the reader there could see.
ELSEWHERE = (
    """CREATE TABLE elsewhere (
        board INTEGER, epoch INTEGER, seq INTEGER, crossing_point TEXT NOT NULL, card_uid TEXT NOT NULL,
        order_s INTEGER NOT NULL, utc_s INTEGER NOT NULL, offset INTEGER NOT NULL, trust INTEGER NOT NULL,
        uncertainty INTEGER NOT NULL, direction INTEGER NOT NULL, party INTEGER NOT NULL, assurance INTEGER NOT NULL,
        board_reasons INTEGER NOT NULL, outcome INTEGER NOT NULL, PRIMARY KEY (board, epoch, seq)) WITHOUT ROWID""",
    "CREATE INDEX elsewhere_by_card ON elsewhere (card_uid)",
    # 8: history-incomplete; such a verdict is asked again when news of the other points is newer.
    "CREATE INDEX crossings_incomplete ON crossings (order_s) WHERE unchecked & 8",
)


# What proves a card: the version and zone of its keys; the newest reading of its own message that was seen here.
PROOFS = (
    "ALTER TABLE cards ADD COLUMN key_version INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE cards ADD COLUMN zone TEXT",
    """CREATE TABLE card_counters (
        card_uid TEXT PRIMARY KEY, counter INTEGER NOT NULL, utc_s INTEGER NOT NULL) WITHOUT ROWID""",
)

# `sent`: the centre was given it. `slot`: by which compact batches name a card of a board's roster; 0: none.
SEALS = (
    """CREATE TABLE seals (
        board INTEGER, epoch INTEGER, seq INTEGER, generation INTEGER, seal BLOB NOT NULL,
        sent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (board, epoch, seq, generation)) WITHOUT ROWID""",
    "CREATE INDEX seals_to_send ON seals (board, epoch, seq) WHERE sent = 0",
    "ALTER TABLE roster_entries ADD COLUMN slot INTEGER NOT NULL DEFAULT 0",
    "CREATE UNIQUE INDEX roster_entries_by_slot ON roster_entries (board, slot) WHERE slot > 0",
)

# The days on which reception stations released a permit's holder, spaces between.
RELEASES = ("ALTER TABLE applications ADD COLUMN released_on TEXT NOT NULL DEFAULT ''",)

# `data`: the whole bundle. `state`, `percent` and `note`: of gateway.boards.firmware.Wish.
FIRMWARE = (
    "CREATE TABLE firmware_bundles (id BLOB PRIMARY KEY, version TEXT NOT NULL, data BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE firmware_wishes (
        board INTEGER PRIMARY KEY, bundle BLOB NOT NULL, state TEXT NOT NULL, percent INTEGER NOT NULL,
        note TEXT NOT NULL, asked_s INTEGER NOT NULL)""",
)

# Where a board's chain goes on behind records that it cannot read: after `seq` its head is `head`.
GAPS = (
    """CREATE TABLE gaps (
        board INTEGER, epoch INTEGER, seq INTEGER, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
        head BLOB NOT NULL, PRIMARY KEY (board, epoch, seq)) WITHOUT ROWID""",
)


# When a roster's entry was taken back because its person was erased; NULL: for another reason, or not at all.
ERASING = ("ALTER TABLE roster_entries ADD COLUMN gone_s INTEGER",)

# What persons did in reviews before the centre was told of it: it is told now.
REVIEW_STEPS = (
    """INSERT INTO outbox (kind, body)
        SELECT 'review-step', CAST(id AS TEXT) FROM review_events WHERE person <> '' ORDER BY id""",
)


# What persons put right of crossings at the centre, a field a row: it holds, whatever a board brings later.
PUT_RIGHT = (
    """CREATE TABLE put_right (
        board INTEGER, epoch INTEGER, seq INTEGER, field TEXT, value NOT NULL,
        PRIMARY KEY (board, epoch, seq, field)) WITHOUT ROWID""",
)


# What a crossing's point was when it came in: a point that changes later makes no earlier traveller wrong. NULL: a
# point that the centre had not named yet.
PLACES = (
    "ALTER TABLE crossings ADD COLUMN kind TEXT",
    "ALTER TABLE crossings ADD COLUMN zone TEXT",
    """UPDATE crossings SET kind = (SELECT kind FROM points WHERE code = crossing_point),
        zone = (SELECT zone FROM points WHERE code = crossing_point)""",
    "CREATE INDEX crossings_unplaced ON crossings (crossing_point) WHERE kind IS NULL",
)


# Records that nobody can read: `after_s`, `before_s` are the order of time of their board's taps around them (0: none
# before; NULL: none behind yet). `told` 1: the centre told of it. `holes_due`: cards to be judged again by that.
HOLES = (
    """CREATE TABLE holes (
        board INTEGER, epoch INTEGER, seq INTEGER, told INTEGER, crossing_point TEXT NOT NULL, after_s INTEGER,
        before_s INTEGER, PRIMARY KEY (board, epoch, seq, told)) WITHOUT ROWID""",
    "CREATE TABLE holes_due (card_uid TEXT PRIMARY KEY) WITHOUT ROWID",
    """INSERT OR IGNORE INTO holes (board, epoch, seq, told, crossing_point)
        SELECT f.board, f.epoch, f.seq, 0, coalesce(b.crossing_point, '')
        FROM flags f LEFT JOIN boards b ON b.board = f.board
        WHERE f.kind IN ('damaged-record', 'record-not-understood')""",
    """UPDATE holes SET
        after_s = coalesce((SELECT c.order_s FROM crossings c WHERE c.board = holes.board AND c.epoch = holes.epoch
            AND c.seq < holes.seq AND c.source = 0 ORDER BY c.seq DESC LIMIT 1), 0),
        before_s = (SELECT c.order_s FROM crossings c WHERE c.board = holes.board AND c.epoch = holes.epoch
            AND c.seq > holes.seq AND c.source = 0 ORDER BY c.seq LIMIT 1)""",
    """INSERT OR IGNORE INTO holes_due
        SELECT card_uid FROM crossings WHERE card_uid <> '' AND order_s >= (SELECT min(after_s) FROM holes)""",
)


# How a crossing elsewhere was written. What was told before is told once more from the beginning, with that.
WRITTEN = (
    "ALTER TABLE elsewhere ADD COLUMN source INTEGER NOT NULL DEFAULT 0",
    "DELETE FROM meta WHERE key = 'position'",
)


# What an entry is known by when its form is sent a second time: it is entered once.
ENTERED_ONCE = (
    "ALTER TABLE hand_entries ADD COLUMN mark TEXT NOT NULL DEFAULT ''",
    "CREATE UNIQUE INDEX hand_entries_by_mark ON hand_entries (mark) WHERE mark <> ''",
)


def migrations() -> Migrations:
    """Return every migration of the gateway's store, oldest first."""
    found = Migrations("checkpost.gateway")

    @found(name="0001_first_tables")
    def first_tables(db: Database) -> None:
        for statement in KNOWLEDGE + RECORDS + JUDGEMENT + DELIVERY:
            db.execute(statement)

    @found(name="0002_times")
    def times(db: Database) -> None:
        for statement in TIMES:
            db.execute(statement)

    @found(name="0003_reviews")
    def reviews(db: Database) -> None:
        lay_reviews(db)

    @found(name="0004_source")
    def source(db: Database) -> None:
        for statement in SOURCE:
            db.execute(statement)

    @found(name="0005_elsewhere")
    def elsewhere(db: Database) -> None:
        for statement in ELSEWHERE:
            db.execute(statement)

    @found(name="0006_proofs")
    def proofs(db: Database) -> None:
        for statement in PROOFS:
            db.execute(statement)

    @found(name="0007_seals_and_slots")
    def seals_and_slots(db: Database) -> None:
        for statement in SEALS:
            db.execute(statement)

    @found(name="0008_console")
    def console(db: Database) -> None:
        lay_console(db)

    @found(name="0009_releases")
    def releases(db: Database) -> None:
        for statement in RELEASES:
            db.execute(statement)

    @found(name="0010_firmware")
    def firmware(db: Database) -> None:
        for statement in FIRMWARE:
            db.execute(statement)

    @found(name="0011_gaps")
    def gaps(db: Database) -> None:
        for statement in GAPS:
            db.execute(statement)

    @found(name="0012_erasing")
    def erasing(db: Database) -> None:
        for statement in ERASING:
            db.execute(statement)

    @found(name="0013_review_steps")
    def review_steps(db: Database) -> None:
        for statement in REVIEW_STEPS:
            db.execute(statement)

    @found(name="0014_put_right")
    def put_right(db: Database) -> None:
        for statement in PUT_RIGHT:
            db.execute(statement)

    @found(name="0015_places")
    def places(db: Database) -> None:
        for statement in PLACES:
            db.execute(statement)

    @found(name="0016_lasting")
    def lasting(db: Database) -> None:
        lay_lasting(db)

    @found(name="0017_holes")
    def holes(db: Database) -> None:
        for statement in HOLES:
            db.execute(statement)

    @found(name="0018_written")
    def written(db: Database) -> None:
        for statement in WRITTEN:
            db.execute(statement)

    @found(name="0019_counted")
    def counted(db: Database) -> None:
        lay_counted(db)

    @found(name="0020_entered_once")
    def entered_once(db: Database) -> None:
        for statement in ENTERED_ONCE:
            db.execute(statement)

    return found
