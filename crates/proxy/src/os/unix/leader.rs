use std::{io, os::unix::process::ExitStatusExt, process};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use crate::relay::ExitStatus;

/// A process that leads a process group of its own: what it starts is ended with it.
pub(crate) struct Leader {
    child: Child,
    group: Option<Pid>,
}

impl Leader {
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Self { child, group })
    }

    pub(crate) fn streams(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdin.take(), self.child.stdout.take(), self.child.stderr.take())
    }

    /// Its number, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until it has ended, whatever becomes of what it started.
    pub(crate) async fn wait(&mut self) -> io::Result<process::ExitStatus> {
        self.child.wait().await
    }

    /// Asks it, and what it started, to end.
    pub(crate) fn terminate(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Ends it and what it started.
    pub(crate) fn kill(&mut self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // The group may be gone already; that is what we want.
            let _ = kill_process_group(group, signal);
        }
    }
}

/// How a process ended, as an exit status for us.
pub(crate) fn exit_status(status: process::ExitStatus) -> ExitStatus {
    let low_byte = |number: i32| u8::try_from(number & 0xff).unwrap_or(u8::MAX);
    match (status.code(), status.signal()) {
        (Some(code), _) => ExitStatus::Code(low_byte(code)),
        (None, Some(signal)) => ExitStatus::Signal(low_byte(signal)),
        (None, None) => ExitStatus::Code(1),
    }
}
