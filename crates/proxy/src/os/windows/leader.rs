use std::{io, process};

use process_wrap::tokio::{ChildWrapper, CommandWrap, JobObject, KillOnDrop};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

use crate::relay::ExitStatus;

/// A process in a job object of its own: what it starts is ended with it, and all of it when we end, however we do.
pub(crate) struct Leader(Box<dyn ChildWrapper>);

impl Leader {
    pub(crate) fn start(command: Command) -> io::Result<Self> {
        // Dropped, it closes the job, and a job that is closed ends what is in it.
        CommandWrap::from(command).wrap(JobObject).wrap(KillOnDrop).spawn().map(Self)
    }

    pub(crate) fn streams(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        (self.0.stdin().take(), self.0.stdout().take(), self.0.stderr().take())
    }

    /// Its number, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.0.id()
    }

    /// Waits until it has ended, whatever becomes of what it started.
    pub(crate) async fn wait(&mut self) -> io::Result<process::ExitStatus> {
        // The job itself would wait for all of them.
        self.0.inner_mut().wait().await
    }

    /// Its input was closed long before: that was the way to ask. There is no other.
    pub(crate) fn terminate(&mut self) {
        self.kill();
    }

    /// Ends it and what it started.
    pub(crate) fn kill(&mut self) {
        // They may be gone already; that is what we want.
        let _ = self.0.start_kill();
    }
}

/// How a process ended, as an exit status for us. One that is no byte, as after an exception, must not become 0.
pub(crate) fn exit_status(status: process::ExitStatus) -> ExitStatus {
    let code = status.code().unwrap_or(1);
    ExitStatus::Code(u8::try_from(code).unwrap_or(u8::MAX))
}
