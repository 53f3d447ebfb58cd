//! The audit store: one record per decided frame, written before the frame leaves.
//!
//! [`SqliteAudit`] writes, [`AuditReader`] reads; both may be used by many processes on one file.
//! The store keeps exactly what it is given, cut to a length: callers mask names, URIs, command
//! lines and findings first, and never hand over argument or result values.
//!
//! Beside it stands what limits are counted by: [`Counters`], kept by [`SqliteCounters`].

mod codes;
mod counters;
mod error;
mod id;
mod reader;
mod record;
mod shared;
mod sqlite;

pub use codes::{Direction, Era, Kind, ParseCodeError, Verdict};
pub use counters::{Boot, Charge, Consumed, Counters, Moment, SharedCounters};
pub use error::StoreError;
pub use id::{DecisionId, Ids, ParseIdError};
pub use reader::{AuditReader, Entry, Filter, Follow, SessionInfo};
pub use record::{AuditSink, FINDINGS_CAP, Record, SessionId, SessionStart, TEXT_CAP};
pub use shared::{AuditHealth, SharedAudit};
pub use sqlite::{AuditOptions, SqliteAudit, SqliteCounters};
