use crate::{DecisionId, Direction, Era, Kind, StoreError, Verdict};

/// Longest name, target, command line or principal kept, in bytes; the rest is cut.
pub const TEXT_CAP: usize = 512;
/// Longest findings text kept, in bytes; the rest is cut, and what is left may then be no valid JSON.
pub const FINDINGS_CAP: usize = 64 * 1024;

/// Where records go before the frames they tell of may leave.
pub trait AuditSink {
    /// Records all of a batch or nothing of it, and is done when it is recorded.
    ///
    /// # Errors
    /// Nothing of the batch was recorded, so none of its frames may leave. The sink recovers by
    /// itself: the caller simply calls again with the next batch.
    fn record(&mut self, batch: &[Record<'_>]) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// One frame or event and what was decided. Holds no values: the caller masks every text.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The decision, from [`Ids`](crate::Ids).
    pub id: DecisionId,
    /// The session it belongs to.
    pub session: SessionId,
    /// A frame or which event.
    pub kind: Kind,
    /// `None` for events that travel nowhere.
    pub direction: Option<Direction>,
    /// The protocol revision, once known.
    pub era: Option<Era>,
    /// The JSON-RPC method; for a response the one it answers. Cut to [`TEXT_CAP`].
    pub method: Option<&'a str>,
    /// Tool name, resource URI or prompt name, masked. Cut to [`TEXT_CAP`].
    pub target: Option<&'a str>,
    /// What became of it.
    pub verdict: Verdict,
    /// What would have become of it under an enforcing profile, where that differs.
    pub would: Option<Verdict>,
    /// The findings as a JSON text, masked; `None` if there are none. Cut to [`FINDINGS_CAP`].
    pub findings: Option<&'a str>,
    /// From the arrival of the frame, or of the frames read with it, until it was decided, in microseconds.
    pub guard_us: u32,
    /// For a response: time since its request was forwarded, in microseconds.
    pub round_trip_us: Option<u32>,
    /// Size of the frame as it was read, in bytes.
    pub bytes: u64,
}

/// What is known when a guarded session begins. The caller masks every text; each is cut to
/// [`TEXT_CAP`].
#[derive(Debug, Clone, Copy)]
pub struct SessionStart<'a> {
    /// Milliseconds since 1970.
    pub started_ms: u64,
    /// Who uses the guard.
    pub principal: &'a str,
    /// The server's name in the configuration.
    pub server: &'a str,
    /// The server's command line, masked.
    pub command: &'a str,
    /// Hash of the compiled policy.
    pub policy_hash: &'a str,
    /// The profile in force, such as `balanced`.
    pub profile: &'a str,
    /// The guard's process id.
    pub pid: u32,
}

/// Names a session in the file it was started in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(i64);

impl SessionId {
    /// A session by its row in the `sessions` table.
    pub const fn from_row(row: i64) -> Self {
        Self(row)
    }

    /// The row in the `sessions` table.
    pub const fn row(self) -> i64 {
        self.0
    }
}

/// The longest beginning of `text` that fits `cap` bytes and ends between characters.
pub(crate) fn cut(text: &str, cap: usize) -> &str {
    if text.len() <= cap {
        return text;
    }
    text.get(..text.floor_char_boundary(cap)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_keeps_characters_whole() {
        assert_eq!(cut("héllo", 2), "h");
        assert_eq!(cut("héllo", 3), "hé");
        assert_eq!(cut("héllo", 6), "héllo");
        assert_eq!(cut("日本", 1), "");
    }
}
