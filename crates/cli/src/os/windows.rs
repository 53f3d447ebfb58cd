//! What safe Rust cannot ask here is not told. No test covers it.

use std::{fs::Metadata, path::Path};

use super::Access;

/// How to look for oneself when [`free_space`] cannot tell.
pub(crate) const LOOK_AT_DISKS: &str = "look with `fsutil volume diskfree`";

/// There are access lists in the place of modes.
pub(crate) fn access(_found: &Metadata) -> Option<Access> {
    None
}

/// Not told.
pub(crate) fn free_space(_folder: &Path) -> Option<u64> {
    None
}

/// Any number.
pub(crate) fn open_files() -> Option<u64> {
    None
}

/// There is nothing to ask for.
pub(crate) fn allow_open_files(_wanted: u64) {}

/// Users have no numbers; only services of other systems ask for ours.
pub(crate) fn user_id() -> u32 {
    0
}
