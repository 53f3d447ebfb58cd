use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    pin::Pin,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    process::ChildStderr,
    sync::watch,
};

use super::ExitStatus;
use crate::os::{
    leader::Leader,
    reaper::{Reaper, Watched},
};

/// How to start the server. Never taken from the network: always argv, never a shell.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// The program, looked up in `PATH`.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, but for `env`; ours if `None`.
    pub base_env: Option<BTreeMap<String, String>>,
    /// Variables set for it on top.
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

/// The server's streams and its process.
pub(crate) struct Server {
    /// `None` once closed.
    pub(crate) input: Option<Pin<Box<dyn AsyncWrite + Send>>>,
    /// `None` once it has ended.
    pub(crate) output: Option<Pin<Box<dyn AsyncRead + Send>>>,
    /// What it prints for people, if that was asked for.
    pub(crate) stderr: Option<ChildStderr>,
    pub(crate) process: Process,
}

/// Reads what a server says, or waits for ever if it has closed its end.
pub(crate) async fn hear(
    from: &mut Option<Pin<Box<dyn AsyncRead + Send>>>,
    into: &mut BytesMut,
) -> io::Result<usize> {
    match from {
        Some(from) => from.read_buf(into).await,
        None => std::future::pending().await,
    }
}

/// Writes some of it to a server; an error if there is nothing to write to.
pub(crate) async fn tell(
    to: &mut Option<Pin<Box<dyn AsyncWrite + Send>>>,
    bytes: &[u8],
) -> io::Result<usize> {
    match to {
        Some(to) => to.write(bytes).await,
        None => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// What runs the server.
pub(crate) enum Process {
    /// A process of its own.
    Own(Own),
    /// One that others use as well.
    Shared(SharedProcess),
}

/// A server's process, and everything it starts.
pub(crate) struct Own {
    leader: Leader,
    exited: bool,
    /// Ends the group should we be killed.
    watched: Option<Watched>,
}

/// A process that is not ours to end; we can only leave it.
pub(crate) struct SharedProcess {
    id: Option<u32>,
    ended: watch::Receiver<Option<ExitStatus>>,
    left: AtomicBool,
    exited: bool,
}

impl Server {
    pub(crate) fn start(command: &Command, stderr: Stdio) -> Result<Self, SpawnError> {
        let mut child = tokio::process::Command::new(&command.program);
        if let Some(folder) = &command.folder {
            child.current_dir(folder);
        }
        if let Some(base) = &command.base_env {
            child.env_clear().envs(base);
        }
        // It lets callers in to us; a server has no use for it but to call in their place.
        child.env_remove(crate::API_KEY);
        child
            .args(&command.args)
            .envs(&command.env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr);
        let mut leader =
            Leader::start(child).map_err(|source| SpawnError { program: command.program.clone(), source })?;
        let (input, output, stderr) = leader.streams();
        Ok(Self {
            input: input.map(|input| Box::pin(input) as _),
            output: output.map(|output| Box::pin(output) as _),
            stderr,
            process: Process::Own(Own { leader, exited: false, watched: None }),
        })
    }

    /// A part in a server that others use as well.
    pub(crate) fn shared(
        input: impl AsyncWrite + Send + 'static,
        output: impl AsyncRead + Send + 'static,
        process: SharedProcess,
    ) -> Self {
        Self {
            input: Some(Box::pin(input)),
            output: Some(Box::pin(output)),
            stderr: None,
            process: Process::Shared(process),
        }
    }

    /// Has the process ended should we be killed.
    pub(crate) fn watch(&mut self, reaper: &Arc<Reaper>) -> io::Result<()> {
        if let Process::Own(own) = &mut self.process
            && let Some(group) = own.leader.id()
        {
            own.watched = Some(reaper.watch(group)?);
        }
        Ok(())
    }
}

impl Process {
    /// Waits for it to end; for ever if it has ended already.
    pub(crate) async fn wait(&mut self) -> ExitStatus {
        match self {
            Self::Own(own) => own.wait().await,
            Self::Shared(shared) => shared.wait().await,
        }
    }

    /// Its number, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        match self {
            Self::Own(own) => own.leader.id(),
            Self::Shared(shared) => shared.id,
        }
    }

    pub(crate) fn terminate_group(&mut self) {
        match self {
            Self::Own(own) => own.leader.terminate(),
            Self::Shared(shared) => shared.left.store(true, Ordering::Relaxed),
        }
    }

    pub(crate) fn kill_group(&mut self) {
        match self {
            Self::Own(own) => own.leader.kill(),
            Self::Shared(shared) => shared.left.store(true, Ordering::Relaxed),
        }
    }
}

impl Own {
    async fn wait(&mut self) -> ExitStatus {
        if self.exited {
            return std::future::pending().await;
        }
        let status = self.leader.wait().await;
        self.exited = true;
        ExitStatus::of(status.ok())
    }
}

/// Whatever happens to us, nothing the server started outlives the session.
impl Drop for Own {
    fn drop(&mut self) {
        self.leader.kill();
    }
}

impl SharedProcess {
    pub(crate) fn new(id: Option<u32>, ended: watch::Receiver<Option<ExitStatus>>) -> Self {
        Self { id, ended, left: AtomicBool::new(false), exited: false }
    }

    async fn wait(&mut self) -> ExitStatus {
        if self.exited {
            return std::future::pending().await;
        }
        let status = if self.left.load(Ordering::Relaxed) {
            ExitStatus::Stopped
        } else {
            let ended = self.ended.wait_for(Option::is_some).await;
            ended.ok().and_then(|ended| *ended).unwrap_or(ExitStatus::Stopped)
        };
        self.exited = true;
        status
    }
}

impl std::fmt::Debug for Command {
    /// Leaves out everything that can hold a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Command").field("program", &self.program).finish_non_exhaustive()
    }
}
