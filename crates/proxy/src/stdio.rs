//! Guards a server that we start and talk to over its standard streams, for a client that did the same to us
//! (MCP 2025-11-25 basic/transports §stdio).

use std::{io, process::Stdio, sync::Arc, time::Duration};

use store::AuditSink;

use crate::{
    Log, Session,
    os::signals::StopSignals,
    relay::{Command, Event, Events, ExitStatus, Input, Output, Patience, Relay, Server, SpawnError},
};

/// Why the guard could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The server was not started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// The operating system refused us a stream or a signal.
    #[error("cannot watch {what}: {source}")]
    Watch {
        /// What we wanted to watch.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Starts the server and guards it until one side is done. Gives what to exit with, and the session's audit.
///
/// `patience` is how long answers still in flight are waited for once the client has closed its end.
pub async fn run<A: AuditSink>(
    command: &Command,
    session: Session<A>,
    max_frame_bytes: usize,
    patience: Duration,
    log: &Arc<Log>,
) -> (Result<ExitStatus, RunError>, Option<A>) {
    let prepare = || {
        let server = Server::start(command, Stdio::inherit())?;
        let watch = |what| move |source| RunError::Watch { what, source };
        let input = Input::ours().map_err(watch("standard input"))?;
        let output = Output::ours().map_err(watch("standard output"))?;
        Ok((server, (input, output), StopSignals::new().map_err(watch("signals"))?))
    };
    let (mut server, client, mut stop) = match prepare() {
        Ok(prepared) => prepared,
        Err(error) => return (Err(error), session.into_audit()),
    };
    let patience = Patience { drain: patience, start: None, request: None };
    let mut relay = Relay::new(client, session, max_frame_bytes, patience, Arc::clone(log));
    let life = relay.live(&mut server, &mut stop).await;
    relay.farewell(&[]).await;
    (Ok(life.status), relay.session.into_audit())
}

impl Events for StopSignals {
    async fn next(&mut self) -> Event {
        Event::Stop(self.recv().await)
    }
}
