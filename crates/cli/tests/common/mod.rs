//! What several test programs use.
#![allow(dead_code, reason = "each program uses its part")]

pub(crate) mod client;
pub(crate) mod fake_server;
#[cfg(unix)]
pub(crate) mod gateway;
pub(crate) mod processes;
