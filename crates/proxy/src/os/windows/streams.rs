//! A standard stream may be a pipe that can only block, so that a thread has to.
#![expect(clippy::disallowed_methods, reason = "the thread they hop through is needed here")]

use std::{io, pin::Pin, thread::JoinHandle};

use tokio::io::{AsyncRead, AsyncWrite};

/// The standard input of this process.
#[expect(clippy::unnecessary_wraps, reason = "the same on every system")]
pub(crate) fn input() -> io::Result<Pin<Box<dyn AsyncRead + Send>>> {
    Ok(Box::pin(tokio::io::stdin()))
}

/// The standard output of this process. Flushing it is enough to have all of it written.
#[expect(clippy::type_complexity, clippy::unnecessary_wraps, reason = "the same on every system")]
pub(crate) fn output() -> io::Result<(Pin<Box<dyn AsyncWrite + Send>>, Option<JoinHandle<()>>)> {
    Ok((Box::pin(tokio::io::stdout()), None))
}

/// Whether whoever read our standard output has closed it. Windows tells only by a write that fails.
pub(crate) fn output_is_closed() -> bool {
    false
}
