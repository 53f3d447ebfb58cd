//! Nothing to do: a job object that nobody holds any longer, however its holder ended, ends what is in it.

use std::{
    io::{self, BufRead},
    sync::Arc,
};

/// What ends servers of a daemon that was killed: the system.
#[derive(Debug)]
pub(crate) struct Reaper;

/// A server that is ended if we are killed.
pub(crate) struct Watched;

impl Reaper {
    #[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
    pub(crate) fn start(_program: &str, _args: &[String]) -> io::Result<Self> {
        Ok(Self)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
    pub(crate) fn watch(self: &Arc<Self>, _server: u32) -> io::Result<Watched> {
        Ok(Watched)
    }
}

/// What the reaper of other systems does.
pub fn reap(_from: impl BufRead) {}
