//! What a daemon's process is to those who start and end it.

use std::{
    os::windows::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
};

/// `CREATE_NEW_PROCESS_GROUP`: Ctrl-C at our console is not for it.
const NEW_GROUP: u32 = 0x0000_0200;
/// `DETACHED_PROCESS`: it has no console that could close.
const DETACHED: u32 = 0x0000_0008;

/// Has a command that is about to be started outlive our console.
pub fn prepare(command: &mut Command) {
    command.creation_flags(DETACHED | NEW_GROUP);
}

/// Leaves the console: [`prepare`] has seen to that.
pub fn settle() {}

/// Asks a process to end: there is no way to ask one without a window or a console.
pub fn terminate(_process: u32) {}

/// Ends a process. Safe Rust cannot, so the system's own program does.
pub fn kill(process: u32) {
    // Not by its name alone: the current folder is searched first.
    let Some(windows) = std::env::var_os("SystemRoot") else { return };
    let taskkill = PathBuf::from(windows).join(r"System32\taskkill.exe");
    let mut command = Command::new(taskkill);
    command.args(["/F", "/PID"]).arg(process.to_string());
    // It may be gone already; that is what we want.
    let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}
