//! What moves frames: a front towards the client, a session that remembers, an upstream towards the server.
//!
//! [`Session`] is the heart and does no I/O: bytes in, decisions recorded, bytes out. [`stdio::run`] drives one
//! between our own standard streams and those of a server we start.

mod backoff;
pub mod bridge;
mod clock;
pub mod daemon;
pub mod gateway;
mod link;
pub mod local;
mod log;
mod meter;
mod os;
pub mod pins;
mod relay;
mod remembered;
mod rules;
mod session;
mod share;
mod stderr;
pub mod stdio;

pub use self::{
    clock::Clock,
    log::Log,
    meter::Meter,
    os::{background, files::only_ours, reaper::reap, user::ourselves},
    relay::{Command, ExitStatus, SpawnError},
    session::{Outbox, Outlet, Session, Side},
};

/// The variable of our environment that holds a key which callers of the gateway must show.
pub const API_KEY: &str = "MCP_GUARD_API_KEY";
