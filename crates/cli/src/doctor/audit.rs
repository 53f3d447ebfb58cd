use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use policy::Policy;
use proxy::Clock;
use store::{AuditOptions, AuditReader, Filter, SessionStart, SqliteAudit, StoreError};

use super::finding::Finding;
use crate::{configuration, os};

const CHECK: &str = "audit";

/// Less free space than this stops the guard soon, in bytes.
const SCARCE: u64 = 256 << 20;

/// Less than this stops it now, in bytes.
const NONE: u64 = 4 << 20;

/// Clocks of one machine do not differ by more.
const SKEW: Duration = Duration::from_secs(60);

/// Whether what passes can be recorded: what cannot does not pass.
pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    if !policy.audit().enabled {
        let remedy = "take audit.enabled: false out of the configuration";
        findings.push(Finding::warn(CHECK, "nothing is recorded: audit.enabled is false", remedy));
        return;
    }
    let path = match configuration::audit_file(policy) {
        Ok(path) => path,
        Err(failure) => return findings.push(Finding::error(CHECK, failure)),
    };
    let folder = existing(path.parent().unwrap_or(Path::new(".")));
    findings.push(space(&folder));
    if let Err(error) = written(&path, &folder) {
        return findings.push(Finding::error(CHECK, error));
    }
    findings.push(Finding::ok(CHECK, format!("{} can be written", path.display())));
    findings.extend(newest(&path).and_then(ahead_of_time));
}

/// Tries to record, and leaves nothing behind: an audit beside the real one is written, the real one only opened.
fn written(path: &Path, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| {
        format!(
            "cannot write to {}: {error}; make the folder writable for you, or set audit.path",
            folder.display()
        )
    };
    let scratch = tempfile::tempdir_in(folder).map_err(failed)?;
    let said = |error: StoreError| error.to_string();
    let mut audit =
        SqliteAudit::open(&scratch.path().join("audit.db"), AuditOptions::default()).map_err(said)?;
    let start = SessionStart {
        started_ms: Clock::now().wall_ms,
        principal: "doctor",
        server: "",
        command: "",
        policy_hash: "",
        profile: "",
        pid: std::process::id(),
    };
    audit.start_session(&start).map_err(said)?;
    drop(audit);
    if path.parent().is_some_and(Path::exists) && path.symlink_metadata().is_ok() {
        SqliteAudit::open(path, AuditOptions::default()).map_err(said)?;
    } else if path.parent() == Some(folder) {
        // The folder is there and the file is not: what is asked of the folder is asked when it is opened.
        return folder_is_private(folder);
    }
    Ok(())
}

fn folder_is_private(folder: &Path) -> Result<(), String> {
    let found = folder.metadata().map_err(|error| error.to_string())?;
    match os::access(&found).map(|access| access.mode & 0o022) {
        None | Some(0) => Ok(()),
        _ => Err(format!(
            "other users can write to {}; run `chmod 700 {}`",
            folder.display(),
            folder.display()
        )),
    }
}

fn space(folder: &Path) -> Finding {
    let Some(free) = os::free_space(folder) else {
        return Finding::warn(
            CHECK,
            format!("cannot tell the free space at {}", folder.display()),
            os::LOOK_AT_DISKS,
        );
    };
    judge(free, folder)
}

/// Of this many free bytes.
fn judge(free: u64, folder: &Path) -> Finding {
    let text = format!("{} MiB are free at {}", free >> 20, folder.display());
    let remedy = "free some, or set audit.path to another disk: what cannot be recorded does not pass";
    match free {
        0..NONE => Finding::fail(CHECK, text, remedy),
        NONE..SCARCE => Finding::warn(CHECK, text, remedy),
        _ => Finding::ok(CHECK, text),
    }
}

/// When the newest record was made, in milliseconds since 1970.
fn newest(path: &Path) -> Option<u64> {
    let newest = Filter { limit: Some(1), ..Filter::default() };
    let mut records = AuditReader::open(path).ok()?.query(&newest).ok()?;
    Some(records.pop()?.id.unix_ms())
}

fn ahead_of_time(newest_ms: u64) -> Option<Finding> {
    let ahead = Duration::from_millis(newest_ms.saturating_sub(Clock::now().wall_ms));
    let text = format!("the newest record is {} s in the future", ahead.as_secs());
    let remedy = "set the clock right: records go on where the newest one stands until the time has come";
    (ahead > SKEW).then(|| Finding::warn("clock", text, remedy))
}

/// The folder, or the nearest one above it that is there.
fn existing(folder: &Path) -> PathBuf {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    here.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_disk_that_fills_up_is_told_before_it_is_full() {
        let state = |free| judge(free, Path::new("/")).state;
        assert_eq!([state(0), state(100 << 20), state(1 << 30)], [State::Fail, State::Warn, State::Ok]);
    }

    #[test]
    fn records_of_tomorrow_are_told() {
        let now = Clock::now().wall_ms;
        assert!(ahead_of_time(now).is_none() && ahead_of_time(now + 5_000).is_none());
        assert!(ahead_of_time(now + 86_400_000).is_some_and(|finding| finding.state == State::Warn));
    }
}
