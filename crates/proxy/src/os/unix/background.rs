//! What a daemon's process is to those who start and end it.

use std::process::Command;

use rustix::process::{Pid, Signal, kill_process, setsid};

/// Has a command that is about to be started outlive our terminal. Here it sees to that itself, in [`settle`].
pub fn prepare(_command: &mut Command) {}

/// Leaves the terminal: one that closes must not take us along.
pub fn settle() {
    // It fails only if we lead a session already.
    let _ = setsid();
}

/// Asks a process to end.
pub fn terminate(process: u32) {
    signal(process, Signal::TERM);
}

/// Ends a process.
pub fn kill(process: u32) {
    signal(process, Signal::KILL);
}

fn signal(process: u32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(process.cast_signed()).filter(|pid| pid.as_raw_nonzero().get() > 1) {
        // It may be gone already; that is what we want.
        let _ = kill_process(pid, signal);
    }
}
