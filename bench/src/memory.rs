//! Resident memory of a process, as the kernel counts it.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

use crate::session::Session;

/// Time for a process to finish what the handshake set off.
const SETTLING: Duration = Duration::from_millis(300);

/// One arm: the process the client started, without the server behind it. Mebibytes.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) arm: String,
    pub(crate) resident: f64,
    pub(crate) resident_anonymous: f64,
}

/// Reads what each arm holds now.
///
/// # Errors
/// `/proc` does not tell: not Linux, or the process is gone.
pub(crate) fn measure(arms: &[(String, Session)]) -> anyhow::Result<Vec<Row>> {
    #[expect(clippy::disallowed_methods, reason = "the client has one thread and nothing else to do")]
    thread::sleep(SETTLING);
    let row = |(arm, session): &(String, Session)| {
        let path = format!("/proc/{}/status", session.pid());
        let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        Ok(Row {
            arm: arm.clone(),
            resident: mebibytes(&status, "VmRSS:")?,
            resident_anonymous: mebibytes(&status, "RssAnon:")?,
        })
    };
    arms.iter().map(row).collect()
}

/// What a process holds now, in mebibytes.
///
/// # Errors
/// `/proc` does not tell: not Linux, or the process is gone.
pub(crate) fn resident(pid: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{pid}/status");
    mebibytes(&fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?, "VmRSS:")
}

fn mebibytes(status: &str, key: &str) -> anyhow::Result<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kibibytes: f64 = kibibytes.with_context(|| format!("no {key} in the status"))?.trim().parse()?;
    Ok(kibibytes / 1024.0)
}
