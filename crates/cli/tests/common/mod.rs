//! What several test programs use.
#![allow(dead_code, reason = "each program uses its part")]

pub(crate) mod client;
pub(crate) mod fake_server;
pub(crate) mod processes;
