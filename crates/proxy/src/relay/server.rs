use std::{collections::BTreeMap, io, path::PathBuf, process::Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use super::ExitStatus;

/// How to start the server. Never taken from the network: always argv, never a shell.
#[derive(Clone)]
pub struct Command {
    /// The program, looked up in `PATH`.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables set for it on top of our own environment.
    pub env: BTreeMap<String, String>,
    /// The folder it starts in; ours if `None`.
    pub folder: Option<PathBuf>,
}

/// The server was not started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start the server `{program}`: {source}{}", hint(.source))]
pub struct SpawnError {
    program: String,
    source: io::Error,
}

impl SpawnError {
    /// The status a shell gives for the same mishap: 127 not found, 126 not executable.
    pub fn exit_code(&self) -> u8 {
        if self.source.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
    }
}

fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "; is it installed, and is its folder in PATH?",
        io::ErrorKind::PermissionDenied => "; is it executable?",
        _ => "",
    }
}

/// The server's process and its streams.
pub(crate) struct Server {
    /// `None` once closed.
    pub(crate) input: Option<ChildStdin>,
    /// `None` once it has ended.
    pub(crate) output: Option<ChildStdout>,
    /// What it prints for people, if that was asked for.
    pub(crate) stderr: Option<ChildStderr>,
    pub(crate) process: Process,
}

/// The server's process, and everything it starts.
pub(crate) struct Process {
    child: Child,
    /// The server leads a process group of its own.
    group: Option<Pid>,
    exited: bool,
}

impl Server {
    pub(crate) fn start(command: &Command, stderr: Stdio) -> Result<Self, SpawnError> {
        let mut child = tokio::process::Command::new(&command.program);
        if let Some(folder) = &command.folder {
            child.current_dir(folder);
        }
        let spawned = child
            .args(&command.args)
            .envs(&command.env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .process_group(0)
            .kill_on_drop(true)
            .spawn();
        let mut child = spawned.map_err(|source| SpawnError { program: command.program.clone(), source })?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let (input, output, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        Ok(Self { input, output, stderr, process: Process { child, group, exited: false } })
    }
}

impl Process {
    /// Waits for it to end; for ever if it has ended already.
    pub(crate) async fn wait(&mut self) -> ExitStatus {
        if self.exited {
            return std::future::pending().await;
        }
        let status = self.child.wait().await;
        self.exited = true;
        ExitStatus::of(status.ok())
    }

    /// Its number, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub(crate) fn terminate_group(&self) {
        self.signal(Signal::TERM);
    }

    pub(crate) fn kill_group(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // The group may be gone already; that is what we want.
            let _ = kill_process_group(group, signal);
        }
    }
}

/// Whatever happens to us, nothing the server started outlives the session.
impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
    }
}
