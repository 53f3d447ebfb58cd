//! Guards a server that we start and talk to over its standard streams, for a client that did the same to us
//! (MCP 2025-11-25 basic/transports §stdio).

mod ends;
mod exit;
mod server;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use store::AuditSink;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{ChildStdin, ChildStdout},
    signal::unix::{Signal, SignalKind, signal},
};
use wire::Lines;

use self::{
    ends::{Input, Output},
    exit::{Leaving, Step},
    server::Server,
};
pub use self::{
    exit::ExitStatus,
    server::{Command, SpawnError},
};
use crate::{Clock, Log, Outbox, Session, Side};

/// What waits for a slow reader may grow to this before we stop reading the other side, in bytes.
const ENOUGH: usize = 1024 * 1024;

/// Answers of our own may pile up to this for a side that sends and does not read, in bytes.
const TOO_MUCH: usize = 64 * 1024 * 1024;

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

/// Starts the server and guards it until one side is done; `Ok` is what to exit with.
///
/// # Errors
/// The server cannot be started, or our own streams cannot be used.
pub async fn run<A: AuditSink>(
    command: &Command,
    session: &mut Session<A>,
    max_frame_bytes: usize,
    patience: Duration,
    log: &Arc<Log>,
) -> Result<ExitStatus, RunError> {
    let mut server = Server::start(command)?;
    let watch = |what| move |source| RunError::Watch { what, source };
    let mut relay = Relay {
        client_in: Some(Input::ours().map_err(watch("standard input"))?),
        client_out: Output::ours().map_err(watch("standard output"))?,
        from_client: Lines::new(max_frame_bytes),
        from_server: Lines::new(max_frame_bytes),
        out: Outbox::default(),
        leaving: Leaving::new(patience),
        log,
        session,
    };
    let mut stop = StopSignals::new().map_err(watch("signals"))?;
    let status = relay.drive(&mut server, &mut stop).await;
    relay.farewell().await;
    Ok(status)
}

/// Everything between the two sides but the server process itself.
struct Relay<'a, A> {
    /// `None` once the client has closed its end.
    client_in: Option<Input>,
    client_out: Output,
    from_client: Lines,
    from_server: Lines,
    out: Outbox,
    leaving: Leaving,
    log: &'a Arc<Log>,
    session: &'a mut Session<A>,
}

impl<A: AuditSink> Relay<'_, A> {
    async fn drive(&mut self, server: &mut Server, stop: &mut StopSignals) -> ExitStatus {
        loop {
            let to_client = self.out.waiting(Side::Client).len();
            let to_server = self.out.waiting(Side::Server).len();
            let client_may_speak = to_server < ENOUGH && to_client < TOO_MUCH && !self.leaving.has_begun();
            let server_may_speak = to_client < ENOUGH && to_server < TOO_MUCH;
            // The server's input is closed only after the last byte for it was written.
            if self.leaving.has_begun() && to_server == 0 {
                server.input = None;
            }
            self.leaving.owed(self.session.waiting(), to_client);
            let deadline = self.leaving.deadline();
            tokio::select! {
                read = hear_client(&mut self.client_in, &mut self.from_client), if client_may_speak => self.client_said(read).await,
                read = hear_server(&mut server.output, &mut self.from_server), if server_may_speak => {
                    self.server_said(read, server).await;
                }
                sent = self.client_out.write(self.out.waiting(Side::Client)), if to_client > 0 => match sent {
                    Ok(sent) => {
                        self.out.sent(Side::Client, sent);
                        self.leaving.progress();
                    }
                    Err(_) => self.client_is_gone(),
                },
                sent = write(&mut server.input, self.out.waiting(Side::Server)), if to_server > 0 => match sent {
                    Ok(sent) => self.out.sent(Side::Server, sent),
                    // It reads no more. Its output will end too, or its answers still count.
                    Err(_) => self.out.discard(Side::Server),
                },
                status = server.process.wait() => self.leaving.server_exited(status),
                name = stop.recv() => {
                    self.log.line(format_args!("{name}: stopping"));
                    self.leaving.told_to_stop();
                }
                () = tokio::time::sleep_until(deadline.into()) => {}
            }
            match self.leaving.next(Instant::now()) {
                Step::Wait => {}
                Step::Terminate => server.process.terminate_group(),
                Step::Kill => server.process.kill_group(),
                Step::Done(status) => {
                    self.session.server_gone(&status.reason(), Clock::now(), &mut self.out).await;
                    return status;
                }
            }
        }
    }

    async fn client_said(&mut self, read: io::Result<usize>) {
        let now = Clock::now();
        if matches!(read, Ok(1..)) {
            self.session.pass(Side::Client, &mut self.from_client, now, &mut self.out).await;
        } else {
            self.client_in = None;
            self.session.finish(Side::Client, &mut self.from_client, now, &mut self.out).await;
            self.leaving.client_is_done();
        }
    }

    async fn server_said(&mut self, read: io::Result<usize>, server: &mut Server) {
        let now = Clock::now();
        if matches!(read, Ok(1..)) {
            self.session.pass(Side::Server, &mut self.from_server, now, &mut self.out).await;
            self.leaving.progress();
        } else {
            server.output = None;
            self.session.finish(Side::Server, &mut self.from_server, now, &mut self.out).await;
            self.leaving.server_is_silent();
        }
    }

    fn client_is_gone(&mut self) {
        self.out.discard(Side::Client);
        self.client_in = None;
        self.leaving.told_to_stop();
    }

    /// Delivers what the client still waits for, as long as it reads.
    async fn farewell(&mut self) {
        while !self.out.waiting(Side::Client).is_empty() {
            let write = self.client_out.write(self.out.waiting(Side::Client));
            match tokio::time::timeout(exit::FAREWELL, write).await {
                Ok(Ok(sent)) => self.out.sent(Side::Client, sent),
                Ok(Err(_)) => return,
                Err(_) => return self.log.line("the client does not read: answers were lost"),
            }
        }
        let _ = self.client_out.finish().await;
    }
}

/// Reads what the client says, or waits for ever if it has closed its end.
async fn hear_client(from: &mut Option<Input>, lines: &mut Lines) -> io::Result<usize> {
    match from {
        Some(from) => from.read(lines.space()).await,
        None => std::future::pending().await,
    }
}

/// Reads what the server says, or waits for ever if it has closed its end.
async fn hear_server(from: &mut Option<ChildStdout>, lines: &mut Lines) -> io::Result<usize> {
    match from {
        Some(from) => from.read_buf(lines.space()).await,
        None => std::future::pending().await,
    }
}

/// Writes some; an error if there is nothing to write to.
async fn write(to: &mut Option<ChildStdin>, bytes: &[u8]) -> io::Result<usize> {
    match to {
        Some(to) => to.write(bytes).await,
        None => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// The signals that ask us to stop.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl StopSignals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn recv(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }
}
