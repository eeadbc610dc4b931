-- The centre's store as its first version laid it.
CREATE TABLE about (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE tokens (
    digest TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    expires_s INTEGER,
    PRIMARY KEY (digest)
);
CREATE INDEX tokens_by_name ON tokens (role, name);
CREATE TABLE knowledge (
    kind TEXT NOT NULL,
    "key" TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, "key")
);
CREATE UNIQUE INDEX knowledge_by_revision ON knowledge (revision);
CREATE TABLE records (
    board INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    raw BLOB NOT NULL,
    arrived_s INTEGER NOT NULL,
    PRIMARY KEY (board, epoch, seq)
)
 WITHOUT ROWID

;
CREATE TABLE heads (
    board INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    head BLOB NOT NULL,
    order_utc_s INTEGER NOT NULL,
    PRIMARY KEY (board, epoch)
)
 WITHOUT ROWID

;
CREATE TABLE crossings (
    board INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    order_utc_s INTEGER NOT NULL,
    utc_s INTEGER NOT NULL,
    offset_quarters INTEGER NOT NULL,
    trust INTEGER NOT NULL,
    uncertainty INTEGER NOT NULL,
    crossing_point TEXT NOT NULL,
    kind INTEGER NOT NULL,
    zone TEXT NOT NULL,
    card_uid TEXT NOT NULL,
    permit TEXT NOT NULL,
    direction INTEGER NOT NULL,
    assurance INTEGER NOT NULL,
    genuine INTEGER NOT NULL,
    recorded_party INTEGER NOT NULL,
    board_verdict INTEGER NOT NULL,
    outcome_seq INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    party INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    reasons INTEGER NOT NULL,
    causes INTEGER NOT NULL,
    notes INTEGER NOT NULL,
    waived INTEGER NOT NULL,
    rule_version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (board, epoch, seq)
)
 WITHOUT ROWID

;
CREATE INDEX crossings_by_card ON crossings (card_uid);
CREATE UNIQUE INDEX crossings_by_position ON crossings (position);
CREATE INDEX crossings_by_permit ON crossings (permit);
CREATE TABLE feed (
    position INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (position)
);
CREATE TABLE tally (
    crossing_point TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    crossings INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    PRIMARY KEY (crossing_point, verdict, reason)
)
 WITHOUT ROWID

;
CREATE TABLE frequent (
    permit TEXT NOT NULL,
    crossings INTEGER NOT NULL,
    PRIMARY KEY (permit)
);
