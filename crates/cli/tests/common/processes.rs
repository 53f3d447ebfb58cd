//! Which processes are there.
#![allow(dead_code, reason = "each program uses its part")]

use std::ffi::OsStr;
use std::time::{Duration, Instant};

const GRACE: Duration = Duration::from_secs(3);

/// Kills every process that has this variable in its environment.
pub(crate) fn kill(key: &str, value: &OsStr) {
    for process in with_variable(key, value) {
        if let Some(pid) = rustix::process::Pid::from_raw(process.id) {
            // It may have ended by itself meanwhile.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// The command lines of the processes that still have this variable in their environment after a moment of grace.
#[expect(clippy::disallowed_methods, reason = "the thread is the test's own")]
pub(crate) fn left_over(key: &str, value: &OsStr) -> Vec<String> {
    let deadline = Instant::now() + GRACE;
    loop {
        let left: Vec<_> = with_variable(key, value).into_iter().map(|process| process.command).collect();
        if left.is_empty() || Instant::now() > deadline {
            return left;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until the process is gone.
#[expect(clippy::disallowed_methods, reason = "the thread is the test's own")]
pub(crate) fn assert_gone(pid: u64) {
    let start = Instant::now();
    while is_alive(pid) {
        assert!(start.elapsed() < Duration::from_secs(10), "process {pid} is still there");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether the process is there; a zombie is not.
pub(crate) fn is_alive(pid: u64) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

/// Processes whose parent this is, dead ones that nobody has waited for included.
pub(crate) fn children(of: u32) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{of}/task")).unwrap().flatten();
    let listed = tasks.map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
    listed.map(|children| children.split_whitespace().count()).sum()
}

/// A process and its command line.
pub(crate) struct Process {
    pub(crate) id: i32,
    pub(crate) command: String,
}

/// Clients put their servers into sessions of their own: only what they inherited tells whose they are.
#[cfg(target_os = "linux")]
pub(crate) fn with_variable(key: &str, value: &OsStr) -> Vec<Process> {
    let wanted = format!("{key}={}", value.display());
    let has_it =
        |environment: &[u8]| environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes());
    let running = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    running
        .filter(|id| {
            std::fs::read(format!("/proc/{id}/environ")).is_ok_and(|environment| has_it(&environment))
        })
        .map(|id: i32| {
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            Process { id, command: String::from_utf8_lossy(&line).replace('\0', " ") }
        })
        .collect()
}

/// Other systems do not show a process's environment to its user.
#[cfg(not(target_os = "linux"))]
pub(crate) fn with_variable(_key: &str, _value: &OsStr) -> Vec<Process> {
    Vec::new()
}
