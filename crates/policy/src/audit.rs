use std::path::PathBuf;

/// What is kept of each decision, where and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSettings {
    /// Whether frames are recorded at all. With `false` nothing can be explained afterwards.
    pub enabled: bool,
    /// The database file; `None` means the default place in the state folder.
    pub path: Option<PathBuf>,
    /// Days a record is kept.
    pub retention_days: u32,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { enabled: true, path: None, retention_days: 90 }
    }
}
