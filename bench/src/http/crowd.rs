//! Idle sessions: what each of them holds in the memory of the process in between.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::arm::Arm;
use super::call::Era;
use super::connection::Connection;
use super::report::brief;
use crate::memory;

/// Files a process needs beside those of the sessions.
const OTHER_FILES: usize = 250;

/// What a client leaves open of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The session alone.
    Nothing,
    /// The connection that opened it.
    Connection,
    /// The session's stream.
    Stream,
}

impl Kept {
    pub(crate) const ALL: [Self; 3] = [Self::Nothing, Self::Connection, Self::Stream];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Connection => "its connection",
            Self::Stream => "its GET stream",
        }
    }
}

/// How much is measured.
pub(crate) struct Plan {
    /// Numbers of sessions.
    pub(crate) steps: Vec<usize>,
    /// Time for a process to give back what is idle.
    pub(crate) settling: Duration,
    /// How many files a process may open.
    pub(crate) files: usize,
}

/// What an arm held with more and more sessions: their number, and mebibytes.
pub(crate) struct Row {
    pub(crate) arm: String,
    pub(crate) kept: Kept,
    pub(crate) steps: Vec<(usize, f64)>,
    /// Why there are no more steps.
    pub(crate) failure: Option<String>,
}

impl Row {
    /// Kilobytes for each session that came from one step to the next.
    pub(crate) fn each_more(&self) -> impl Iterator<Item = f64> {
        self.steps.iter().zip(self.steps.iter().skip(1)).map(|(before, after)| kilobytes(*before, *after))
    }

    /// Kilobytes for each of all sessions.
    pub(crate) fn each_of_all(&self) -> f64 {
        self.steps.first().zip(self.steps.last()).map_or(0.0, |(first, last)| kilobytes(*first, *last))
    }
}

fn kilobytes(before: (usize, f64), after: (usize, f64)) -> f64 {
    (after.1 - before.1) * f64::from(1 << 20) / 1e3 / (after.0 - before.0) as f64
}

/// Lets this process, and those it starts from here on, open as many files as it may; their number.
///
/// # Errors
/// The system refuses what it allows.
pub(crate) fn allow_files() -> anyhow::Result<usize> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(maximum.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX)))
}

impl Kept {
    /// How many sessions a process can carry that may open so many files: a stream has one end at the client and one at the upstream.
    fn at_most(self, files: usize) -> usize {
        let each = if self == Self::Stream { 2 } else { 1 };
        files.saturating_sub(OTHER_FILES) / each
    }
}

/// Opens sessions at a fresh arm, up to each number that is planned as far as files suffice, and reads its memory there,
/// until a session is refused: for want of files, or by a limit of the arm's.
pub(crate) fn measure(arm: &Arm, kept: Kept, plan: &Plan) -> Row {
    let mut row = Row { arm: arm.name.clone(), kept, steps: Vec::new(), failure: None };
    let steps = [0].into_iter().chain(plan.steps.iter().map(|&step| step.min(kept.at_most(plan.files))));
    if let Err(error) = climb(arm, kept, steps, plan.settling, &mut row.steps) {
        eprintln!("{} failed: {error:#}; {}", arm.name, arm.last_words());
        row.failure = Some(brief(&error));
    }
    row
}

fn climb(
    arm: &Arm,
    kept: Kept,
    steps: impl Iterator<Item = usize>,
    settling: Duration,
    reached: &mut Vec<(usize, f64)>,
) -> anyhow::Result<()> {
    let pid = arm.pid().context("nothing is in between")?;
    let mut clients = Vec::new();
    let mut streams: Vec<TcpStream> = Vec::new();
    let mut opened = 0;
    for step in steps {
        eprintln!("{}: {step} sessions, each keeping {}", arm.name, kept.name());
        while opened < step {
            let mut client = match clients.pop() {
                Some(client) if kept == Kept::Nothing => client,
                last => {
                    clients.extend(last);
                    Connection::connect(&arm.endpoint, Era::Legacy)?
                }
            };
            client.open().with_context(|| format!("session {opened}"))?;
            if kept == Kept::Stream {
                streams.push(client.listen().with_context(|| format!("stream {opened}"))?);
            } else {
                clients.push(client);
            }
            opened += 1;
        }
        #[expect(clippy::disallowed_methods, reason = "the client has one thread and nothing else to do")]
        thread::sleep(settling);
        reached.push((opened, memory::resident(pid)?));
    }
    Ok(())
}
