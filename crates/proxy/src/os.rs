//! What operating systems do differently, under the same names for each. Nothing else here asks which one it is.
//!
//! | module | is about |
//! |---|---|
//! | `background` | the daemon's own process: it outlives a terminal, and is ended from outside |
//! | `files` | what only its user may read or change |
//! | `leader` | a server's process, and everything it starts |
//! | `reaper` | servers that must not outlive a daemon that was killed |
//! | `service` | telling whoever started the daemon how far it is |
//! | `signals` | being told to stop |
//! | `socket` | where the daemon listens, and who is at the other end |
//! | `streams` | our own standard input and output |
//! | `user` | who we are |

/// What pipes lack and sockets have. Tested on every system.
#[cfg(any(windows, test))]
mod pipe;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use self::unix::background;
#[cfg(unix)]
pub(crate) use self::unix::{files, leader, reaper, service, signals, socket, streams, user};
#[cfg(windows)]
pub use self::windows::background;
#[cfg(windows)]
pub(crate) use self::windows::{files, leader, reaper, service, signals, socket, streams, user};
