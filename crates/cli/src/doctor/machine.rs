use proxy::Clock;

use super::finding::Finding;
use crate::os;

/// Fewer file descriptors than this are soon used up: a client takes about six of the daemon's.
const DESCRIPTORS: u64 = 1024;

/// 2025-01-01, in milliseconds since 1970: a clock before it was never set.
const NEVER_SET: u64 = 1_735_689_600_000;

pub(super) fn check(findings: &mut Vec<Finding>) {
    let now = Clock::now().wall_ms;
    findings.push(match now {
        0..NEVER_SET => Finding::fail(
            "clock",
            "the clock is not set: records would be dated wrong and deleted too early or late",
            "set it, or let it be set over the network",
        ),
        _ => Finding::ok("clock", jiff::Timestamp::from_millisecond(now.cast_signed()).unwrap_or_default()),
    });
    findings.push(match os::open_files() {
        Some(limit) if limit < DESCRIPTORS => Finding::warn(
            "descriptors",
            format!("at most {limit} files may be open (ulimit -n)"),
            format!("`ulimit -n {DESCRIPTORS}` before the daemon is started"),
        ),
        Some(limit) => Finding::ok("descriptors", format!("{limit} files may be open")),
        None => Finding::ok("descriptors", "any number of files may be open"),
    });
}
