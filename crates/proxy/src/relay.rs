//! One client and the server it talks to: bytes in, through the session, bytes out, until one of them is done.

mod ends;
mod exit;
mod server;

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use policy::{Limits, ServerPolicy};
use store::AuditSink;
use wire::{Lines, Revision};

pub(crate) use self::{
    ends::{Input, Output},
    exit::{Leaving, Step},
    server::{Server, SharedProcess, hear, tell},
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

/// How often unanswered requests are looked at, where they may only wait so long.
const LOOK: Duration = Duration::from_millis(200);

/// What happens to a session from outside.
#[derive(Debug)]
pub(crate) enum Event {
    /// Stop: somebody sent us this signal, or does not want to wait.
    Stop(&'static str),
    /// Stop once the answers still in flight have arrived, for this reason.
    Drain(&'static str),
    /// From now on these rules apply.
    Policy(Arc<ServerPolicy>, Limits),
}

/// Where events come from.
pub(crate) trait Events {
    /// The next one. Loses nothing when dropped.
    fn next(&mut self) -> impl Future<Output = Event> + Send;

    /// Rules that came into force and were not told yet. What is read after they came is decided by them.
    fn newest(&mut self) -> Option<(Arc<ServerPolicy>, Limits)> {
        None
    }
}

/// A client at the guard's door, and what the guard knows of it. Outlives the servers that serve it.
pub(crate) struct Relay<A> {
    /// `None` once the client has closed its end.
    client_in: Option<Input>,
    client_out: Output,
    from_client: Lines,
    out: Outbox,
    max_frame_bytes: usize,
    pub(crate) patience: Patience,
    log: Arc<Log>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) session: Session<A>,
}

/// What a session is at, for those who watch from outside.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// Requests of the client that wait for the server.
    pub(crate) in_flight: AtomicUsize,
    revision: OnceLock<Revision>,
}

impl Pulse {
    /// The protocol revision, once known.
    pub(crate) fn revision(&self) -> Option<Revision> {
        self.revision.get().copied()
    }
}

/// How long we wait for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For answers still in flight, once the client has closed its end.
    pub(crate) drain: Duration,
    /// For the first word of a server that was just started.
    pub(crate) start: Option<Duration>,
    /// For the answer to any request.
    pub(crate) request: Option<Duration>,
}

/// How a server's life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) status: ExitStatus,
    /// The client left or we were told to stop: there is to be no other life.
    pub(crate) last: bool,
    /// It was of use: it took up its work and said something.
    pub(crate) useful: bool,
}

/// What a client without a server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// It said something, which waits to be passed on.
    Spoke,
    /// It left, or we were told to stop.
    Left,
    /// It has been silent until the time given.
    Due,
}

impl<A: AuditSink> Relay<A> {
    pub(crate) fn new(
        client: (Input, Output),
        session: Session<A>,
        max_frame_bytes: usize,
        patience: Patience,
        log: Arc<Log>,
    ) -> Self {
        let (client_in, client_out) = client;
        Self {
            client_in: Some(client_in),
            client_out,
            from_client: Lines::new(max_frame_bytes),
            out: Outbox::default(),
            max_frame_bytes,
            patience,
            log,
            pulse: Arc::default(),
            session,
        }
    }

    /// Waits until the client says something, which is kept for later, at most until the time given.
    pub(crate) async fn listen(&mut self, events: &mut impl Events, until: Option<Instant>) -> Call {
        loop {
            let to_client = self.out.waiting(Side::Client).len();
            tokio::select! {
                read = hear_client(&mut self.client_in, &mut self.from_client), if to_client < TOO_MUCH => {
                    if matches!(read, Ok(1..)) {
                        return Call::Spoke;
                    }
                    self.client_in = None;
                    return Call::Left;
                }
                sent = self.client_out.write(self.out.waiting(Side::Client)), if to_client > 0 => match sent {
                    Ok(sent) => self.out.sent(Side::Client, sent),
                    Err(_) => {
                        self.client_is_gone();
                        return Call::Left;
                    }
                },
                () = sleep_until(until) => return Call::Due,
                event = events.next() => match event {
                    Event::Stop(_) | Event::Drain(_) => return Call::Left,
                    Event::Policy(policy, limits) => self.session.set_policy(policy, &limits),
                },
            }
        }
    }

    /// Decides what the client has said, and answers its requests: there is no server, for the reason given.
    pub(crate) async fn refuse(&mut self, reason: &str) {
        let now = Clock::now();
        self.session.pass(Side::Client, &mut self.from_client, now, &mut self.out).await;
        self.session.server_gone(reason, now, &mut self.out).await;
        self.out.discard(Side::Server);
    }

    /// Carries messages between the client and `server` until the server's life is over.
    pub(crate) async fn live(&mut self, server: &mut Server, events: &mut impl Events) -> Life {
        let mut from_server = Lines::new(self.max_frame_bytes);
        let mut leaving = Leaving::new(self.patience.drain);
        let started = Instant::now();
        let (mut spoke, mut caught_up) = (false, false);
        self.session.restore(Clock::now(), &mut self.out).await;
        loop {
            if !caught_up && !self.session.is_restoring() {
                // What the client said before there was a server, or while its predecessor's work was taken up.
                caught_up = true;
                self.session.pass(Side::Client, &mut self.from_client, Clock::now(), &mut self.out).await;
            }
            let to_client = self.out.waiting(Side::Client).len();
            let to_server = self.out.waiting(Side::Server).len();
            let client_may_speak =
                to_server < ENOUGH && to_client < TOO_MUCH && caught_up && leaving.hears_client();
            let server_may_speak = to_client < ENOUGH && to_server < TOO_MUCH;
            let waiting = self.session.waiting();
            leaving.owed(waiting, to_client);
            // The server's input is closed only after the last byte for it was written.
            if leaving.closes_input() && to_server == 0 {
                server.input = None;
            }
            self.pulse.in_flight.store(waiting, Ordering::Relaxed);
            if let Some(revision) = self.session.revision() {
                let _ = self.pulse.revision.set(revision);
            }
            // What was not read of the client hides that it has left, and the server may never make room for it.
            let deaf = self.client_in.is_none() || !client_may_speak;
            let look = self.looks_again(spoke, deaf);
            let deadline = look.map_or(leaving.deadline(), |look| leaving.deadline().min(look));
            tokio::select! {
                read = hear_client(&mut self.client_in, &mut self.from_client), if client_may_speak => {
                    let now = Clock::now();
                    self.renew(events);
                    if matches!(read, Ok(1..)) {
                        self.session.pass(Side::Client, &mut self.from_client, now, &mut self.out).await;
                    } else {
                        self.client_in = None;
                        self.session.finish(Side::Client, &mut self.from_client, now, &mut self.out).await;
                        leaving.client_is_done();
                    }
                }
                read = hear(&mut server.output, from_server.space()), if server_may_speak => {
                    let now = Clock::now();
                    self.renew(events);
                    if matches!(read, Ok(1..)) {
                        spoke = true;
                        self.session.pass(Side::Server, &mut from_server, now, &mut self.out).await;
                        leaving.progress();
                    } else {
                        server.output = None;
                        self.session.finish(Side::Server, &mut from_server, now, &mut self.out).await;
                        leaving.server_is_silent();
                    }
                }
                sent = self.client_out.write(self.out.waiting(Side::Client)), if to_client > 0 => match sent {
                    Ok(sent) => {
                        self.out.sent(Side::Client, sent);
                        leaving.progress();
                    }
                    Err(_) => {
                        self.client_is_gone();
                        leaving.told_to_stop();
                    }
                },
                sent = tell(&mut server.input, self.out.waiting(Side::Server)), if to_server > 0 => match sent {
                    Ok(sent) => self.out.sent(Side::Server, sent),
                    // It reads no more. Its output will end too, or its answers still count.
                    Err(_) => self.out.discard(Side::Server),
                },
                status = server.process.wait() => leaving.server_exited(status),
                event = events.next() => match event {
                    Event::Stop(why) => {
                        self.log.info(format_args!("{why}: stopping"));
                        leaving.told_to_stop();
                    }
                    Event::Drain(why) => {
                        self.session.take_no_more(why);
                        leaving.drain();
                    }
                    Event::Policy(policy, limits) => self.session.set_policy(policy, &limits),
                },
                () = tokio::time::sleep_until(deadline.into()) => {}
            }
            if deaf && self.client_out.is_gone().await {
                self.client_is_gone();
                leaving.told_to_stop();
            }
            if let Some(patience) = self.patience.request {
                self.session.give_up_after(patience, Clock::now(), &mut self.out).await;
            }
            if let Some(why) = self.uselessness(spoke, started)
                && !leaving.has_begun()
            {
                self.log.warn(why);
                leaving.server_is_silent();
            }
            match leaving.next(Instant::now()) {
                Step::Wait => {}
                Step::Terminate => server.process.terminate_group(),
                Step::Kill => server.process.kill_group(),
                Step::Done(status) => {
                    let useful = spoke && !self.session.is_restoring();
                    self.session.server_gone(&status.reason(), Clock::now(), &mut self.out).await;
                    self.out.discard(Side::Server);
                    return Life { status, last: leaving.is_last(), useful };
                }
            }
        }
    }

    /// When to look again at who waits too long, if anybody can.
    fn looks_again(&self, spoke: bool, deaf: bool) -> Option<Instant> {
        let starts = self.patience.start.is_some() && !spoke;
        let waits = self.session.waiting() > 0 && (starts || self.patience.request.is_some());
        (deaf || waits).then(|| Instant::now() + LOOK)
    }

    /// Why the server is not worth waiting for.
    fn uselessness(&self, spoke: bool, started: Instant) -> Option<String> {
        if let Some(why) = self.session.not_restored() {
            return Some(format!("the server was started again but did not take up its work: {why}"));
        }
        let patience = self.patience.start.filter(|_| !spoke && self.session.waiting() > 0)?;
        (started.elapsed() >= patience)
            .then(|| format!("the server said nothing for {} s after its start", patience.as_secs()))
    }

    fn renew(&mut self, events: &mut impl Events) {
        if let Some((policy, limits)) = events.newest() {
            self.session.set_policy(policy, &limits);
        }
    }

    fn client_is_gone(&mut self) {
        self.out.discard(Side::Client);
        self.client_in = None;
    }

    /// Delivers what the client still waits for, as long as it reads, and then our last words.
    pub(crate) async fn farewell(&mut self, last: &[u8]) {
        while !self.out.waiting(Side::Client).is_empty() {
            let write = self.client_out.write(self.out.waiting(Side::Client));
            match tokio::time::timeout(exit::FAREWELL, write).await {
                Ok(Ok(sent)) => self.out.sent(Side::Client, sent),
                Ok(Err(_)) => return,
                Err(_) => return self.log.warn("the client does not read: answers were lost"),
            }
        }
        let _ = self.client_out.write(last).await;
        let _ = self.client_out.finish().await;
    }
}

async fn sleep_until(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}

/// Reads what the client says, or waits for ever if it has closed its end.
async fn hear_client(from: &mut Option<Input>, lines: &mut Lines) -> io::Result<usize> {
    match from {
        Some(from) => from.read(lines.space()).await,
        None => std::future::pending().await,
    }
}
