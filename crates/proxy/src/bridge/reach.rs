use std::{
    io,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::io::AsyncReadExt;

use super::Link;
use crate::{
    Command,
    local::{Ask, LocalError, Lock, Place, Surroundings, dial, running},
};

/// How long a daemon that somebody else starts may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Between two looks at whether it is there.
const LOOK: Duration = Duration::from_millis(5);

/// How to get a connection to the daemon.
pub(super) struct Reach {
    place: Place,
    ask: Ask,
    start: Command,
}

impl Reach {
    pub(super) fn new(place: Place, server: String, config: Option<PathBuf>, start: Command) -> Self {
        Self { place, ask: Ask::Connect { server, config, surroundings: Surroundings::ours() }, start }
    }

    /// A connection to the daemon, which is started if there is none and that is wanted. When many bridges are
    /// without one, one of them starts it and the others wait.
    pub(super) async fn daemon(&self, may_start: bool) -> Result<Link, LocalError> {
        let since = Instant::now();
        loop {
            let absence = match dial(&self.place, self.ask.clone()).await {
                Ok(dialled) => return Ok(dialled.into()),
                Err(error) if error.is_absence() && may_start => error,
                Err(error) => return Err(error),
            };
            // One that is ending, or that somebody else has just started, is waited for.
            if running(&self.place)?.is_none()
                && let Some(_lock) = Lock::of_the_starter(&self.place)?
            {
                // Somebody may have started it since we looked.
                match dial(&self.place, self.ask.clone()).await {
                    Err(error) if error.is_absence() => {}
                    dialled => return Ok(dialled?.into()),
                }
                if let Err(error) = self.start().await
                    && running(&self.place)?.is_none()
                {
                    return Err(error);
                }
            }
            if since.elapsed() > PATIENCE {
                return Err(absence);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Runs the command that starts the daemon; it ends when the daemon is ready.
    async fn start(&self) -> Result<(), LocalError> {
        let Command { program, args, env, .. } = &self.start;
        let mut command = tokio::process::Command::new(program);
        command.args(args).envs(env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut start = command.spawn()?;
        let mut stderr = start.stderr.take().ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        let said = tokio::spawn(async move {
            let mut said = Vec::new();
            let _ = stderr.read_to_end(&mut said).await;
            said
        });
        // Not until its standard error ends: on Windows the daemon inherits that, and keeps it open.
        if start.wait().await?.success() {
            return Ok(());
        }
        let said = said.await.map_err(io::Error::other)?;
        let said = String::from_utf8_lossy(&said);
        Err(LocalError::NotStarted(said.trim().trim_start_matches("error: ").to_owned()))
    }
}
