//! How a session ends: who closed first, what is still owed, and how long we wait for it.

use std::{
    process,
    time::{Duration, Instant},
};

use crate::os::leader;

/// A server whose input is closed gets this long to end by itself.
const QUIET: Duration = Duration::from_millis(1500);

/// The same when somebody told us to stop: they will not wait long.
const TOLD: Duration = Duration::from_millis(500);

/// After SIGTERM, before SIGKILL.
const TERMINATED: Duration = Duration::from_millis(1500);

/// For the rest of a dead server's output, which something it started may hold open.
const DRAIN: Duration = Duration::from_millis(500);

/// For the client to read its last answers.
pub(crate) const FAREWELL: Duration = Duration::from_secs(5);

/// Far enough away to mean never.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// How the server ended, as an exit status for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// With this status.
    Code(u8),
    /// By this signal.
    Signal(u8),
    /// By our own hand, as the client wished.
    Stopped,
    /// It is no process of ours, and has forgotten what it was told.
    Forgetful,
}

impl ExitStatus {
    pub(crate) fn of(status: Option<process::ExitStatus>) -> Self {
        status.map_or(Self::Code(1), leader::exit_status)
    }

    /// The status to exit with, as a shell reports it.
    pub fn code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => signal.saturating_add(128),
            Self::Stopped => 0,
            Self::Forgetful => 1,
        }
    }

    /// Why requests stay unanswered.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Code(code) => format!("the server has exited with status {code}"),
            Self::Signal(signal) => format!("the server was killed by signal {signal}"),
            Self::Stopped => "the server was stopped".to_owned(),
            Self::Forgetful => "the server has forgotten the session".to_owned(),
        }
    }
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Wait,
    Terminate,
    Kill,
    Done(ExitStatus),
}

/// The state of leaving. Before anything happens it only waits.
#[derive(Debug)]
pub(crate) struct Leaving {
    /// How long answers still in flight are waited for once the client has closed its end.
    patience: Duration,
    begun: Option<Begun>,
    /// It was not the client that closed its end: the server must not notice before it has answered.
    draining: bool,
    /// Since when the client is owed nothing more.
    quiet_since: Option<Instant>,
    unsent: usize,
    /// The server has closed its output and can answer nothing more.
    silent: bool,
    /// When something last moved towards the client.
    moved: Instant,
    signalled: Option<Signalled>,
    exited: Option<(Instant, ExitStatus)>,
}

#[derive(Debug, Clone, Copy)]
struct Begun {
    at: Instant,
    why: Why,
}

/// Why we leave. A later one overrides an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// The server has closed its output.
    ServerSilent,
    /// The client has closed its end and may still read.
    ClientDone,
    /// By signal, or the client reads no more.
    Told,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signalled {
    Terminated(Instant),
    Killed,
}

impl Leaving {
    pub(crate) fn new(patience: Duration) -> Self {
        let moved = Instant::now();
        Self {
            patience,
            begun: None,
            draining: false,
            quiet_since: None,
            unsent: 0,
            silent: false,
            moved,
            signalled: None,
            exited: None,
        }
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// Whether we leave for good, and not because this server is of no more use.
    pub(crate) fn is_last(&self) -> bool {
        self.begun.is_some_and(|begun| begun.why != Why::ServerSilent)
    }

    pub(crate) fn client_is_done(&mut self) {
        self.draining = false;
        self.begin(Why::ClientDone);
    }

    /// There is to be nothing more, once the client has what it waits for.
    pub(crate) fn drain(&mut self) {
        self.draining |= !self.has_begun();
        self.begin(Why::ClientDone);
    }

    /// Whether what the client says is still heard.
    pub(crate) fn hears_client(&self) -> bool {
        self.draining || !self.has_begun()
    }

    /// Whether the server's input is to be closed.
    pub(crate) fn closes_input(&self) -> bool {
        self.has_begun() && (!self.draining || self.quiet_since.is_some())
    }

    pub(crate) fn server_is_silent(&mut self) {
        self.silent = true;
        self.begin(Why::ServerSilent);
    }

    pub(crate) fn told_to_stop(&mut self) {
        self.begin(Why::Told);
    }

    pub(crate) fn server_exited(&mut self, status: ExitStatus) {
        let ours = self.signalled.is_some() && self.begun.is_some_and(|begun| begun.why != Why::ServerSilent);
        self.exited = Some((Instant::now(), if ours { ExitStatus::Stopped } else { status }));
    }

    /// Something was read from the server or written to the client.
    pub(crate) fn progress(&mut self) {
        self.moved = Instant::now();
    }

    /// Notes what the client still waits for: requests, and bytes it has not read.
    pub(crate) fn owed(&mut self, waiting: usize, unsent: usize) {
        self.unsent = unsent;
        if (waiting > 0 && !self.silent) || unsent > 0 {
            self.quiet_since = None;
        } else if self.begun.is_some() {
            self.quiet_since.get_or_insert_with(Instant::now);
        }
    }

    fn begin(&mut self, why: Why) {
        if self.begun.is_none_or(|begun| begun.why < why) {
            self.begun = Some(Begun { at: Instant::now(), why });
        }
    }

    /// When to look again if nothing happens.
    pub(crate) fn deadline(&self) -> Instant {
        match (self.exited, self.signalled, self.begun) {
            (Some((at, _)), ..) => self.drained_at(at),
            (None, Some(Signalled::Terminated(at)), _) => at + TERMINATED,
            (None, None, Some(begun)) => self.end_of_patience(begun),
            (None, Some(Signalled::Killed), _) | (None, None, None) => Instant::now() + NEVER,
        }
    }

    pub(crate) fn next(&mut self, now: Instant) -> Step {
        if let Some((at, status)) = self.exited {
            return if self.silent || now >= self.drained_at(at) { Step::Done(status) } else { Step::Wait };
        }
        match (self.signalled, self.begun) {
            (Some(Signalled::Terminated(at)), _) if now >= at + TERMINATED => {
                self.signalled = Some(Signalled::Killed);
                Step::Kill
            }
            (None, Some(begun)) if now >= self.end_of_patience(begun) => {
                self.signalled = Some(Signalled::Terminated(now));
                Step::Terminate
            }
            _ => Step::Wait,
        }
    }

    /// When the rest of a dead server's output is given up: something it started may hold it open.
    fn drained_at(&self, exited: Instant) -> Instant {
        exited.max(self.moved) + if self.unsent > 0 { FAREWELL } else { DRAIN }
    }

    fn end_of_patience(&self, begun: Begun) -> Instant {
        match (begun.why, self.quiet_since) {
            (Why::ClientDone, Some(quiet)) => quiet + QUIET,
            (Why::ClientDone, None) => begun.at + self.patience,
            (Why::ServerSilent | Why::Told, _) => begun.at + TOLD,
        }
    }
}
