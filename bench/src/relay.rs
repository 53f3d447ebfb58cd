//! The bare byte relay: two wake-ups each way and nothing else, so the floor for anything in the middle.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};

/// As much as a pipe holds by default on Linux.
const READ_SIZE: usize = 64 * 1024;

/// Starts `server` and copies bytes both ways until it is gone.
///
/// # Errors
/// Standard input and output must be pipes.
pub(crate) fn run(server: &[OsString]) -> anyhow::Result<ExitCode> {
    let (program, args) = server.split_first().context("no server to relay to")?;
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(relay(Command::new(program).args(args)))
}

async fn relay(server: &mut Command) -> anyhow::Result<ExitCode> {
    let mut child = server.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let to_server: OwnedFd = child.stdin.take().context("no pipe to the server")?.into();
    let from_server: OwnedFd = child.stdout.take().context("no pipe from the server")?.into();
    let requests = copy(
        Receiver::from_owned_fd(io::stdin().as_fd().try_clone_to_owned()?)?,
        Sender::from_owned_fd(to_server)?,
    );
    let answers = copy(
        Receiver::from_owned_fd(from_server)?,
        Sender::from_owned_fd(io::stdout().as_fd().try_clone_to_owned()?)?,
    );
    tokio::spawn(requests);
    answers.await?;
    let status = child.wait()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn copy(mut from: Receiver, mut to: Sender) -> io::Result<()> {
    let mut buffer = vec![0; READ_SIZE];
    loop {
        let read = from.read(&mut buffer).await?;
        match buffer.get(..read) {
            None | Some([]) => return Ok(()),
            Some(bytes) => to.write_all(bytes).await?,
        }
    }
}
