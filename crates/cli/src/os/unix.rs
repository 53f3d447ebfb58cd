use std::{fs::Metadata, os::unix::fs::MetadataExt, path::Path};

use rustix::process::{Resource, Rlimit, geteuid, getrlimit, getuid, setrlimit};

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

/// Lets us, and what we start, have that many files open, or as many as the system lets us.
pub(crate) fn allow_open_files(wanted: u64) {
    let now = getrlimit(Resource::Nofile);
    let most = now.maximum.map_or(wanted, |most| most.min(wanted));
    if now.current.is_some_and(|current| current < most) {
        // We go on with what there is: past it connections wait.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..now });
    }
}

/// Our user's number.
pub(crate) fn user_id() -> u32 {
    getuid().as_raw()
}
