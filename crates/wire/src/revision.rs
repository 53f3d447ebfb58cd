use std::fmt;

/// A revision of the MCP specification, as named on the wire (`protocolVersion`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// HTTP+SSE; stateful.
    V2024_11_05,
    /// Streamable HTTP; the only revision with batches.
    V2025_03_26,
    /// Structured content, elicitation.
    V2025_06_18,
    /// The last revision with a handshake.
    V2025_11_25,
    /// Stateless; `server/discover` and per-request `_meta`.
    V2026_07_28,
}

impl Revision {
    /// Every revision, oldest first.
    pub const ALL: [Self; 5] =
        [Self::V2024_11_05, Self::V2025_03_26, Self::V2025_06_18, Self::V2025_11_25, Self::V2026_07_28];

    /// The revisions with a handshake (`initialize`), oldest first.
    pub const LEGACY: [Self; 4] =
        [Self::V2024_11_05, Self::V2025_03_26, Self::V2025_06_18, Self::V2025_11_25];

    /// The revisions without state, oldest first.
    pub const MODERN: [Self; 1] = [Self::V2026_07_28];

    /// The newest revision with a handshake: what is offered to a peer of whom nothing is known.
    pub const LATEST_LEGACY: Self = Self::V2025_11_25;

    /// The newest revision.
    pub const LATEST: Self = Self::V2026_07_28;

    /// The revision of that name, if it is one we know.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.name() == name)
    }

    /// The name on the wire, a date.
    pub fn name(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// Whether each request stands for itself (MCP 2026-07-28 basic §Statelessness): no handshake, no session, and what
    /// the client is and can do comes in `_meta`.
    pub fn is_modern(self) -> bool {
        self >= Self::V2026_07_28
    }

    /// Whether frames may come as JSON-RPC batches (MCP 2025-03-26 basic §Batching; removed in 2025-06-18).
    pub fn has_batches(self) -> bool {
        self == Self::V2025_03_26
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_revision_is_of_one_era() {
        assert_eq!([Revision::LEGACY.as_slice(), &Revision::MODERN].concat(), Revision::ALL);
        assert!(Revision::LEGACY.iter().all(|revision| !revision.is_modern()));
        assert!(Revision::MODERN.iter().all(|revision| revision.is_modern()));
        assert_eq!(Revision::LEGACY.last(), Some(&Revision::LATEST_LEGACY));
        assert_eq!(Revision::ALL.last(), Some(&Revision::LATEST));
    }
}
