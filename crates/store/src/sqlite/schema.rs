/// What a database file of ours is for.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Marks the file (`PRAGMA application_id`).
    pub(crate) application_id: i64,
    /// The newest form this version knows (`PRAGMA user_version`).
    pub(crate) version: i64,
    /// Bytes of a page. A commit writes whole pages.
    pub(crate) page_bytes: u32,
    /// The statements that create its tables.
    pub(crate) tables: &'static str,
}

/// What was decided: "MGau".
pub(crate) const AUDIT: Schema = Schema {
    application_id: 0x4d47_6175,
    version: 1,
    page_bytes: 2048,
    tables: "
CREATE TABLE sessions(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    principal TEXT NOT NULL,
    server TEXT NOT NULL,
    command TEXT NOT NULL,
    policy_hash TEXT NOT NULL,
    profile TEXT NOT NULL,
    pid INTEGER NOT NULL
);
CREATE TABLE records(
    id INTEGER PRIMARY KEY,
    session INTEGER,
    kind INTEGER,
    direction INTEGER,
    era INTEGER,
    method TEXT,
    target TEXT,
    verdict INTEGER,
    would INTEGER,
    findings TEXT,
    guard_us INTEGER,
    round_trip_us INTEGER,
    bytes INTEGER
);
",
};

/// What decisions depend on and sessions do not end with: "MGst".
pub(crate) const STATE: Schema = Schema {
    application_id: 0x4d47_7374,
    version: 1,
    page_bytes: 1024,
    tables: "
CREATE TABLE buckets(
    key TEXT PRIMARY KEY,
    boot BLOB NOT NULL,
    at_ns INTEGER NOT NULL,
    wall_ns INTEGER NOT NULL,
    full_ns INTEGER NOT NULL,
    full_part INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
",
};
