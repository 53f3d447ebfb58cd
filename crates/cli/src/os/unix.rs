use std::{fs::Metadata, os::unix::fs::MetadataExt, path::Path};

use rustix::process::{Resource, geteuid, getrlimit, getuid};

use super::Access;

/// How to look for oneself when [`free_space`] cannot tell.
pub(crate) const LOOK_AT_DISKS: &str = "look with `df`";

/// Who may do what with a file; `None` where the system does not tell.
#[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
pub(crate) fn access(found: &Metadata) -> Option<Access> {
    Some(Access { owner: found.uid(), ours: found.uid() == geteuid().as_raw(), mode: found.mode() & 0o7777 })
}

/// Bytes that we may still write to the disk of this folder; `None` where the system does not tell.
pub(crate) fn free_space(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// How many files we may have open; `None` for any number.
pub(crate) fn open_files() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// Our user's number.
pub(crate) fn user_id() -> u32 {
    getuid().as_raw()
}
